/** What a flow is told when no outcome has come in time: the open transfer that its request repeats, however the request is written. */
import t from 'tap'
import { parseFlatRequest } from '../../src/architect/flat-request.ts'
import { createFlatTransfers } from '../../src/architect/flat-transfers.ts'
import { normalizeRequest } from '../../src/transfers/request/normalize-request.ts'
import { createTestRecord } from '../support/transfer-record.ts'

const id = (last: number): string => `8c2f1a54-3d6b-4f0e-9a71-00000000000${last}`
const rules = { defaultQueueId: id(9).toUpperCase(), fallbackQueueId: undefined, deadlineMs: 8_000 }
const conversationId = id(1)

/** Asks for a target while the only open transfer of the conversation is for `stored`, and nothing else answers. */
function ask(stored: Parameters<typeof createTestRecord>[0], fields: object) {
  const record = createTestRecord({ conversationId, state: 'executing', ...stored })
  const flatTransfers = createFlatTransfers({
    transfers: { submit: () => new Promise(() => {}) },
    ledger: { nodeId: 'node', findTransfer: async () => undefined, findOpenTransfers: async () => [record] },
    rules,
    clock: () => 10_000,
  })
  const request = normalizeRequest(parseFlatRequest({ conversationId, targetType: 'callback', ...fields }), { traceparent: '' }, rules)
  return flatTransfers.submit(request, { id: 'ops', queues: null }, 0).then(({ transferId }) => transferId === record.id)
}

t.test('given an open transfer, when its request is repeated in other words, then the answer is about this transfer', async (t) => {
  t.ok(await ask({ target: { type: 'callback' } }, { targetId: id(9) }), 'the default queue is spelled out')
  t.ok(await ask({ target: { type: 'skill', skillIds: [id(2)], queueId: id(9) } }, { targetType: 'skill', targetId: id(2).toUpperCase() }))
  t.ok(await ask({ target: { queueId: id(3).toUpperCase(), type: 'queue' } }, { targetType: 'queue', queueId: id(3), priority: 5 }))
})

t.test('given an open transfer, when something else is requested, then the answer is not about this transfer', async (t) => {
  for (const [stored, fields] of [
    [{ target: { type: 'callback' } }, { targetId: id(8) }],
    [{ target: { type: 'callback' }, mode: 'decide' }, { targetId: id(9) }],
    [{ target: { type: 'skill' } }, { targetType: 'skill', targetId: id(2) }],
  ] satisfies Array<Parameters<typeof ask>>)
    await t.rejects(ask(stored, fields), { code: 'STORE_UNAVAILABLE' })
})
