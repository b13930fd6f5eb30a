/** When the caller has hung up before a pickup (docs/genesys-cloud.md rule 37). */
import t from 'tap'
import { observeProgress } from '../../../src/conversations/progress.ts'
import { agent, conversationOf, customer, isoAt, ivr, participant, snapshotHeldBy } from '../fixtures.ts'
import {
  agentStillThere,
  ann,
  callerGone,
  dialedParty,
  heldByAgent,
  heldByIvr,
  ivrGone,
  salesQueue,
  testProgress,
  toNumber,
  toQueue,
  withFailedTransfer,
} from './cases.ts'

testProgress(t, [
  {
    event: 'the caller hung up in the queue',
    before: heldByIvr,
    participants: [callerGone, ivrGone, salesQueue({ endedAt: 30 })],
    to: toQueue,
    expected: { status: 'abandoned', at: isoAt(30), bounces: 0 },
  },
  {
    event: 'the caller hung up while an offer rang, which is no bounce',
    before: heldByIvr,
    participants: [callerGone, ivrGone, salesQueue({ endedAt: 30 }), ann({ endedAt: 30, disconnectType: 'peer' })],
    to: toQueue,
    expected: { status: 'abandoned', at: isoAt(30), bounces: 0 },
  },
  {
    event: 'the caller hung up after an agent had declined',
    before: heldByIvr,
    participants: [callerGone, ivrGone, salesQueue({ endedAt: 30 }), ann({ endedAt: 9, disconnectType: 'client' })],
    to: toQueue,
    expected: { status: 'abandoned', at: isoAt(30), bounces: 1 },
  },
  {
    event: 'the caller hung up before anything moved',
    before: heldByIvr,
    participants: [callerGone, ivr({ endedAt: 30, disconnectType: 'peer' })],
    to: toQueue,
    expected: { status: 'abandoned', at: isoAt(30), bounces: 0 },
  },
  {
    event: 'the conversation has ended but no leg says so',
    before: heldByIvr,
    participants: [customer(), ivrGone, salesQueue()],
    fields: { endTime: isoAt(40) },
    to: toQueue,
    expected: { status: 'abandoned', at: isoAt(40), bounces: 0 },
  },
  {
    event: 'the caller hung up and the platform then lists the transfer as failed',
    before: heldByIvr,
    participants: [callerGone, ivrGone],
    fields: withFailedTransfer(),
    to: toQueue,
    expected: { status: 'abandoned', at: isoAt(30), bounces: 0 },
  },
  {
    event: 'the caller hung up while the holder consulted a colleague',
    before: heldByAgent,
    participants: [
      callerGone,
      agent('old-agent', 'bob', 'billing', { answeredAt: 0, endedAt: 31, disconnectType: 'peer' }),
      agent('c', 'eve', undefined, { answeredAt: 5, endedAt: 32 }),
    ],
    to: toQueue,
    expected: { status: 'abandoned', at: isoAt(30), bounces: 0 },
  },
  {
    event: 'the caller hung up while the queue played its own flow',
    before: heldByIvr,
    participants: [
      callerGone,
      ivrGone,
      salesQueue({ endedAt: 31 }),
      participant('ivr2', 'ivr', { startedAt: 9, answeredAt: 9, endedAt: 31 }),
    ],
    to: toQueue,
    expected: { status: 'abandoned', at: isoAt(30), bounces: 0 },
  },
])

t.test(
  "given an external caller whose call was sent to a number, when the call is read, then the caller's own leg is no pickup, and its end is the caller's hang-up",
  async (t) => {
    const caller = participant('caller', 'external', { answeredAt: 0 })
    const before = snapshotHeldBy('ivr', [caller, ivr()])
    t.same(observeProgress(conversationOf([caller, ivrGone]), before, toNumber), { status: 'unmoved', bounces: 0 })
    t.same(observeProgress(conversationOf([caller, ivrGone, dialedParty({ answeredAt: 9 })]), before, toNumber), {
      status: 'picked_up',
      at: isoAt(9),
      bounces: 0,
    })
    const duringConsult = snapshotHeldBy('old-agent', [caller, agentStillThere])
    t.same(
      observeProgress(
        conversationOf([participant('caller', 'external', { answeredAt: 0, endedAt: 8 }), agentStillThere, dialedParty({ answeredAt: 5 })]),
        duringConsult,
        toQueue,
      ),
      { status: 'abandoned', at: isoAt(8), bounces: 0 },
      'a party dialed since the snapshot is not the caller',
    )
    t.same(
      observeProgress(
        conversationOf([
          participant('caller', 'external', { answeredAt: 0, endedAt: 8 }),
          ivrGone,
          dialedParty({ endedAt: 8, disconnectType: 'peer' }),
        ]),
        before,
        toNumber,
      ),
      { status: 'abandoned', at: isoAt(8), bounces: 0 },
    )
  },
)
