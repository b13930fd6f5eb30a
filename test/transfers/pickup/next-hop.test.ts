/** Why a call cannot move on: cases in which the request, the settings or earlier attempts leave no next place. */
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

t.test('given a request without a later fallback, then there is no next place', async (t) => {
  t.strictSame(await findFrom({}), { blockedBy: 'there is no later fallback' })
  t.strictSame(
    await findFrom({ fallback: [{ type: 'callback' }] }),
    { blockedBy: 'there is no later fallback' },
    'a callback does not count as one',
  )
})

t.test('given a later fallback that is the current place, then there is no next place', async (t) => {
  t.strictSame(await findFrom({ override: ['loop'] }, { fallbackQueueId: queueId }), { blockedBy: 'there is no later fallback' })
})

t.test('given a key that may not use the configured fallback queue, then there is no next place', async (t) => {
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

t.test('given a skill without a queue and no default queue, then there is no next place, and the reason is named', async (t) => {
  t.match(await findFrom({ fallback: [{ type: 'skill', skillId }] }), { blockedBy: /no DEFAULT_QUEUE_ID/ })
})
