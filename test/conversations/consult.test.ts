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
const consultant = (purpose: string, isMarked: boolean, peerId: string | undefined) =>
  participant('ann', purpose, {
    startedAt: 4,
    answeredAt: 5,
    ...(peerId !== undefined && { peerId }),
    fields: { userId: 'user-ann', queueId: 'billing', ...(isMarked && consultMark.fields) },
  })
const earlierLegs = (): Json[] => [
  ivr({ endedAt: 2, disconnectType: 'transfer' }),
  acd('billing-acd', 'billing', { startedAt: 2, endedAt: 6, disconnectType: 'transfer' }),
  agent('declined', 'user-eve', 'billing', { startedAt: 2, endedAt: 3, disconnectType: 'client' }),
]

const partyOptions = { startedAt: 8, fields: { userId: 'user-bob', queueId: 'sales' } }
const createParty = (purpose: string, state: string, options: ParticipantOptions): Json =>
  participant('party', purpose, { ...partyOptions, ...options, ...(state === 'connected' ? { answeredAt: 9 } : { state }) })

/** What shows that the party belongs to a consult; the platform may set any of them, and not all. */
const signs = ['agent marked', 'party marked', "party's peer is the agent", "agent's peer is the party"] as const

t.test('given a consult of any kind, in any state and order, then the call is being handed over, and waiting may help', async (t) => {
  const property = fc.property(
    fc.constantFrom('agent', 'user'),
    fc.constantFrom('agent', 'user', 'acd', 'external', 'ivr', 'voicemail', 'group', 'hologram'),
    fc.constantFrom('dialing', 'alerting', 'contacting', 'offering', 'connected'),
    fc.subarray([...signs], { minLength: 1 }),
    fc.boolean(),
    fc.boolean(),
    (purpose, partyPurpose, state, shown, hasEarlierLegs, isReversed) => {
      const ann = consultant(
        purpose,
        shown.includes('agent marked'),
        shown.includes("agent's peer is the party") ? 'leg-party' : 'leg-customer',
      )
      const party = createParty(partyPurpose, state, {
        peerId: shown.includes("party's peer is the agent") ? 'leg-ann' : 'leg-customer',
        ...(shown.includes('party marked') && { fields: { ...partyOptions.fields, ...consultMark.fields } }),
      })
      const participants = [customer(), ...(hasEarlierLegs ? earlierLegs() : []), ann, party]
      assert.deepEqual(checkTransferable(conversationOf(isReversed ? participants.toReversed() : participants)), inProgress)
    },
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2_000 }))
})

const refused: Array<[given: string, participants: Json[]]> = [
  [
    'an agent who dials a number for a consult',
    [
      customer(),
      consultant('agent', true, 'leg-customer'),
      participant('number', 'external', { startedAt: 8, state: 'dialing', peerId: 'leg-ann' }),
    ],
  ],
  ['an agent whose consult has no party yet', [customer(), ...earlierLegs(), consultant('agent', true, 'leg-customer')]],
  [
    'an agent who consults a queue that rings at a colleague',
    [
      customer(),
      consultant('agent', true, 'leg-customer'),
      acd('sales-acd', 'sales', { startedAt: 8, peerId: 'leg-ann' }),
      agent('bob', 'user-bob', 'sales', { startedAt: 9, peerId: 'leg-ann' }),
    ],
  ],
]
for (const [given, participants] of refused)
  t.test(`given ${given}, then the call is being handed over`, async (t) => {
    t.same(checkTransferable(conversationOf(participants)), inProgress)
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

const transferable: Array<[given: string, participants: Json[], holder: string]> = [
  ['a consult that a colleague declined', [customer(), consultant('agent', true, 'leg-customer'), partyGone('user')], 'ann'],
  [
    'a consult with a queue that was canceled',
    [customer(), consultant('agent', true, 'leg-customer'), partyGone('acd', { answeredAt: 8 })],
    'ann',
  ],
  [
    'a consult with a number that was canceled',
    [customer(), consultant('agent', true, 'leg-customer'), partyGone('external', { answeredAt: 9 })],
    'ann',
  ],
  ['a consult after which the colleague has the call', [customer(), annGone(), createParty('agent', 'connected', consultMark)], 'party'],
  ['a consult after which the call waits in the queue', [customer(), annGone(), createParty('acd', 'connected', consultMark)], 'party'],
  [
    'an agent whom a supervisor coaches',
    [
      customer(),
      consultant('agent', false, 'leg-customer'),
      participant('eve', 'user', { answeredAt: 9, peerId: 'leg-ann', fields: { coachedParticipantId: 'ann' } }),
    ],
    'ann',
  ],
]
for (const [given, participants, holder] of transferable)
  t.test(`given ${given}, then it can be transferred`, async (t) => {
    for (const list of [participants, participants.toReversed()])
      t.match(checkTransferable(conversationOf(list)), { isTransferable: true, holder: { id: holder } })
  })

t.test('given a consult after which a number has the call, then waiting does not help', async (t) => {
  const participants = [customer(), annGone(), createParty('external', 'connected', consultMark)]
  t.match(checkTransferable(conversationOf(participants)), { isTransferable: false, canRetry: false, reason: /SIP REFER/ })
})

t.test('given any other party that rings, then the call is being handed over, and waiting may help', async (t) => {
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
