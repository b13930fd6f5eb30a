/** Whenever a forwarded offer of a queue is read: it rings until the number answers, and the queue is not replaced meanwhile (docs/genesys-cloud.md rule 98). */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { observeProgress } from '../../../src/conversations/progress.ts'
import { findReplaceableQueue } from '../../../src/conversations/replaceable-queue.ts'
import { agent, conversationOf, customer, isoAt, participant, type Json, type ParticipantOptions } from '../fixtures.ts'
import { ann, dialedParty, heldByIvr, ivrGone, salesQueue, toQueue } from './cases.ts'

const forwarded = ann({ endedAt: 5, disconnectType: 'transfer.forward' })
const bob = (options: ParticipantOptions) => agent('bob-1', 'bob', 'sales', options)
const party = (options: ParticipantOptions) => dialedParty({ startedAt: 5, ...options })

t.test('given a forwarded call that rings at the other number, then its queue cannot be replaced until the number has ended', async (t) => {
  const before = [customer(), ivrGone, salesQueue(), forwarded]
  const find = (participants: Json[]) => findReplaceableQueue(conversationOf(participants), heldByIvr, toQueue)?.id
  t.equal(find(before), 'sales-acd')
  for (const state of ['dialing', 'alerting', 'contacting', 'offering', 'none'])
    t.equal(find([...before, party({ state })]), undefined, state)
  t.equal(find([...before, party({ endedAt: 20 })]), 'sales-acd', 'ended')
  t.equal(find([...before, agent('eve', 'eve', undefined, { startedAt: 5 })]), undefined, 'forwarded to a colleague')
  t.equal(find([...before, bob({ startedAt: 6 })]), 'sales-acd', 'an offer of the queue')
  const monitor = participant('mon', 'user', { startedAt: 6, fields: { monitoredParticipantId: 'sales-acd' } })
  t.equal(find([...before, monitor]), 'sales-acd', 'a monitor')
})

/** Seconds: the agent's leg ends, the number answers or gives up after it, and the queue's leg ends with the forwarding or near the answer. */
const anyForwarding = fc.record({
  forwardedAt: fc.integer({ min: 4, max: 20 }),
  ringsFor: fc.integer({ min: 1, max: 30 }),
  isAnswered: fc.boolean(),
  queueLeaves: fc.constantFrom('when the call is forwarded', 'at the answer', 'never'),
  declinedOffers: fc.nat(2),
})
t.test(
  'given any forwarding of an offer, when it is read at any time, then it rings until the number answers, and that answer is the pickup',
  async (t) => {
    const property = fc.property(
      anyForwarding,
      fc.nat(60),
      fc.boolean(),
      ({ forwardedAt, ringsFor, isAnswered, queueLeaves, declinedOffers }, now, isReversed) => {
        const decidedAt = forwardedAt + ringsFor
        const until = (second: number) => (second <= now ? { endedAt: second } : {})
        const queueEnd = { 'when the call is forwarded': forwardedAt, 'at the answer': isAnswered ? decidedAt : Infinity, never: Infinity }[
          queueLeaves
        ]
        const participants = [
          customer(),
          ivrGone,
          salesQueue(until(queueEnd)),
          ...Array.from({ length: declinedOffers }, (_, index) =>
            agent(`declined-${index}`, 'eve', 'sales', { startedAt: 2, endedAt: 3, disconnectType: 'client' }),
          ),
          now < forwardedAt ? ann() : ann({ endedAt: forwardedAt, disconnectType: 'transfer.forward' }),
          ...(now < forwardedAt
            ? []
            : [
                party({
                  startedAt: forwardedAt,
                  ...(now < decidedAt ? { state: 'dialing' } : isAnswered ? { answeredAt: decidedAt } : { endedAt: decidedAt }),
                }),
              ]),
        ]
        const progress = observeProgress(conversationOf(isReversed ? participants.toReversed() : participants), heldByIvr, toQueue)
        const bounces = declinedOffers
        const expected =
          now < forwardedAt
            ? { status: 'ringing', userId: 'ann', bounces }
            : now < decidedAt
              ? { status: 'ringing', bounces }
              : isAnswered
                ? { status: 'picked_up', at: isoAt(decidedAt), via: 'forwarding', bounces }
                : { status: 'waiting', bounces }
        assert.deepEqual(progress, expected)
      },
    )
    t.doesNotThrow(() => fc.assert(property, { numRuns: 1_000 }))
  },
)

t.test(
  'given a flow that sends the call to a number some time after a forwarding failed, when it is read at any time, then it is never picked up',
  async (t) => {
    const property = fc.property(
      anyForwarding,
      fc.integer({ min: 2, max: 20 }),
      fc.integer({ min: 2, max: 20 }),
      fc.boolean(),
      fc.nat(100),
      (forwarding, pause, rings, isShown, now) => {
        const failedAt = forwarding.forwardedAt + forwarding.ringsFor
        const [leftAt, answeredAt] = [failedAt + pause, failedAt + pause + rings]
        const participants = [
          customer(),
          ivrGone,
          salesQueue(leftAt <= now ? { endedAt: leftAt } : {}),
          ann({ endedAt: forwarding.forwardedAt, disconnectType: 'transfer.forward' }),
          ...(isShown ? [party({ startedAt: forwarding.forwardedAt, endedAt: failedAt })] : []),
          ...(now < leftAt
            ? []
            : [participant('next', 'external', { startedAt: leftAt, ...(now < answeredAt ? { state: 'dialing' } : { answeredAt }) })]),
        ]
        const { status } = observeProgress(conversationOf(participants), heldByIvr, toQueue)
        assert.equal(status, now < answeredAt ? 'waiting' : 'flowed_out')
      },
    )
    t.doesNotThrow(() => fc.assert(property, { numRuns: 1_000 }))
  },
)
