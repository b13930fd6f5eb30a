/** A call whose agent consults another party is being handed over and is not moved (docs/genesys-cloud.md rule 97). */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { checkTransferable } from '../../src/conversations/transferable.ts'
import { acd, agent, conversationOf, customer, ivr, participant, type Json, type ParticipantOptions } from './fixtures.ts'

const consultMark = { fields: { consultParticipantId: 'customer' } }
const inProgress = {
  isTransferable: false,
  hasEnded: false,
  canRetry: true,
  reason: 'the call is being handed over; a consult is in progress',
}

/** The agent or user who has the call. */
const consultant = (purpose: string, { isMarked = false, peerId = 'leg-customer' }: { isMarked?: boolean; peerId?: string } = {}) =>
  participant('ann', purpose, {
    startedAt: 4,
    answeredAt: 5,
    peerId,
    fields: { userId: 'user-ann', queueId: 'billing', ...(isMarked && consultMark.fields) },
  })
const earlierLegs = (): Json[] => [
  ivr({ endedAt: 2, disconnectType: 'transfer' }),
  acd('billing-acd', 'billing', { startedAt: 2, endedAt: 6, disconnectType: 'transfer' }),
  agent('declined', 'user-eve', 'billing', { startedAt: 2, endedAt: 3, disconnectType: 'client' }),
]

/** A consult of the same agent that is over. */
const earlierConsult = (): Json =>
  participant('earlier', 'user', { startedAt: 6, endedAt: 7, disconnectType: 'client', peerId: 'leg-ann', ...consultMark })

const partyOptions = { startedAt: 8, fields: { userId: 'user-bob', queueId: 'sales' } }
const createParty = (purpose: string, state: string, options: ParticipantOptions): Json =>
  participant('party', purpose, { ...partyOptions, ...options, ...(state === 'connected' ? { answeredAt: 9 } : { state }) })
// A party that the platform lists before the party has a leg.
const withEmptyCallList = (party: Json): Json => ({ ...party, calls: [] })
const withoutCallList = ({ calls: _, ...fields }: Json): Json => fields

const withLeg = (one: Json, leg: Json): Json => ({ ...one, calls: [...(one['calls'] as Json[]), leg] })

/** Every state of a leg that is not over: the documented ones, and words that are not documented. */
const openStates = [
  ['dialing', 'alerting', 'contacting', 'offering', 'connected'],
  ['none', 'queued', 'converting', 'uploading', 'transmitting', 'parked', 'scheduled', 'hologram', 'Connecting', 'constructor'],
].flat()
const partyPurposes = ['agent', 'user', 'acd', 'external', 'ivr', 'voicemail', 'group', 'hologram']
/** Signs that the party belongs to a consult. The platform may show any of them, and need not show all. */
const marks = ['customer marked', 'agent marked', 'party marked'] as const
const peers = ["party's peer is the agent", "agent's peer is the party"] as const

t.test(
  'given a consult of any kind, in any state and order, when the call is checked, then it is being handed over, and waiting may help',
  async (t) => {
    const property = fc.property(
      fc.constantFrom('agent', 'user'),
      fc.constantFrom(...partyPurposes),
      fc.constantFrom(...openStates, 'no leg', 'no list of legs'),
      fc.subarray([...marks, ...peers], { minLength: 1 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (purpose, partyPurpose, state, signs, hasEarlierLegs, hasEarlierConsult, isReversed) => {
        const hasLeg = openStates.includes(state)
        // Only a mark can show a consult with a party that has no leg.
        fc.pre(hasLeg || marks.some((mark) => signs.includes(mark)))
        const ann = consultant(purpose, {
          isMarked: signs.includes('agent marked'),
          ...(signs.includes("agent's peer is the party") && { peerId: 'leg-party' }),
        })
        const party = createParty(partyPurpose, hasLeg ? state : 'none', {
          peerId: signs.includes("party's peer is the agent") ? 'leg-ann' : 'leg-customer',
          ...(signs.includes('party marked') && { fields: { ...partyOptions.fields, ...consultMark.fields } }),
        })
        const participants = [
          customer(signs.includes('customer marked') ? consultMark : {}),
          ...(hasEarlierLegs ? earlierLegs() : []),
          ...(hasEarlierConsult ? [earlierConsult()] : []),
          ann,
          hasLeg ? party : state === 'no leg' ? withEmptyCallList(party) : withoutCallList(party),
        ]
        assert.deepEqual(checkTransferable(conversationOf(isReversed ? participants.toReversed() : participants)), inProgress)
      },
    )
    t.doesNotThrow(() => fc.assert(property, { numRuns: 5_000 }))
  },
)

t.test('given a consult whose party has left, when the call is checked, then it can be transferred, whoever is still marked', async (t) => {
  const property = fc.property(
    fc.constantFrom('agent', 'user'),
    fc.constantFrom(...partyPurposes),
    fc.array(fc.constantFrom('terminated', 'disconnected', 'Terminated'), { minLength: 1, maxLength: 3 }),
    fc.subarray([...marks, ...peers]),
    fc.boolean(),
    fc.boolean(),
    fc.boolean(),
    (purpose, partyPurpose, states, signs, hasAnswered, hasEarlierLegs, isReversed) => {
      const ann = consultant(purpose, { isMarked: signs.includes('agent marked') })
      const party = participant('party', partyPurpose, {
        startedAt: 8,
        endedAt: 20,
        ...(hasAnswered && { answeredAt: 9 }),
        peerId: signs.includes("party's peer is the agent") ? 'leg-ann' : 'leg-customer',
        fields: { ...partyOptions.fields, ...(signs.includes('party marked') && consultMark.fields) },
      })
      const [leg] = party['calls'] as Json[]
      const participants = [
        customer(signs.includes('customer marked') ? consultMark : {}),
        ...(hasEarlierLegs ? earlierLegs() : []),
        ann,
        { ...party, calls: states.map((state, index) => ({ ...leg, id: `leg-party-${index}`, state })) },
      ]
      const result = checkTransferable(conversationOf(isReversed ? participants.toReversed() : participants))
      assert.ok(result.isTransferable)
      assert.equal(result.holder.id, 'ann')
    },
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2_000 }))
})

const partyGone = (purpose: string, options: ParticipantOptions = {}) =>
  participant('party', purpose, {
    startedAt: 8,
    endedAt: 20,
    peerId: 'leg-ann',
    ...options,
    fields: { ...partyOptions.fields, ...consultMark.fields },
  })
const annGone = () =>
  participant('ann', 'agent', { startedAt: 4, answeredAt: 5, endedAt: 20, disconnectType: 'transfer.consult', ...consultMark })

const refused: Array<[situation: string, participants: Json[]]> = [
  [
    'an agent who dials a number for a consult',
    [
      customer(),
      consultant('agent', { isMarked: true }),
      participant('number', 'external', { startedAt: 8, state: 'dialing', peerId: 'leg-ann' }),
    ],
  ],
  ['an agent whose consult has no party yet', [customer(), ...earlierLegs(), consultant('agent', { isMarked: true })]],
  ['a caller who is marked before the party of the consult is listed', [customer(consultMark), ...earlierLegs(), consultant('agent')]],
  [
    'an agent who calls the party of a consult on a second leg of the same participant',
    [customer(), withLeg(consultant('agent', { isMarked: true }), { id: 'second', state: 'dialing' })],
  ],
  [
    'a queue that took the call over from a consult and is about to offer it',
    [customer(), annGone(), createParty('acd', 'connected', consultMark), withEmptyCallList(agent('eve', 'user-eve', 'sales'))],
  ],
  [
    'a supervisor who monitors the call and is consulted about it',
    [
      customer(),
      consultant('agent'),
      participant('eve', 'user', { startedAt: 8, state: 'none', fields: { monitoredParticipantId: 'ann', ...consultMark.fields } }),
    ],
  ],
  [
    'an agent who consults a queue that rings at a colleague',
    [
      customer(),
      consultant('agent', { isMarked: true }),
      acd('sales-acd', 'sales', { startedAt: 8, peerId: 'leg-ann' }),
      agent('bob', 'user-bob', 'sales', { startedAt: 9, peerId: 'leg-ann' }),
    ],
  ],
]
for (const [situation, participants] of refused)
  t.test(`given ${situation}, when the call is checked, then it is being handed over`, async (t) => {
    t.same(checkTransferable(conversationOf(participants)), inProgress)
  })

const transferable: Array<[situation: string, participants: Json[], holder: string]> = [
  ['a consult that a colleague declined', [customer(), consultant('agent', { isMarked: true }), partyGone('user')], 'ann'],
  [
    'a consult with a queue that was canceled',
    [customer(), consultant('agent', { isMarked: true }), partyGone('acd', { answeredAt: 8 })],
    'ann',
  ],
  [
    'a consult with a number that was canceled',
    [customer(), consultant('agent', { isMarked: true }), partyGone('external', { answeredAt: 9 })],
    'ann',
  ],
  ['a consult after which the colleague has the call', [customer(), annGone(), createParty('agent', 'connected', consultMark)], 'party'],
  ['a consult after which the call waits in the queue', [customer(), annGone(), createParty('acd', 'connected', consultMark)], 'party'],
  [
    'a consult that is over, on a call that was then transferred to a queue, while the caller is still marked',
    [
      customer(consultMark),
      participant('ann', 'agent', { startedAt: 4, answeredAt: 5, endedAt: 10, disconnectType: 'transfer.consult' }),
      participant('bob', 'user', { startedAt: 8, answeredAt: 9, endedAt: 20, disconnectType: 'transfer' }),
      acd('sales-acd', 'sales', { startedAt: 21 }),
    ],
    'sales-acd',
  ],
  [
    'a consult that is over, and a participant without a leg that has left',
    [
      customer(),
      consultant('agent', { isMarked: true }),
      partyGone('user'),
      withEmptyCallList(participant('eve', 'user', { startedAt: 9, endedAt: 10 })),
    ],
    'ann',
  ],
  [
    'a consult that is over, and a participant who only chats',
    [
      customer(),
      consultant('agent', { isMarked: true }),
      partyGone('user'),
      { ...withEmptyCallList(participant('eve', 'user', { startedAt: 9 })), chats: [{ state: 'connected' }] },
    ],
    'ann',
  ],
  [
    'an agent whom a supervisor coaches',
    [
      customer(),
      consultant('agent'),
      participant('eve', 'user', { answeredAt: 9, peerId: 'leg-ann', fields: { coachedParticipantId: 'ann' } }),
    ],
    'ann',
  ],
]
for (const [situation, participants, holder] of transferable)
  t.test(`given ${situation}, when the call is checked, then it can be transferred`, async (t) => {
    for (const list of [participants, participants.toReversed()])
      t.match(checkTransferable(conversationOf(list)), { isTransferable: true, holder: { id: holder } })
  })

t.test('given a consult after which a number has the call, when the call is checked, then waiting does not help', async (t) => {
  const participants = [customer(), annGone(), createParty('external', 'connected', consultMark)]
  t.match(checkTransferable(conversationOf(participants)), { isTransferable: false, canRetry: false, reason: /SIP REFER/ })
})
