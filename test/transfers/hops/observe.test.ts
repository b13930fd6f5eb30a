/** What one read of the conversation shows of a call that was to move on: at which hop it is, and whether an unanswered command moved it. */
import t from 'tap'
import type { EarlierHop } from '../../../src/model/hop.ts'
import { firstHop } from '../../../src/model/hop.ts'
import { toStoredTarget } from '../../../src/model/target.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { acceptHop, beginHop, returnToEarlierHop } from '../../../src/transfers/hops/hop-changes.ts'
import { observe } from '../../../src/transfers/hops/observe.ts'
import { judgeUnknownOutcome } from '../../../src/transfers/unknown-outcome/evidence.ts'
import { acd, agent, conversationOf, customer, ivr, snapshotHeldBy, type Json } from '../../conversations/fixtures.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const rules = { deadlineMs: 8_000, writesLoopGuardAttributes: true }
const now = 1_000_000
const target = (queueId: string) => ({ type: 'queue', queueId, skillIds: [], languageId: null, priority: 0, usedFallback: false }) as const
const ivrGone = ivr({ endedAt: 2, disconnectType: 'transfer' })
const support = (options = {}) => acd('support-acd', 'support', { startedAt: 2, ...options })
const supportGone = support({ endedAt: 60, disconnectType: 'transfer' })
const sales = (options = {}) => acd('sales-acd', 'sales', { startedAt: 60, ...options })
const ann = (options = {}) => agent('ann-1', 'ann', 'support', { startedAt: 50, ...options })

/** A call that waits in the queue `support`. */
const waiting = createTestRecord({
  state: 'initiated',
  initiatedAt: now - 60_000,
  resolvedTarget: toStoredTarget({ ...target('support'), skillIds: [] }),
  transferPath: ['queue:support'],
  snapshot: snapshotHeldBy('ivr', [customer(), ivr()]),
  hop: { ...firstHop, overflowAfterMs: 60_000 },
  routing: 'done',
  mirror: 'done',
})
/** The same call while the command that moves it on to the queue `sales` is executing. */
function executingMove(participants: Json[] = [customer(), ivrGone, support()]): TransferRecord {
  const next = { resolvedTarget: { ...target('sales'), skillIds: [] }, place: 'queue:sales', candidateIndex: 1, overflowAfterMs: null }
  const patch = beginHop(waiting, next, 1, snapshotHeldBy('support-acd', participants), now, rules)
  return { ...waiting, ...patch, state: 'executing', attempt: 1 }
}
/** The same call after the platform has accepted that command. */
const acceptedMove = (participants?: Json[]): TransferRecord => {
  const executing = executingMove(participants)
  return { ...executing, ...acceptHop(executing, now), state: 'initiated' }
}
const returnToFirstHop = (record: TransferRecord): TransferRecord => ({ ...record, ...returnToEarlierHop(record, now) })

t.test('given a call that has moved on, then the new hop counts', async (t) => {
  const record = acceptedMove()
  for (const [participant, status] of [
    [sales(), 'waiting'],
    [agent('bob-1', 'bob', 'sales', { startedAt: 61, answeredAt: 62 }), 'picked_up'],
  ] as const) {
    const seen = observe(record, conversationOf([customer(), ivrGone, supportGone, participant]), now)
    t.equal(seen.record, record)
    t.match(seen.progress, { status, bounces: 1 }, 'the offers that were declined before count, too')
  }
})

t.test('given an agent of the earlier queue who has picked up, then that hop counts, whenever the offer began', async (t) => {
  const answered = ann({ answeredAt: 60 })
  for (const [offer, participants] of [
    ['before the command', [customer(), ivrGone, support(), ann()]],
    ['after the command', [customer(), ivrGone, support()]],
  ] as const) {
    const record = acceptedMove([...participants])
    const conversation = conversationOf([customer(), ivrGone, supportGone, answered])
    const seen = observe(record, conversation, now)
    t.match(seen.progress, { status: 'picked_up', userId: 'ann' }, offer)
    t.strictSame(seen.record, returnToFirstHop(record))
    t.match(seen.record, { resolvedTarget: { queueId: 'support' }, transferPath: ['queue:support'], earlierHops: [] })
    t.match(
      judgeUnknownOutcome(executingMove([...participants]), conversation, 0, 5_000, now),
      { found: 'stayed', reason: 'the call was picked up before' },
      offer,
    )
  }
})

t.test(
  'given an agent who has picked up while the earlier queue still has its leg, then the platform may still carry out the command',
  async (t) => {
    const answered = conversationOf([customer(), ivrGone, support(), ann({ answeredAt: 60 })])
    t.match(observe(acceptedMove(), answered, now + 9_999), {
      record: { resolvedTarget: { queueId: 'sales' } },
      progress: { status: 'unmoved' },
    })
    t.match(observe(acceptedMove(), answered, now + 10_000), {
      record: { resolvedTarget: { queueId: 'support' } },
      progress: { status: 'picked_up' },
    })
    t.match(judgeUnknownOutcome(executingMove(), answered, 4_999, 5_000, now), { found: 'unclear' })
    t.match(judgeUnknownOutcome(executingMove(), answered, 5_000, 5_000, now), { found: 'stayed' }, 'and the command is not sent again')
    const gone = customer({ endedAt: 61, disconnectType: 'endpoint' })
    const hungUp = conversationOf([gone, ivrGone, support({ endedAt: 61 }), ann({ answeredAt: 60, endedAt: 61 })])
    t.match(observe(acceptedMove(), hungUp, now).progress, { status: 'picked_up' }, 'unless the caller has hung up since')
  },
)

t.test('given an agent who picked up in the earlier queue and lost the call to the move, then the new hop counts', async (t) => {
  const record = acceptedMove()
  const lost = ann({ answeredAt: 59, endedAt: 60, disconnectType: 'transfer' })
  const seen = observe(record, conversationOf([customer(), ivrGone, supportGone, lost, sales()]), now)
  t.equal(seen.record, record)
  t.match(seen.progress, { status: 'waiting' })
})

t.test('given a call that the platform has not moved', async (t) => {
  const record = acceptedMove()
  const unmoved = [customer(), ivrGone, support()]
  const failed = {
    recentTransfers: [{ id: 'x', state: 'Failed', dateIssued: '2026-01-05T09:01:00Z', destination: { address: 'sip:sales@x' } }],
  }
  t.match(
    observe(record, conversationOf(unmoved), now + 9_999),
    { record, progress: { status: 'unmoved' } },
    'for ten seconds the platform may still move it',
  )
  const late = observe(record, conversationOf(unmoved), now + 10_000)
  t.match(late.progress, { status: 'waiting' })
  t.match(late.record, { resolvedTarget: { queueId: 'support' }, hop: { triedAt: now + 10_000, refusedCandidates: [1] }, mirror: 'done' })
  t.match(
    observe(record, conversationOf(unmoved, failed), now).progress,
    { status: 'waiting' },
    'at once if the platform reports a failure',
  )
  t.match(judgeUnknownOutcome(executingMove(), conversationOf(unmoved, failed), 0, 5_000, now), { found: 'stayed' })
  t.match(judgeUnknownOutcome(executingMove(), conversationOf(unmoved), 4_999, 5_000, now), { found: 'unclear' })
  t.match(judgeUnknownOutcome(executingMove(), conversationOf(unmoved), 5_000, 5_000, now), { found: 'not_executed', callHas: 'stayed' })
})

t.test('given an unanswered command of a later hop, then a call that is not at the new place was not moved by it', async (t) => {
  const judge = (participants: Json[]) => judgeUnknownOutcome(executingMove(), conversationOf(participants), 0, 5_000, now)
  const other = acd('other-acd', 'billing', { startedAt: 61 })
  t.match(judge([customer(), ivrGone, supportGone, sales()]), { found: 'moved' })
  t.match(judge([customer(), ivrGone, supportGone, other]), { found: 'stayed', reason: 'the call went somewhere else' })
  const gone = customer({ endedAt: 61, disconnectType: 'endpoint' })
  t.match(judge([gone, ivrGone, support({ endedAt: 61 })]), { found: 'stayed', reason: 'the caller hung up' })
  t.match(judge([gone, ivrGone, supportGone, sales({ endedAt: 62 })]), { found: 'moved' }, 'unless it had moved before')
})

t.test('given loop-guard attributes that name a hop which did not happen, then they are written again', async (t) => {
  const record = acceptedMove()
  t.equal(returnToFirstHop({ ...record, mirror: 'done' }).mirror, 'pending')
  t.equal(returnToFirstHop({ ...record, mirror: 'pending' }).mirror, 'done', 'they were not written yet')
  t.equal(returnToFirstHop(executingMove()).mirror, 'done')
})

t.test(
  'given commands that do not move the call, then a candidate is given up when the platform refuses it, or after three tries',
  async (t) => {
    const fail = (record: TransferRecord, isRefused: boolean) => ({ ...record, ...returnToEarlierHop(record, now, isRefused) })
    const again = (record: TransferRecord): TransferRecord => ({
      ...executingMove(),
      earlierHops: [{ ...executingMove().earlierHops[0], hop: record.hop } as EarlierHop],
    })
    t.match(fail(executingMove(), true).hop, { refusedCandidates: [1], failedMoves: 0, returnedAt: now })
    const once = fail(executingMove(), false)
    t.match(once.hop, { refusedCandidates: [], failedMoves: 1 })
    const twice = fail(again(once), false)
    t.match(twice.hop, { refusedCandidates: [], failedMoves: 2 })
    t.match(fail(again(twice), false).hop, { refusedCandidates: [1], failedMoves: 0 })
  },
)

t.test(
  'given the first hop, then returning to an earlier hop throws, and so does beginning a hop before the first was accepted',
  async (t) => {
    t.throws(() => returnToEarlierHop(waiting, now), /has no earlier hop/)
    t.throws(
      () => beginHop({ ...waiting, initiatedAt: null }, {} as never, 0, {} as EarlierHop['snapshot'], now, rules),
      /no hop to move on from/,
    )
  },
)
