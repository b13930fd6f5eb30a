/** A time is refused if it does not exist, is a leap second, or is outside the years 0000 to 9999 in UTC: on each route that takes one, in an address and in a body. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { readServedDocument } from './served-document.ts'
import { sendRaw } from './raw-request.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'

const invalidTimes = [
  '2026-02-30T00:00:00Z',
  '2016-12-31T23:59:60Z',
  '0000-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '+010000-01-01T00:00:00Z',
  '-000001-01-01T00:00:00Z',
]
const conversationId = randomUUID()

test('given a time that does not exist, is a leap second or has no year of four digits, when it is sent, then it is refused with the name of its field', async (t) => {
  const system = await startTestSystem(t)
  const { violations } = await readServedDocument(system.url)
  const inBody = (time: string): Array<[path: string, body: object, field: string]> => {
    const target = { type: 'callback', queueId: randomUUID(), callbackNumber: '+13175550123', scheduledAt: time }
    return [
      ['/v1/webhook-redeliveries', { since: time }, 'since'],
      ['/v1/webhook-redeliveries', { since: '2026-01-01T00:00:00Z', until: time }, 'until'],
      ['/v1/transfers', { conversationId, target }, 'target.scheduledAt'],
      [
        '/v1/transfers',
        { conversationId, target: { type: 'queue', queueId: randomUUID() }, fallback: [target] },
        'fallback[0].scheduledAt',
      ],
    ]
  }
  const inQuery = ['/v1/transfers', '/v1/transfers/summary', '/v1/audit', '/v1/webhook-deliveries'].flatMap((path) =>
    ['since', 'until'].map((name) => [path, name] as const),
  )
  const expectRefusal = (response: Awaited<ReturnType<typeof sendRaw>>, field: string, description: string): void => {
    t.match(response, { status: 400, body: { code: 'INVALID_REQUEST', retryable: false } }, description)
    t.equal(String(response.body['field']).replace(/^body\./, ''), field, description)
    t.strictSame(violations('Problem', response.body), [], description)
    if (description.includes(':60Z')) t.match(response.body['detail'], /leap second/, description)
  }
  const headers = { authorization: `Bearer ${operationsKey}` }
  for (const time of invalidTimes) {
    for (const [path, name] of inQuery) {
      const response = await sendRaw(system.url, 'GET', `${path}?${name}=${encodeURIComponent(time)}`, headers)
      expectRefusal(response, `query.${name}`, `${name}=${time} at ${path}`)
    }
    for (const [path, body, field] of inBody(time)) {
      const jsonHeaders = { ...headers, 'content-type': 'application/json' }
      expectRefusal(await sendRaw(system.url, 'POST', path, jsonHeaders, JSON.stringify(body)), field, `${field} ${time} at ${path}`)
    }
  }
  t.equal(system.control.requests().counts['GET /conversations/{id}'], undefined, 'the platform is not asked')
})
