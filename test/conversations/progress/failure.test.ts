/** When a transfer counts as failed, and when it does not (docs/genesys-cloud.md rule 38). */
import t from 'tap'
import { observeProgress } from '../../../src/conversations/progress.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { acd, agent, conversationOf, customer, isoAt, ivr, participant, snapshotHeldBy } from '../fixtures.ts'
import {
  agentStillThere,
  ann,
  dialedParty,
  heldByAgent,
  heldByIvr,
  heldByQueue,
  ivrGone,
  queueGone,
  queueStillThere,
  salesQueue,
  testProgress,
  toAgent,
  toNumber,
  toQueue,
  withFailedTransfer,
} from './cases.ts'

testProgress(t, [
  {
    event: 'an agent declined and the queue dropped the call, without any connectedTime',
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      participant('sales-acd', 'acd', { startedAt: 2, endedAt: 9, fields: { queueId: 'sales' } }),
      ann({ endedAt: 8, disconnectType: 'client' }),
    ],
    to: toQueue,
    expected: { status: 'unmoved', bounces: 1 },
  },
  {
    event: 'the agent declined and another agent answered',
    before: heldByIvr,
    participants: [customer(), ivrGone, ann({ endedAt: 5, disconnectType: 'client' }), agent('a2', 'eve', 'billing', { answeredAt: 7 })],
    to: toAgent,
    expected: { status: 'elsewhere', bounces: 1 },
  },
  {
    event: "the only new leg has an error but is not the destination's",
    before: heldByQueue,
    participants: [customer(), queueStillThere, agent('a9', 'eve', 'billing', { errorCode: 'e.one' })],
    to: toQueue,
    expected: { status: 'unmoved', bounces: 0 },
  },
  {
    event: "the destination agent's phone rings while another flow plays",
    before: heldByIvr,
    participants: [customer(), ivrGone, ann(), participant('ivr2', 'ivr', { startedAt: 2, answeredAt: 2 })],
    to: toAgent,
    expected: { status: 'ringing', userId: 'ann', bounces: 0 },
  },
  {
    event: 'the in-queue flow appears as a participant of its own',
    before: heldByIvr,
    participants: [customer(), ivrGone, salesQueue(), participant('ivr2', 'ivr', { startedAt: 9, answeredAt: 9 })],
    to: toQueue,
    expected: { status: 'waiting', bounces: 0 },
  },
  {
    event: 'the agent declined and the caller is back with the old holder',
    before: heldByAgent,
    participants: [customer(), agentStillThere, ann({ endedAt: 5, disconnectType: 'client' })],
    to: toAgent,
    expected: { status: 'failed', reason: 'the agent did not answer', bounces: 1 },
  },
  {
    event: 'the agent did not answer and voicemail took the call',
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      ann({ endedAt: 5, disconnectType: 'transfer.noanswer' }),
      participant('vm', 'voicemail', { startedAt: 5, answeredAt: 5 }),
    ],
    to: toAgent,
    expected: { status: 'failed', reason: 'the agent did not answer', bounces: 1 },
  },
  {
    event: 'the agent did not answer and another queue has the caller',
    before: heldByQueue,
    participants: [customer(), queueGone, ann({ endedAt: 5 }), acd('other-acd', 'billing', { startedAt: 5 })],
    to: toAgent,
    expected: { status: 'failed', reason: 'the agent did not answer', bounces: 1 },
  },
  {
    event: 'the number was busy',
    before: heldByIvr,
    participants: [customer(), ivr(), dialedParty({ endedAt: 5, disconnectType: 'error' })],
    to: toNumber,
    expected: { status: 'failed', reason: 'the number did not answer', bounces: 0 },
  },
  {
    event: 'the queue refused the call',
    before: heldByIvr,
    participants: [customer(), ivr(), participant('sales-acd', 'acd', { startedAt: 2, endedAt: 2, fields: { queueId: 'sales' } })],
    to: toQueue,
    expected: { status: 'failed', reason: 'the queue did not take the call', bounces: 0 },
  },
  {
    event: 'one leg has an error while another rings',
    before: heldByIvr,
    participants: [customer(), ivrGone, ann({ state: 'contacting', errorCode: 'e.one' }), agent('a2', 'ann', 'sales', { startedAt: 4 })],
    to: toAgent,
    expected: { status: 'ringing', userId: 'ann', bounces: 0 },
  },
  {
    event: 'the platform lists the transfer as failed, without a destination',
    before: heldByIvr,
    participants: [customer(), ivr()],
    fields: withFailedTransfer(),
    to: toQueue,
    expected: { status: 'failed', reason: 'the platform says the transfer failed', bounces: 0 },
  },
  {
    event: "the platform lists the agent's transfer as timed out",
    before: heldByIvr,
    participants: [customer(), ivr()],
    fields: withFailedTransfer({ state: 'timeout', destination: { userId: 'ann' } }),
    to: toAgent,
    expected: { status: 'failed', reason: 'the platform says the transfer timed out', bounces: 0 },
  },
  {
    event: "the platform lists the queue's transfer as canceled",
    before: heldByIvr,
    participants: [customer(), ivr()],
    fields: withFailedTransfer({ state: 'Canceled', destination: { address: 'sip:sales@127.0.0.1;user=acd' } }),
    to: toQueue,
    expected: { status: 'failed', reason: 'the platform says the transfer was canceled', bounces: 0 },
  },
  {
    event: "the platform lists another agent's transfer as failed",
    before: heldByIvr,
    participants: [customer(), ivr()],
    fields: withFailedTransfer({ destination: { userId: 'bob' } }),
    to: toAgent,
    expected: { status: 'unmoved', bounces: 0 },
  },
  {
    event: "the platform lists another queue's transfer as failed",
    before: heldByIvr,
    participants: [customer(), ivr()],
    fields: withFailedTransfer({ destination: { address: 'sip:billing@127.0.0.1;user=acd' } }),
    to: toQueue,
    expected: { status: 'unmoved', bounces: 0 },
  },
  {
    event: "the platform lists a user's transfer as failed while this one went to a number",
    before: heldByIvr,
    participants: [customer(), ivr()],
    fields: withFailedTransfer({ destination: { userId: 'bob' } }),
    to: toNumber,
    expected: { status: 'unmoved', bounces: 0 },
  },
  {
    event: 'the platform lists the transfer as failed but the call waits in the queue',
    before: heldByIvr,
    participants: [customer(), ivrGone, salesQueue()],
    fields: withFailedTransfer(),
    to: toQueue,
    expected: { status: 'waiting', bounces: 0 },
  },
  {
    event: 'the queue gave the call back to the old holder',
    before: heldByAgent,
    participants: [customer(), agentStillThere, salesQueue({ endedAt: 9 })],
    to: toQueue,
    expected: { status: 'failed', reason: 'the call went back to where it was', bounces: 0 },
  },
])

t.test(
  'given a transfer that had failed before the snapshot, when the next transfer is watched, then it has not failed, even if the clocks differ',
  async (t) => {
    const before = snapshotHeldBy('ivr', [customer(), ivr()], withFailedTransfer())
    t.same(observeProgress(conversationOf([customer(), ivr()], withFailedTransfer()), before, toQueue), { status: 'unmoved', bounces: 0 })
    const { transferIds, ...withoutIds } = before
    t.same(transferIds, ['t9'])
    t.equal(
      observeProgress(conversationOf([customer(), ivr()], withFailedTransfer()), withoutIds, toQueue).status,
      'failed',
      'without ids, the time of issue decides',
    )
    t.equal(
      observeProgress(conversationOf([customer(), ivr()], withFailedTransfer({ dateIssued: isoAt(0) })), withoutIds, toQueue).status,
      'unmoved',
    )
  },
)

t.test(
  'given a snapshot that an earlier version stored, when the call is read, then it is compared with it like with any other',
  async (t) => {
    const { transferIds: _none, ...earlier } = { ...heldByAgent, holderPurpose: 'agent', holderUserId: 'bob', holderQueueId: 'billing' }
    const stored = JSON.parse(JSON.stringify(earlier)) as Snapshot
    t.same(observeProgress(conversationOf([customer(), agentStillThere]), stored, toQueue), { status: 'unmoved', bounces: 0 })
    t.same(observeProgress(conversationOf([customer(), agentStillThere, salesQueue({ endedAt: 9 })]), stored, toQueue), {
      status: 'failed',
      reason: 'the call went back to where it was',
      bounces: 0,
    })
  },
)
