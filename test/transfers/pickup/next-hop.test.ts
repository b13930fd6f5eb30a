/** To which place a call can move on, where the request or the settings leave none. */
import t from 'tap'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { firstHop } from '../../../src/model/hop.ts'
import { findNextHop } from '../../../src/transfers/pickup/next-hop.ts'
import type { Rules, StageContext } from '../../../src/transfers/stage-context.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const queueId = '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5d'
const otherQueueId = '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5e'
const skillId = '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5f'
const findFrom = (fields: Partial<TransferRecord>, rules: Partial<Rules> = {}) =>
  findNextHop(createTestRecord({ transferPath: [`queue:${queueId}`], ...fields }), {
    rules: { loopSecret: 'secret', ...rules },
    clock: () => 0,
  } as unknown as StageContext)

t.test('given a request without a later place, then there is none', async (t) => {
  t.strictSame(await findFrom({}), { blockedBy: 'there is no later fallback' })
  t.strictSame(await findFrom({ fallback: [{ type: 'callback' }] }), { blockedBy: 'there is no later fallback' }, 'a callback is none')
})

t.test('given a later place that is the same as the current one, then it is none', async (t) => {
  t.strictSame(await findFrom({ override: ['loop'] }, { fallbackQueueId: queueId }), { blockedBy: 'there is no later fallback' })
})

t.test('given a key that may not use the configured fallback queue, then that is none', async (t) => {
  t.strictSame(await findFrom({ allowedQueues: [queueId] }, { fallbackQueueId: otherQueueId }), {
    blockedBy: 'there is no later fallback',
  })
})

t.test('given a place to which the platform would not move the call, then it is not tried again', async (t) => {
  const hop = { ...firstHop, refusedCandidates: [1] }
  t.strictSame(await findFrom({ fallback: [{ type: 'queue', queueId: otherQueueId }], hop }), {
    blockedBy: `the platform did not move the call to queue:${otherQueueId}`,
  })
})

t.test('given settings that lack what a place needs, then the call stays, and the reason is named', async (t) => {
  t.match(await findFrom({ fallback: [{ type: 'skill', skillId }] }), { blockedBy: /no DEFAULT_QUEUE_ID/ })
})
