/** A call whose holder, caller or other party is being called on a further leg is not moved (docs/genesys-cloud.md rules 29 and 97). */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { checkTransferable } from '../../src/conversations/transferable.ts'
import { acd, agent, conversationOf, customer, isoAt, ivr, participant, type Json } from './fixtures.ts'

const withLegs = (one: Json, legs: Json[]): Json => ({ ...one, calls: [...(one['calls'] as Json[]), ...legs] })
const reverseLegs = (one: Json): Json => ({ ...one, calls: (one['calls'] as Json[]).toReversed() })
const ringingStates = ['dialing', 'alerting', 'contacting', 'offering', 'Dialing']
const overStates = ['disconnected', 'terminated', 'Terminated']

/** The internal participant that has the call, with a leg to the caller. */
const holderOf = (purpose: string, peerId?: string): Json =>
  participant('ann', purpose, {
    startedAt: 4,
    answeredAt: 5,
    ...(peerId !== undefined && { peerId }),
    fields: { userId: 'user-ann', queueId: 'billing' },
  })
const secondLeg = (state: string, fields: Json = {}): Json => ({ id: 'second', state, held: false, ...fields })
const anyPeer = fc.constantFrom(undefined, 'leg-customer')
const withPeer = (peerId: string | undefined): Json => (peerId === undefined ? {} : { peerId })

const check = (participants: Json[], isReversed: boolean) =>
  checkTransferable(conversationOf(isReversed ? participants.map(reverseLegs).toReversed() : participants))

t.test(
  'given a holder, a caller or another party with a further leg that rings, when the call is checked, then it stays, and waiting may help',
  async (t) => {
    const property = fc.property(
      fc.constantFrom('agent', 'user', 'acd', 'ivr', 'voicemail', 'workflow', 'hologram'),
      fc.constantFrom('holder', 'caller', 'outside party'),
      fc.constantFrom(...ringingStates),
      anyPeer,
      fc.boolean(),
      fc.boolean(),
      (purpose, who, state, peerId, isHeld, isReversed) => {
        const ringing = [secondLeg(state, withPeer(peerId))]
        const holder = holderOf(purpose, peerId)
        holder['calls'] = (holder['calls'] as Json[]).map((leg) => ({ ...leg, held: isHeld }))
        const outside = participant('ext', 'external', { startedAt: 6, answeredAt: 7 })
        const result = check(
          [
            who === 'caller' ? withLegs(customer(), ringing) : customer(),
            who === 'holder' ? withLegs(holder, ringing) : holder,
            ...(who === 'outside party' ? [withLegs(outside, ringing)] : []),
          ],
          isReversed,
        )
        assert.ok(!result.isTransferable && result.canRetry && !result.hasEnded, JSON.stringify(result))
        assert.match(result.reason, /a consult is in progress$|^(the caller's second|.+'s) leg is (dialing|alerting|contacting|offering)$/)
      },
    )
    t.doesNotThrow(() => fc.assert(property, { numRuns: 1_000 }))
  },
)

t.test(
  'given an agent who talks to somebody other than the caller on a further leg, when the call is checked, then it is being handed over, although the party is not listed',
  async (t) => {
    for (const purpose of ['agent', 'user'])
      for (const isReversed of [false, true]) {
        const ann = withLegs(holderOf(purpose, 'leg-customer'), [secondLeg('connected', { peerId: 'leg-nobody' })])
        t.match(
          check([customer(), ann], isReversed),
          { isTransferable: false, canRetry: true, reason: /a consult is in progress/ },
          purpose,
        )
      }
  },
)

t.test('given further legs that are over, or that cannot ring, when the call is checked, then it can be transferred', async (t) => {
  const property = fc.property(
    fc.constantFrom('agent', 'user', 'acd', 'ivr', 'hologram'),
    fc.array(fc.constantFrom(...overStates, 'none', 'parked'), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('holder', 'caller'),
    anyPeer,
    fc.boolean(),
    (purpose, states, who, peerId, isReversed) => {
      const legs = states.map((state, index) => ({ ...secondLeg(state, withPeer(peerId)), id: `other-${index}` }))
      const holder = holderOf(purpose, peerId)
      const result = check(
        [who === 'caller' ? withLegs(customer(), legs) : customer(), who === 'holder' ? withLegs(holder, legs) : holder],
        isReversed,
      )
      assert.ok(result.isTransferable, JSON.stringify(result))
      assert.equal(result.holder.id, 'ann')
    },
  )
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }))
})

const ringingLeg = [secondLeg('dialing')]
const transferable: Array<[situation: string, participants: Json[], holder: string]> = [
  [
    'an agent whose phone was called twice, and who answered the second time',
    [
      customer(),
      {
        ...holderOf('agent'),
        calls: [
          { id: 'first', state: 'terminated', disconnectedTime: isoAt(4), disconnectType: 'client' },
          { id: 'second', state: 'connected', connectedTime: isoAt(5) },
        ],
      },
    ],
    'ann',
  ],
  [
    'an agent with two connected legs, both of them to the caller',
    [customer(), withLegs(holderOf('agent', 'leg-customer'), [secondLeg('connected', { peerId: 'leg-customer' })])],
    'ann',
  ],
  [
    'a monitor whose second leg rings',
    [
      customer(),
      holderOf('agent'),
      withLegs(participant('eve', 'user', { answeredAt: 6, fields: { monitoredParticipantId: 'ann' } }), ringingLeg),
    ],
    'ann',
  ],
  [
    'an agent and a caller who also have a callback that is scheduled or offered',
    [
      { ...customer(), callbacks: [{ id: 'cb', state: 'scheduled' }] },
      { ...holderOf('agent'), callbacks: [{ id: 'cb2', state: 'alerting' }] },
    ],
    'ann',
  ],
  [
    'a participant that has left, although one of its legs is still listed as dialing',
    [customer(), { ...withLegs(ivr({ endedAt: 3, disconnectType: 'transfer' }), ringingLeg) }, holderOf('agent')],
    'ann',
  ],
  [
    'a waiting call whose offer to another agent was declined',
    [customer(), acd('acd', 'billing'), agent('bob', 'user-bob', 'billing', { startedAt: 2, endedAt: 4, disconnectType: 'client' })],
    'acd',
  ],
]
for (const [situation, participants, holder] of transferable)
  t.test(`given ${situation}, when the call is checked, then it can be transferred`, async (t) => {
    for (const isReversed of [false, true]) t.match(check(participants, isReversed), { isTransferable: true, holder: { id: holder } })
  })
