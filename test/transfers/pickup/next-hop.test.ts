/** Where an unanswered call moves on to, and why it cannot: cases in which the request, the settings or earlier attempts leave no next place. */
import t from 'tap'
import { toStoredTarget, type NormalizedTarget } from '../../../src/model/target.ts'
import type { Target } from '../../../src/model/target-schema.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { firstHop } from '../../../src/model/hop.ts'
import { findNextHop } from '../../../src/transfers/pickup/next-hop.ts'
import type { Rules, StageContext } from '../../../src/transfers/stage-context.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const queueId = '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5d'
const otherQueueId = '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5e'
const skillId = '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5f'
const userId = '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c60'
const queue: NormalizedTarget = { type: 'queue', queueId, skillIds: [], languageId: null }

/** The next hop of a call that waits in `queueId`; every skill, queue and agent exists, and one agent with every skill is idle. */
const findFrom = (fields: Partial<TransferRecord>, rules: Partial<Rules> = {}, current: NormalizedTarget = queue) =>
  findNextHop(
    createTestRecord({
      transferPath: [`queue:${queueId}`],
      resolvedTarget: toStoredTarget({ ...current, priority: 3, usedFallback: false }),
      ...fields,
    }),
    {
      rules: { loopSecret: 'secret', ...rules },
      clock: () => 0,
      directory: {
        queue: async () => ({}),
        skill: async () => ({ state: 'active' }),
        idleMembers: async () => [{ skillIds: [skillId] }],
        ageMs: () => 0,
      },
    } as unknown as StageContext,
  )

t.test('given a request without a later fallback, then there is no next place', async (t) => {
  t.strictSame(await findFrom({}), { blockedBy: 'there is no later fallback' })
  t.strictSame(
    await findFrom({ fallback: [{ type: 'callback' }] }),
    { blockedBy: 'there is no later fallback' },
    'a callback does not count as one',
  )
})

t.test('given a later fallback that is where the call waits, with the same skills, then the reason says so', async (t) => {
  const blockedBy = `queue:${queueId} was visited before: the call waits there already, with the same skills`
  t.strictSame(await findFrom({ fallback: [{ type: 'queue', queueId }] }), { blockedBy })
  t.strictSame(await findFrom({ override: ['loop'] }, { fallbackQueueId: queueId }), { blockedBy })
})

t.test('given a later fallback that the conversation was at before, then the reason says so', async (t) => {
  const transferPath = [`queue:${otherQueueId}`, `queue:${queueId}`]
  t.strictSame(await findFrom({ transferPath, fallback: [{ type: 'queue', queueId: otherQueueId }] }), {
    blockedBy: `queue:${otherQueueId} was visited before`,
  })
})

t.test('given a later fallback in the same queue that changes anything for the call, then it is the next place', async (t) => {
  const languageId = skillId
  const cases: ReadonlyArray<[change: string, current: NormalizedTarget, next: Target]> = [
    ['all skills are taken off', { ...queue, skillIds: [skillId] }, { type: 'queue', queueId }],
    ['the language is taken off', { ...queue, languageId }, { type: 'queue', queueId }],
    ['a skill is asked for', queue, { type: 'skill', queueId, skillId }],
    ['other agents are preferred', { ...queue, preferredUserIds: [skillId] }, { type: 'queue', queueId, preferredUserIds: [userId] }],
  ]
  for (const [change, current, next] of cases) {
    const found = await findFrom({ fallback: [next] }, {}, current)
    t.match(found, { candidateIndex: 1, overflowAfterMs: null, resolvedTarget: { queueId, priority: 3 } }, change)
  }
})

t.test('given a later fallback that only takes preferred agents off, then it changes nothing', async (t) => {
  t.match(await findFrom({ fallback: [{ type: 'queue', queueId }] }, {}, { ...queue, preferredUserIds: [userId] }), {
    blockedBy: /was visited before/,
  })
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
