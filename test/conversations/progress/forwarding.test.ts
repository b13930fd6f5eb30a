/** When the platform passes the call of an agent on to another number (docs/genesys-cloud.md rule 98). */
import t from 'tap'
import { agent, customer, isoAt, participant } from '../fixtures.ts'
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
  toAgent,
  toNumber,
  toQueue,
  withFailedTransfer,
  type ProgressCase,
} from './cases.ts'

/** The kinds of transfer that end an offer which the agent did not take. */
const transferTypes = [
  'transfer.forward',
  'transfer.noanswer',
  'transfer.notavailable',
  'transfer.donotdisturb',
  'transfer.dnd',
  'transfer',
]

testProgress(
  t,
  transferTypes.flatMap((disconnectType): ProgressCase[] => {
    const passedOn = ann({ endedAt: 5, disconnectType })
    const bounces = disconnectType === 'transfer.forward' ? 0 : 1
    const call = (state: object) => ({ before: heldByIvr, to: toAgent, ...state })
    return [
      {
        event: `the agent's leg ended with ${disconnectType} and the next one is not there yet`,
        ...call({}),
        participants: [customer(), ivrGone, passedOn],
        expected: { status: 'ringing', userId: 'ann', bounces },
      },
      {
        event: `the agent's leg ended with ${disconnectType} and an outside party is being dialed`,
        ...call({}),
        participants: [customer(), ivrGone, passedOn, dialedParty({ startedAt: 5, state: 'dialing' })],
        expected: { status: 'ringing', bounces },
      },
      {
        event: `the agent's leg ended with ${disconnectType} and the outside party answered`,
        ...call({}),
        participants: [customer(), ivrGone, passedOn, dialedParty({ startedAt: 5, answeredAt: 9 })],
        expected: { status: 'picked_up', at: isoAt(9), via: 'forwarding', bounces },
      },
      {
        event: `the agent's leg ended with ${disconnectType} just after the outside party had answered`,
        ...call({}),
        participants: [customer(), ivrGone, passedOn, dialedParty({ startedAt: 4, answeredAt: 4 })],
        expected: { status: 'picked_up', at: isoAt(4), via: 'forwarding', bounces },
      },
      {
        event: `the agent's leg ended with ${disconnectType} and the outside party did not answer`,
        ...call({}),
        participants: [customer(), ivrGone, passedOn, dialedParty({ startedAt: 5, endedAt: 20, disconnectType: 'timeout' })],
        expected: { status: 'failed', reason: 'the agent did not answer', bounces },
      },
      {
        event: `the agent's leg ended with ${disconnectType} and voicemail took the call`,
        ...call({}),
        participants: [
          customer(),
          ivrGone,
          passedOn,
          participant('vm', 'voicemail', { startedAt: 5, answeredAt: 5, fields: { userId: 'ann' } }),
        ],
        expected: { status: 'failed', reason: 'the agent did not answer', bounces },
      },
      {
        event: `the agent's leg ended with ${disconnectType} and the caller hung up`,
        ...call({}),
        participants: [callerGone, ivrGone, passedOn, dialedParty({ startedAt: 5, endedAt: 30, disconnectType: 'peer' })],
        expected: { status: 'abandoned', at: isoAt(30), bounces },
      },
      {
        event: `the agent's leg ended with ${disconnectType} and the platform lists the transfer as failed`,
        ...call({}),
        participants: [customer(), ivrGone, passedOn],
        fields: withFailedTransfer({ destination: { userId: 'ann' } }),
        expected: { status: 'failed', reason: 'the agent did not answer', bounces },
      },
    ]
  }),
)

testProgress(t, [
  {
    event: "the agent's calls are forwarded and the caller is back with the old holder",
    before: heldByAgent,
    participants: [customer(), agentStillThere, ann({ endedAt: 5, disconnectType: 'transfer.forward' })],
    to: toAgent,
    expected: { status: 'failed', reason: 'the agent did not answer', bounces: 0 },
  },
  {
    event: 'the agent declined and an outside party answered',
    before: heldByIvr,
    participants: [customer(), ivrGone, ann({ endedAt: 5, disconnectType: 'client' }), dialedParty({ startedAt: 5, answeredAt: 9 })],
    to: toAgent,
    expected: { status: 'failed', reason: 'the agent did not answer', bounces: 1 },
  },
  {
    event: "the agent's calls are forwarded and a colleague answered",
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      ann({ endedAt: 5, disconnectType: 'transfer.forward' }),
      agent('b', 'bob', undefined, { startedAt: 5, answeredAt: 9 }),
    ],
    to: toAgent,
    expected: { status: 'elsewhere', bounces: 0 },
  },
  {
    event: 'the first offer was passed on and the second one declined',
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      ann({ endedAt: 5, disconnectType: 'transfer.noanswer' }),
      agent('ann-2', 'ann', undefined, { startedAt: 6, endedAt: 8, disconnectType: 'client' }),
    ],
    to: toAgent,
    expected: { status: 'failed', reason: 'the agent did not answer', bounces: 2 },
  },
  {
    event: 'an offer was passed on while the queue still has the call',
    before: heldByIvr,
    participants: [customer(), ivrGone, salesQueue(), ann({ endedAt: 5, disconnectType: 'transfer.noanswer' })],
    to: toQueue,
    expected: { status: 'waiting', bounces: 1 },
  },
  {
    event: 'the agents did not answer and the in-queue flow sent the caller to a number',
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      salesQueue({ endedAt: 9 }),
      ann({ endedAt: 5, disconnectType: 'transfer.noanswer' }),
      dialedParty({ startedAt: 9, answeredAt: 12 }),
    ],
    to: toQueue,
    expected: { status: 'flowed_out', to: 'external', bounces: 1 },
  },
  {
    event: 'the number is forwarded and the next leg is not there yet',
    before: heldByIvr,
    participants: [customer(), ivrGone, dialedParty({ endedAt: 5, disconnectType: 'transfer.forward' })],
    to: toNumber,
    expected: { status: 'ringing', bounces: 0 },
  },
  {
    event: 'the number is forwarded to another one that answered',
    before: heldByIvr,
    participants: [
      customer(),
      ivrGone,
      dialedParty({ endedAt: 5, disconnectType: 'transfer.forward' }),
      participant('next', 'external', { startedAt: 5, answeredAt: 9 }),
    ],
    to: toNumber,
    expected: { status: 'picked_up', at: isoAt(9), bounces: 0 },
  },
])
