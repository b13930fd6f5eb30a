/** Which code an unexpected error gets: it depends on whether the request may have moved a call. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'

const settlerKey = `hk_settler_${'s'.repeat(43)}`

t.test('given an unexpected error', async (t) => {
  const system = await startTestSystem(t, {
    API_KEYS: `${settlerKey}:transfers:settle,${operationsKey}:transfers:write+transfers:read`,
  })
  const fail = () => Promise.reject(new TypeError('broken inside'))
  Object.assign(system.app.transfers, { submit: fail, settle: fail })
  system.app.ledger.findTransfer = fail
  const queueId = randomUUID()
  const conversationId = randomUUID()

  t.test('when the request may have moved a call, then the outcome is unknown and the request must not be repeated', async (t) => {
    for (const [path, body] of [
      ['/v1/transfers', { conversationId, target: { type: 'queue', queueId } }],
      ['/v1/architect/transfers', { conversationId, targetType: 'queue', targetId: queueId }],
    ] as const)
      t.match(
        await system.request('POST', path, body),
        { status: 500, body: { code: 'OUTCOME_UNKNOWN', status: 500, retryable: false } },
        path,
      )
  })

  t.test('when the request only reads, then it is an internal error and may be repeated', async (t) => {
    for (const path of [`/v1/transfers/${randomUUID()}`, `/v1/architect/transfers/${randomUUID()}`])
      t.match(await system.request('GET', path), { status: 500, body: { code: 'INTERNAL_ERROR', retryable: true } }, path)
  })

  t.test('when the request changes something else, then it is an internal error and must not be repeated', async (t) => {
    const settlement = { state: 'rejected', reason: 'the recording shows it' }
    const headers = { authorization: `Bearer ${settlerKey}` }
    t.match(await system.request('POST', `/v1/transfers/${randomUUID()}/settle`, settlement, headers), {
      status: 500,
      body: { code: 'INTERNAL_ERROR', retryable: false },
    })
  })
})
