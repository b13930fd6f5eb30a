import { isPerson, hasAnswered } from './participants.ts'
import { answeredAt, connectedLeg, instant, isFinished, ringingLeg } from './leg.ts'
import type { Participant } from './conversation.ts'

/** Where a transfer was sent. The number itself is not needed to recognise the leg that was dialled, and is not kept. */
export type Destination = { type: 'queue'; queueId: string } | { type: 'agent'; userId: string } | { type: 'number' }

const MACHINES = new Set(['acd', 'ivr', 'voicemail', 'botflow', 'workflow', 'voicesurveyflow', 'fax'])

/** Whether this newcomer is one with whom the destination answers: the queue's agent, the agent, the dialled party. */
function answersFor(newcomer: Participant, destination: Destination): boolean {
  switch (destination.type) {
    case 'queue':
      return isPerson(newcomer) && newcomer.queueId === destination.queueId
    case 'agent':
      return isPerson(newcomer) && newcomer.userId === destination.userId
    // What a number leads to may be a colleague's own line; but one who comes with a queue was sent by the queue.
    case 'number':
      return !MACHINES.has(newcomer.purpose) && !(isPerson(newcomer) && newcomer.queueId !== undefined)
  }
}

/** The legs with which the destination was offered the call, oldest answer first. */
export const offersTo = (newcomers: Participant[], destination: Destination): Participant[] =>
  newcomers.filter((one) => answersFor(one, destination)).toSorted((a, b) => instant(answeredAt(a)) - instant(answeredAt(b)))

/**
 * Rule 3: the destination answered, even if that one has hung up since. The first to answer, so that what comes after
 * (a consult, a second round through the queue) never changes who picked up.
 */
export const pickupAmong = (offers: Participant[]): Participant | undefined => offers.find(hasAnswered)

/** Rule 4, second half: the destination's phone rings. */
export const ringingAmong = (offers: Participant[]): Participant | undefined =>
  offers.find((one) => ringingLeg(one) !== undefined) ?? offers.find((one) => connectedLeg(one) !== undefined && !hasAnswered(one))

/** Rule 4, first half: this newcomer is the destination queue itself, holding the caller for an agent. */
export const isQueueOf = (newcomer: Participant, destination: Destination): boolean =>
  destination.type === 'queue' && newcomer.purpose === 'acd' && newcomer.queueId === destination.queueId

/** An offer that ended unanswered. */
export const isUnanswered = (offer: Participant): boolean => isFinished(offer) && !hasAnswered(offer)

/** Rule 5: offers that an agent declined or let ring out. One that ended because the caller left (`peer`) is nobody's refusal. */
export const bouncesAmong = (offers: Participant[]): number =>
  offers.filter((one) => isPerson(one) && isUnanswered(one) && !one.calls.some((leg) => leg.disconnectType === 'peer')).length
