/** When a call counts as picked up (docs/genesys-cloud.md rule 32). */
import t from 'tap'
import { observeProgress } from '../../../src/conversations/progress.ts'
import { agent, conversationOf, customer, isoAt, participant, snapshotHeldBy } from '../fixtures.ts'
import {
  ann,
  callerGone,
  dialedParty,
  heldByIvr,
  heldByQueue,
  ivrGone,
  queueGone,
  salesQueue,
  testProgress,
  toAgent,
  toNumber,
  toQueue,
} from './cases.ts'

testProgress(t, [
  {
    event: 'an agent of the queue answered',
    before: heldByIvr,
    participants: [customer(), ivrGone, salesQueue({ endedAt: 4 }), ann({ answeredAt: 4 })],
    to: toQueue,
    expected: { status: 'picked_up', userId: 'ann', at: isoAt(4), bounces: 0 },
  },
  {
    event: 'an agent answered, the call has ended since, and this is the first read',
    before: heldByIvr,
    participants: [callerGone, ivrGone, salesQueue({ endedAt: 4 }), ann({ answeredAt: 4, endedAt: 30, disconnectType: 'peer' })],
    fields: { endTime: isoAt(30) },
    to: toQueue,
    expected: { status: 'picked_up', userId: 'ann', at: isoAt(4), bounces: 0 },
  },
  {
    event: 'an agent of the queue answered and passed the call on to another',
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      salesQueue({ endedAt: 4 }),
      ann({ answeredAt: 4, endedAt: 8 }),
      agent('a2', 'bob', 'sales', { startedAt: 8, answeredAt: 9 }),
    ],
    to: toQueue,
    expected: { status: 'picked_up', userId: 'ann', at: isoAt(4), bounces: 0 },
  },
  {
    event: 'the agent answered',
    before: heldByQueue,
    participants: [customer(), queueGone, ann({ answeredAt: 4 })],
    to: toAgent,
    expected: { status: 'picked_up', userId: 'ann', at: isoAt(4), bounces: 0 },
  },
  {
    event: 'the number answered',
    before: heldByIvr,
    participants: [customer(), ivrGone, dialedParty({ answeredAt: 7 })],
    to: toNumber,
    expected: { status: 'picked_up', at: isoAt(7), bounces: 0 },
  },
  {
    event: 'the number belongs to a colleague, who answered',
    before: heldByIvr,
    participants: [customer(), ivrGone, participant('u', 'user', { answeredAt: 7, fields: { userId: 'bob' } })],
    to: toNumber,
    expected: { status: 'picked_up', userId: 'bob', at: isoAt(7), bounces: 0 },
  },
  {
    event: 'the agent who had the call before picks it up again',
    before: snapshotHeldBy('old-agent', [customer(), agent('old-agent', 'ann', 'sales', { answeredAt: 0 })]),
    participants: [
      customer(),
      agent('old-agent', 'ann', 'sales', { answeredAt: 0, endedAt: 2, disconnectType: 'transfer' }),
      ann({ answeredAt: 5 }),
    ],
    to: toAgent,
    expected: { status: 'picked_up', userId: 'ann', at: isoAt(5), bounces: 0 },
  },
  {
    event: 'an agent is connected but has no connectedTime yet',
    before: heldByIvr,
    participants: [customer(), ivrGone, ann({ state: 'connected' })],
    to: toAgent,
    expected: { status: 'ringing', userId: 'ann', bounces: 0 },
  },
  {
    event: 'a leg that rings already has a connectedTime',
    before: heldByIvr,
    participants: [customer(), ivrGone, ann({ answeredAt: 4, state: 'alerting' })],
    to: toAgent,
    expected: { status: 'ringing', userId: 'ann', bounces: 0 },
  },
  {
    event: "an agent's participant has a connectedTime but the leg has none",
    before: heldByIvr,
    participants: [customer(), ivrGone, { ...ann({ answeredAt: 4 }), calls: [{ id: 'l', state: 'connected' }] }],
    to: toAgent,
    expected: { status: 'picked_up', userId: 'ann', at: isoAt(4), bounces: 0 },
  },
  {
    event: 'the participant of a declined offer has a connectedTime but the leg has none',
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      salesQueue(),
      { ...ann({ answeredAt: 4, endedAt: 5 }), calls: [{ id: 'l', state: 'terminated', disconnectedTime: isoAt(5) }] },
    ],
    to: toQueue,
    expected: { status: 'waiting', bounces: 1 },
  },
  {
    event: 'the number is connected but has no connectedTime',
    before: heldByIvr,
    participants: [customer(), ivrGone, dialedParty({ state: 'connected' })],
    to: toNumber,
    expected: { status: 'picked_up', bounces: 0 },
  },
  {
    event: 'a supervisor monitors the waiting call',
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      salesQueue(),
      agent('sup', 'eve', 'sales', { answeredAt: 4, fields: { monitoredParticipantId: 'sales-acd' } }),
    ],
    to: toQueue,
    expected: { status: 'waiting', bounces: 0 },
  },
])

t.test('given answer times with and without milliseconds, when the call is read, then the earliest answer is the pickup', async (t) => {
  const participants = [
    customer(),
    ivrGone,
    { ...ann(), calls: [{ id: '1', state: 'connected', connectedTime: '2026-01-05T09:00:04Z' }] },
    { ...agent('a0', 'bob', 'sales'), calls: [{ id: '2', state: 'connected', connectedTime: '2026-01-05T09:00:04.500Z' }] },
  ]
  t.match(observeProgress(conversationOf(participants), heldByIvr, toQueue), { status: 'picked_up', userId: 'ann' })
})
