/** When a queue offers the call to an agent whose calls are forwarded to another number (docs/genesys-cloud.md rule 98). */
import t from 'tap'
import { acd, agent, customer, isoAt, participant, type Json, type ParticipantOptions } from '../fixtures.ts'
import {
  ann,
  callerGone,
  dialedParty,
  heldByIvr,
  heldByQueue,
  ivrGone,
  salesQueue,
  testProgress,
  toQueue,
  type ProgressCase,
} from './cases.ts'

const forwarded = ann({ endedAt: 5, disconnectType: 'transfer.forward' })
const bob = (options: ParticipantOptions) => agent('bob-1', 'bob', 'sales', options)
const party = (options: ParticipantOptions) => dialedParty({ startedAt: 5, ...options })
const pickedUp = (second: number) => ({ status: 'picked_up', at: isoAt(second), via: 'forwarding', bounces: 0 }) as const

const testCases = (cases: Array<[event: string, participants: Json[], expected: ProgressCase['expected'], fields?: Json]>) =>
  testProgress(
    t,
    cases.map(([event, participants, expected, fields]) => ({
      event: `an agent's calls are forwarded, and ${event}`,
      before: heldByIvr,
      to: toQueue,
      participants: [ivrGone, forwarded, ...participants],
      expected,
      ...(fields && { fields }),
    })),
  )

testCases([
  ['the next leg is not there yet', [customer(), salesQueue()], { status: 'waiting', bounces: 0 }],
  ['neither is the queue, nor the next leg there', [customer(), salesQueue({ endedAt: 5 })], { status: 'waiting', bounces: 0 }],
  ...['dialing', 'alerting', 'contacting', 'offering'].map((state): Parameters<typeof testCases>[0][number] => [
    `the other number is ${state}`,
    [customer(), salesQueue(), party({ state })],
    { status: 'ringing', bounces: 0 },
  ]),
  [
    'the other number is dialed after the queue has let go',
    [customer(), salesQueue({ endedAt: 5 }), party({ state: 'dialing' })],
    { status: 'ringing', bounces: 0 },
  ],
  ['the other number has no state yet', [customer(), salesQueue(), party({ state: 'none' })], { status: 'ringing', bounces: 0 }],
  ['the other number has answered', [customer(), salesQueue({ endedAt: 12 }), party({ answeredAt: 12 })], pickedUp(12)],
  ['the other number has answered, and the queue is still there', [customer(), salesQueue(), party({ answeredAt: 12 })], pickedUp(12)],
  [
    'the other number has answered after the queue had let go',
    [customer(), salesQueue({ endedAt: 5 }), party({ answeredAt: 25 })],
    pickedUp(25),
  ],
  [
    "the other number has answered just before the agent's own leg ended",
    [customer(), salesQueue({ endedAt: 5 }), party({ startedAt: 4, answeredAt: 4 })],
    pickedUp(4),
  ],
  [
    'the other number has answered and the caller has hung up',
    [callerGone, salesQueue({ endedAt: 12 }), party({ answeredAt: 12, endedAt: 30, disconnectType: 'peer' })],
    pickedUp(12),
  ],
  [
    'the other number has answered and then consulted a second one',
    [
      customer(),
      salesQueue({ endedAt: 12 }),
      party({ answeredAt: 12 }),
      participant('second', 'external', { startedAt: 14, answeredAt: 15, endedAt: 20 }),
    ],
    pickedUp(12),
  ],
  [
    'the other number has answered and then moved the call to an agent',
    [customer(), salesQueue({ endedAt: 12 }), party({ answeredAt: 12, endedAt: 20 }), bob({ startedAt: 18, answeredAt: 19 })],
    pickedUp(12),
  ],
  [
    'the other number did not answer, and the call waits on',
    [customer(), salesQueue(), party({ endedAt: 20, disconnectType: 'timeout' })],
    { status: 'waiting', bounces: 0 },
  ],
  [
    'the other number did not answer, and the queue rings at a colleague',
    [customer(), salesQueue(), party({ endedAt: 20, disconnectType: 'transport.failure' }), bob({ startedAt: 22 })],
    { status: 'ringing', userId: 'bob', bounces: 0 },
  ],
  [
    'the other number did not answer, and a colleague picked up',
    [customer(), salesQueue({ endedAt: 25 }), party({ endedAt: 20, disconnectType: 'timeout' }), bob({ startedAt: 22, answeredAt: 25 })],
    { status: 'picked_up', userId: 'bob', at: isoAt(25), bounces: 0 },
  ],
  [
    "a second agent's calls are, too, and the second number answers",
    [
      customer(),
      salesQueue({ endedAt: 30 }),
      party({ endedAt: 20, disconnectType: 'timeout' }),
      bob({ startedAt: 22, endedAt: 23, disconnectType: 'transfer.forward' }),
      participant('second', 'external', { startedAt: 23, answeredAt: 30 }),
    ],
    pickedUp(30),
  ],
  [
    'the caller has hung up while the other number rang',
    [callerGone, salesQueue({ endedAt: 30 }), party({ endedAt: 30, disconnectType: 'peer' })],
    { status: 'abandoned', at: isoAt(30), bounces: 0 },
  ],
  [
    'voicemail has answered',
    [customer(), salesQueue({ endedAt: 6 }), participant('vm', 'voicemail', { startedAt: 5, answeredAt: 6 })],
    { status: 'flowed_out', to: 'voicemail', bounces: 0 },
  ],
  [
    'a colleague who was not offered the call by the queue has answered',
    [customer(), salesQueue({ endedAt: 9 }), agent('eve', 'eve', undefined, { startedAt: 5, answeredAt: 9 })],
    { status: 'elsewhere', bounces: 0 },
  ],
  [
    'the in-queue flow sends the caller to a number much later',
    [customer(), salesQueue({ endedAt: 20 }), party({ startedAt: 20, answeredAt: 28 })],
    { status: 'flowed_out', to: 'external', bounces: 0 },
  ],
  [
    'the in-queue flow dials a number much later',
    [customer(), salesQueue({ endedAt: 20 }), party({ startedAt: 20, state: 'dialing' })],
    { status: 'waiting', bounces: 0 },
  ],
  [
    'the other number did not answer, and the in-queue flow sends the caller to a further one',
    [
      customer(),
      salesQueue({ endedAt: 30 }),
      party({ endedAt: 20, disconnectType: 'timeout' }),
      participant('second', 'external', { startedAt: 30, answeredAt: 35 }),
    ],
    { status: 'flowed_out', to: 'external', bounces: 0 },
  ],
])

testProgress(t, [
  {
    event: 'an agent of another queue is forwarded, and a number answers',
    before: heldByQueue,
    to: toQueue,
    participants: [
      customer(),
      acd('old-acd', 'billing', { endedAt: 12, disconnectType: 'transfer' }),
      agent('eve', 'eve', 'billing', { startedAt: 3, endedAt: 5, disconnectType: 'transfer.forward' }),
      party({ answeredAt: 12 }),
    ],
    expected: { status: 'elsewhere', bounces: 0 },
  },
  {
    event: 'an agent declined, and a number joined the call that still waits',
    before: heldByIvr,
    to: toQueue,
    participants: [customer(), ivrGone, salesQueue(), ann({ endedAt: 5, disconnectType: 'client' }), party({ answeredAt: 12 })],
    expected: { status: 'waiting', bounces: 1 },
  },
])
