/** A key with only `transfers:write` changes its own transfers, does not learn that others exist, and reads none (docs/architecture.md#callers). */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { createApiKey, scopes, type NewApiKey, type Scope } from '../../src/auth/api-key.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { startTestSystem } from '../support/test-system.ts'

const createKey = (label: string, ...keyScopes: Scope[]): NewApiKey =>
  createApiKey({ scopes: keyScopes, label, queues: null, now: Date.now() })
const [other, writer, readerAndWriter] = [
  createKey('other', ...scopes),
  createKey('writer', 'transfers:write'),
  createKey('reader and writer', 'transfers:write', 'transfers:read'),
]
const wrapLedger = (ledger: Ledger): Ledger =>
  Object.assign(ledger, { listApiKeys: async () => [other, writer, readerAndWriter].map(({ stored }) => stored) })

test('given calls that wait in a queue, when a key with transfers:write alone uses them, then it can change its own, and it can read none', async (t) => {
  const { control, request } = await startTestSystem(t, {}, {}, { wrapLedger })
  const sendAs = (key: NewApiKey, method: string, path: string, body?: object) =>
    request(method, path, body, { authorization: `Bearer ${key.text}` })
  async function sendToQueue(key: NewApiKey) {
    const queueId = control.addQueue().id
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const { status, body } = await sendAs(key, 'POST', '/v1/transfers', { conversationId, target: { type: 'queue', queueId } })
    t.equal(status, 202)
    return { id: body.id, queueId, conversationId }
  }
  const [others, own] = [await sendToQueue(other), await sendToQueue(writer)]

  const refused = await sendAs(writer, 'PATCH', `/v1/transfers/${others.id}`, { priority: 9 })
  t.match(refused, { status: 404, body: { code: 'NOT_FOUND' } })
  const unknown = randomUUID()
  const { body } = await sendAs(writer, 'PATCH', `/v1/transfers/${unknown}`, { priority: 9 })
  t.strictSame({ ...refused.body, detail: refused.body.detail.replace(others.id, unknown) }, body, 'as if it did not exist')
  t.match((await sendAs(other, 'GET', `/v1/transfers/${others.id}`)).body, { resolvedTarget: { priority: 0 } }, 'and it is unchanged')
  t.match(await sendAs(writer, 'PATCH', `/v1/transfers/${own.id}`, { priority: 9 }), {
    status: 202,
    body: { id: own.id, resolvedTarget: { priority: 9 } },
  })
  t.match(await sendAs(readerAndWriter, 'PATCH', `/v1/transfers/${others.id}`, { priority: 8 }), {
    status: 202,
    body: { id: others.id, resolvedTarget: { priority: 8 } },
  })

  for (const { id } of [others, own])
    for (const path of [`/v1/transfers/${id}`, `/v1/architect/transfers/${id}`, `/v1/transfers/${id}/audit`, '/v1/transfers'])
      t.match(await sendAs(writer, 'GET', path), { status: 403, body: { code: 'FORBIDDEN' } }, path)
})
