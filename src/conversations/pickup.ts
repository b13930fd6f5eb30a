/** Whether the destination of a transfer picked up, is ringing, or did not take the call. */
import { hasCallGoneOn, isForwarded, isRefusal } from './disconnect-type.ts'
import { hasAnswered, isOutside, isPerson } from './participants.ts'
import { countOpenLegs, findAnswerTime, findLeaveTime, findRingingLeg, isFinished, toEpochMs } from './leg.ts'
import type { Participant } from './conversation.ts'

/** Where a transfer goes. The number itself is not needed, because the dialed participant is recognized without it. */
export type Destination = { type: 'queue'; queueId: string } | { type: 'agent'; userId: string } | { type: 'number' }

const machinePurposes = new Set(['acd', 'ivr', 'voicemail', 'botflow', 'workflow', 'voicesurveyflow', 'fax'])

/** Whether this newcomer answers for the destination: it is an agent of the queue, the agent, or the dialed party. */
function canAnswerFor(newcomer: Participant, destination: Destination): boolean {
  switch (destination.type) {
    case 'queue':
      return isPerson(newcomer) && newcomer.queueId === destination.queueId
    case 'agent':
      return isPerson(newcomer) && newcomer.userId === destination.userId
    // A number can belong to a colleague. A person with a queue was not dialed, but got the call from that queue.
    case 'number':
      return !machinePurposes.has(newcomer.purpose) && !(isPerson(newcomer) && newcomer.queueId !== undefined)
  }
}

/**
 * The offers of the call to the destination, the earliest answer first. Each offer is a participant of its own. If an agent did not take
 * the call and the platform passed it on, outside parties that joined count as offers too: one may be the number to which the agent's
 * calls are forwarded (docs/genesys-cloud.md rule 98).
 * @param newcomers the participants that joined after the snapshot
 */
export function findOffers(newcomers: Participant[], destination: Destination): Participant[] {
  const offers = newcomers.filter((newcomer) => canAnswerFor(newcomer, destination))
  const answers = offers.map((offer) => ({ offer, answeredAt: toEpochMs(findAnswerTime(offer)) }))
  const forwardedAnswers = newcomers.filter(isOutside).flatMap((party) => {
    const forwardedAt = findForwardingTime(party, newcomers, offers, destination)
    // An outside party's answer counts as no earlier than the end of the agent's own leg, so that it never comes before a pickup by the agent.
    return forwardedAt === undefined ? [] : [{ offer: party, answeredAt: Math.max(toEpochMs(findAnswerTime(party)), forwardedAt) }]
  })
  return [...answers, ...forwardedAnswers].toSorted((a, b) => a.answeredAt - b.answeredAt).map(({ offer }) => offer)
}

/** How far apart the end of the queue's leg and the event that ends it may be, ms (docs/genesys-cloud.md rule 33 has seen 51 ms). */
const queueLegToleranceMs = 1_000

/**
 * Since when an outside party may be the number to which an offer was passed on, epoch ms; undefined if it cannot be.
 *
 * An in-queue flow may send the call to a number, too, but only after the queue's leg has ended. So the number of a queue's agent is one
 * that answered or rings while the queue had its leg, or after a queue's leg that ended together with the agent's. When the party's leg
 * began is not compared, because events do not show it.
 */
function findForwardingTime(
  party: Participant,
  newcomers: Participant[],
  offers: Participant[],
  destination: Destination,
): number | undefined {
  if (destination.type === 'number') return undefined
  const passedOnTimes = offers
    .filter((offer) => isPassedOn(offer) && (destination.type === 'agent' || offer.legs.some(isForwarded)))
    .map((offer) => toEpochMs(findLeaveTime(offer)))
  if (passedOnTimes.length === 0) return undefined
  const firstPassedOnAt = Math.min(...passedOnTimes)
  if (destination.type === 'agent') return firstPassedOnAt

  const queues = newcomers.filter((newcomer) => isDestinationQueue(newcomer, destination))
  const answeredAt = toEpochMs(findAnswerTime(party)) || Infinity
  const hadCallAtAnswer = queues.some(
    (queue) =>
      toEpochMs(findAnswerTime(queue)) <= answeredAt &&
      (!isFinished(queue) || toEpochMs(findLeaveTime(queue)) >= answeredAt - queueLegToleranceMs),
  )
  if (hadCallAtAnswer) return firstPassedOnAt
  const queueLeaveTimes = queues.filter(isFinished).map((queue) => toEpochMs(findLeaveTime(queue)))
  const letGoTimes = queueLeaveTimes.flatMap((leftAt) =>
    passedOnTimes.filter((passedOnAt) => Math.abs(leftAt - passedOnAt) <= queueLegToleranceMs).map((at) => Math.max(leftAt, at)),
  )
  return letGoTimes.length > 0 ? Math.min(...letGoTimes) : undefined
}

/** Whether a transfer ended this offer before it was answered, so that the platform passes the call on. */
const isPassedOn = (offer: Participant): boolean => isUnanswered(offer) && offer.legs.some(hasCallGoneOn)

/**
 * The offer that ended last, if a transfer ended it: the platform is about to ring somewhere else (docs/genesys-cloud.md rule 98).
 * Otherwise undefined.
 * @param offers unanswered offers
 */
export function findPassedOn(offers: Participant[]): Participant | undefined {
  const newest = offers.toSorted((a, b) => toEpochMs(findLeaveTime(b)) - toEpochMs(findLeaveTime(a)))[0]
  return newest !== undefined && isPassedOn(newest) ? newest : undefined
}

/**
 * The offer that was picked up first, even if that participant has hung up since (docs/genesys-cloud.md rule 32). A later consult or a
 * second offer never changes who picked up.
 * @param offers as `findOffers` returns them, the earliest answer first
 */
export const findPickup = (offers: Participant[]): Participant | undefined => offers.find(hasAnswered)

/**
 * An offer that rings at the destination, or is about to (docs/genesys-cloud.md rules 20 and 33): its leg is neither answered nor over, or
 * it has no leg yet. A person's leg that is connected but has no answer time still rings.
 */
export const findRinging = (offers: Participant[]): Participant | undefined =>
  offers.find((offer) => findRingingLeg(offer) !== undefined) ?? offers.find((offer) => countOpenLegs(offer) > 0 && !hasAnswered(offer))

/** Whether this newcomer is the destination queue itself, in which the caller waits for an agent (docs/genesys-cloud.md rule 33). */
export const isDestinationQueue = (newcomer: Participant, destination: Destination): boolean =>
  destination.type === 'queue' && newcomer.purpose === 'acd' && newcomer.queueId === destination.queueId

/** Whether this offer ended without an answer. */
export const isUnanswered = (offer: Participant): boolean => isFinished(offer) && !hasAnswered(offer)

/**
 * How many offers agents declined or let ring out. An offer that ended because the caller left, or because the agent's calls are
 * forwarded, is not a bounce (docs/genesys-cloud.md rules 34 and 98).
 */
export const countBounces = (offers: Participant[]): number =>
  offers.filter((offer) => isPerson(offer) && isUnanswered(offer) && offer.legs.every(isRefusal)).length
