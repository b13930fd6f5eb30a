/** Which calls can be transferred, which participant a transfer replaces, and why other calls cannot be transferred. */
import t from 'tap'
import { checkTransferable } from '../../src/conversations/transferable.ts'
import { acd, agent, conversationOf, customer, isoAt, ivr, participant } from './fixtures.ts'
import type { Json, ParticipantOptions } from './fixtures.ts'

const connectedAgent = (id = 'ann', options: ParticipantOptions = {}) => agent(id, `user-${id}`, 'billing', { answeredAt: 5, ...options })
const gone = { endedAt: 9, disconnectType: 'transfer' }

const transferableCalls: Array<[situation: string, participants: Json[], holderId: string, holderPurpose: string]> = [
  ['a call in the IVR', [customer(), ivr()], 'ivr', 'ivr'],
  ['a call waiting in a queue', [customer(), ivr(gone), acd('acd', 'billing')], 'acd', 'acd'],
  ['a call with an agent', [customer(), acd('acd', 'billing', gone), connectedAgent()], 'ann', 'agent'],
  ['a call with a user who was called directly', [customer(), participant('bob', 'user', { answeredAt: 1 })], 'bob', 'user'],
  ['a call with voicemail', [customer(), participant('vm', 'voicemail', { answeredAt: 1 })], 'vm', 'voicemail'],
  ['a call with a participant of unknown purpose', [customer(), participant('x', 'constructor', { answeredAt: 1 })], 'x', 'constructor'],
  [
    'a waiting call whose offers were declined',
    [customer(), acd('acd', 'billing'), agent('a1', 'u', 'billing', { endedAt: 3 }), agent('a2', 'u', 'billing', { endedAt: 4 })],
    'acd',
    'acd',
  ],
  [
    'a call with an agent that supervisors monitor and coach',
    [
      customer(),
      connectedAgent(),
      connectedAgent('eve', { fields: { monitoredParticipantId: 'ann' } }),
      connectedAgent('eva', { fields: { coachedParticipantId: 'ann' } }),
    ],
    'ann',
    'agent',
  ],
  [
    'a waiting call, while a supervisor is being called to barge in',
    [customer(), acd('acd', 'billing'), participant('eve', 'user', { fields: { bargedParticipantId: 'acd' } })],
    'acd',
    'acd',
  ],
  ['a call without a customer, where the caller is external', [participant('caller', 'external', { answeredAt: 0 }), ivr()], 'ivr', 'ivr'],
  [
    'a call whose first customer leg dropped and whose second is connected',
    [customer({ endedAt: 2 }), participant('again', 'customer', { startedAt: 1, answeredAt: 1 }), ivr()],
    'ivr',
    'ivr',
  ],
  [
    "a call where only one of two connected legs is the caller's",
    [customer(), ivr({ peerId: 'leg-customer' }), participant('other', 'workflow', { answeredAt: 1, peerId: 'leg-of-another-party' })],
    'ivr',
    'ivr',
  ],
  [
    'a call without a customer, where an external participant coaches',
    [
      participant('caller', 'external', { answeredAt: 0 }),
      ivr(),
      participant('coach', 'external', { startedAt: 1, answeredAt: 1, fields: { coachedParticipantId: 'ivr' } }),
    ],
    'ivr',
    'ivr',
  ],
  [
    'a call on hold',
    [customer(), { ...connectedAgent(), calls: [{ id: 'l', state: 'connected', connectedTime: isoAt(5), held: true }] }],
    'ann',
    'agent',
  ],
]
for (const [situation, participants, holderId, holderPurpose] of transferableCalls) {
  t.test(`given ${situation}, when it is checked, then it can be transferred by replacing ${holderId}`, async (t) => {
    const caller = participants.some((one) => one['purpose'] === 'customer') ? { purpose: 'customer' } : { id: 'caller' }
    t.match(checkTransferable(conversationOf(participants)), {
      isTransferable: true,
      holder: { id: holderId, purpose: holderPurpose },
      customer: caller,
    })
  })
}

interface RefusedCall {
  situation: string
  participants: Json[]
  fields?: Json
  reason: string
}
const withTransfer = (state: string) => ({ recentTransfers: [{ id: 't1', state, dateIssued: isoAt(1) }] })
const withoutCall = (field: string): Json[] => [
  { id: 'customer', purpose: 'customer', calls: [], [field]: [{ state: 'connected' }] },
  { id: 'ann', purpose: 'agent', calls: [], [field]: [{ state: 'connected' }] },
]
const outsideParty =
  'another outside party is on the call; the platform can take such a call back only by SIP REFER, or once that party leaves'

const endedCalls: RefusedCall[] = [
  {
    situation: 'a conversation that has ended',
    participants: [customer(), ivr()],
    fields: { endTime: isoAt(9) },
    reason: 'the platform has ended it',
  },
  {
    situation: 'a chat that has ended',
    participants: withoutCall('chats'),
    fields: { endTime: isoAt(9) },
    reason: 'the platform has ended it',
  },
  {
    situation: 'a caller who has hung up',
    participants: [customer({ endedAt: 9, disconnectType: 'endpoint' }), ivr()],
    reason: 'the caller has hung up',
  },
  {
    situation: 'a finished call without a caller',
    participants: [connectedAgent('ann', { endedAt: 9 })],
    reason: 'there is no caller in this conversation',
  },
  {
    situation: 'a finished call of one agent, and a participant who only chatted',
    participants: [connectedAgent('ann', { endedAt: 9 }), { id: 'chat', purpose: 'user', calls: [] }],
    reason: 'there is no caller in this conversation',
  },
]
const permanentRefusals: RefusedCall[] = [
  { situation: 'a conversation in no medium at all', participants: withoutCall('evaluations'), reason: 'the conversation has no call' },
  {
    situation: 'a call of an agent with a second outside party',
    participants: [customer(), connectedAgent(), participant('ext', 'external', { answeredAt: 6 })],
    reason: outsideParty,
  },
  {
    situation: 'a call that was transferred to a number, which answered',
    participants: [customer(), ivr(gone), participant('ext', 'external', { answeredAt: 6 })],
    reason: outsideParty,
  },
  {
    situation: 'a call of an external caller that was transferred to a number',
    participants: [
      participant('caller', 'external', { answeredAt: 0 }),
      ivr(gone),
      participant('ext', 'external', { startedAt: 5, answeredAt: 6 }),
    ],
    reason: outsideParty,
  },
]
const temporaryRefusals: RefusedCall[] = [
  {
    situation: 'a caller whose phone still rings',
    participants: [customer({ state: 'alerting' }), ivr()],
    reason: "the caller's leg is alerting",
  },
  {
    situation: 'a caller who is being dialed',
    participants: [customer({ state: 'dialing' }), ivr()],
    reason: "the caller's leg is dialing",
  },
  {
    situation: 'a caller whose leg is in an undocumented state',
    participants: [customer({ state: '+1812555' }), ivr()],
    reason: "the caller's leg is in an unknown state",
  },
  { situation: 'only an agent', participants: [connectedAgent()], reason: 'there is no caller in this conversation' },
  { situation: 'a conversation without participants', participants: [], reason: 'there is no caller in this conversation' },
  {
    situation: 'another transfer that is pending',
    participants: [customer(), ivr()],
    fields: withTransfer('Pending'),
    reason: 'another transfer of this call is pending',
  },
  {
    situation: 'another transfer that is active',
    participants: [customer(), ivr()],
    fields: withTransfer('active'),
    reason: 'another transfer of this call is active',
  },
  {
    situation: 'an agent whose phone rings',
    participants: [customer(), acd('acd', 'billing'), agent('a', 'u', 'billing')],
    reason: "an agent's leg is alerting",
  },
  {
    situation: 'a user who is being contacted',
    participants: [customer(), ivr(), participant('bob', 'user', { state: 'contacting' })],
    reason: "a user's leg is contacting",
  },
  {
    situation: "an agent's and a user's phone that ring",
    participants: [customer(), ivr(), participant('z', 'user', { state: 'dialing' }), agent('a', 'u', 'billing')],
    reason: "an agent's leg is alerting",
  },
  {
    situation: 'a conference of two agents',
    participants: [customer(), connectedAgent(), connectedAgent('bob')],
    reason: 'more than one agent is on the call',
  },
  { situation: 'a call between two legs', participants: [customer(), ivr(gone)], reason: 'no participant holds the call at this moment' },
  {
    situation: 'a call that a queue is handing to an agent',
    participants: [customer(), acd('acd', 'billing'), connectedAgent()],
    reason: 'both an agent and the queue are on the call',
  },
  {
    situation: 'an agent with a caller in a secure flow',
    participants: [customer(), connectedAgent(), participant('flow', 'ivr', { startedAt: 6, answeredAt: 6 })],
    reason: 'both the IVR and an agent are on the call',
  },
  {
    situation: 'a call that only a supervisor monitors',
    participants: [customer(), connectedAgent('eve', { fields: { monitoredParticipantId: 'x' } })],
    reason: 'no participant holds the call at this moment',
  },
  {
    situation: 'a holder with an end time',
    participants: [customer(), { ...ivr(), endTime: isoAt(8) }],
    reason: 'no participant holds the call at this moment',
  },
]

function testRefused(calls: RefusedCall[], outcome: string, { hasEnded, canRetry }: { hasEnded: boolean; canRetry: boolean }): void {
  for (const { situation, participants, fields, reason } of calls)
    t.test(`given ${situation}, when it is checked, then it cannot be transferred, ${outcome}`, async (t) => {
      const refused = { isTransferable: false, hasEnded, canRetry, reason }
      t.same(checkTransferable(conversationOf(participants, fields)), refused)
      t.same(checkTransferable(conversationOf(participants.toReversed(), fields)), refused, 'in reversed order')
    })
}
testRefused(endedCalls, 'because it has ended', { hasEnded: true, canRetry: false })
testRefused(permanentRefusals, 'and waiting does not help', { hasEnded: false, canRetry: false })
testRefused(temporaryRefusals, 'but waiting may help', { hasEnded: false, canRetry: true })

t.test('given earlier transfers that are over, when the call is checked, then it can be transferred again', async (t) => {
  for (const state of ['Complete', 'Canceled', 'Failed', 'Timeout', 'Unknown', 'Whatever'])
    t.equal(checkTransferable(conversationOf([customer(), ivr()], withTransfer(state))).isTransferable, true, state)
})

t.test('given any other party that rings, when the call is checked, then it cannot be transferred, but waiting may help', async (t) => {
  for (const [purpose, name] of [
    ['external', 'an outside party'],
    ['customer', 'another customer'],
    ['voicemail', 'voicemail'],
    ['acd', 'the queue'],
    ['station', 'another participant'],
  ] as const)
    t.match(
      checkTransferable(conversationOf([customer(), ivr(), participant('z', purpose, { startedAt: 3, state: 'dialing' })])),
      { isTransferable: false, canRetry: true, reason: `${name}'s leg is dialing` },
      purpose,
    )
})
