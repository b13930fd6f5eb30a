/** What the legs of one participant say: whether it is ringing, on the call or gone, and since when. */
import type { Leg, Participant } from './conversation.ts'

/**
 * The phase of a leg in each state that is documented or was observed (docs/genesys-cloud.md rule 20), the most informative state first.
 * A leg whose phase is `undecided` may still ring or connect. A state that is not listed counts as `undecided`.
 */
const phases = {
  alerting: 'ringing',
  dialing: 'ringing',
  contacting: 'ringing',
  offering: 'ringing',
  converting: 'undecided',
  uploading: 'undecided',
  transmitting: 'undecided',
  parked: 'undecided',
  scheduled: 'undecided',
  queued: 'undecided',
  none: 'undecided',
  connected: 'connected',
  disconnected: 'over',
  terminated: 'over',
} as const satisfies Record<string, 'ringing' | 'undecided' | 'connected' | 'over'>
type Phase = (typeof phases)[keyof typeof phases]

const phaseOf = ({ state }: Leg): Phase => (Object.hasOwn(phases, state) ? phases[state as keyof typeof phases] : 'undecided')

/** The most informative state of the participant's legs that are not over; undefined if `phases` lists none of their states. */
export const findListedState = ({ legs }: Participant): string | undefined =>
  Object.keys(phases).find((state) => legs.some((leg) => leg.state === state && phaseOf(leg) !== 'over'))

/** The legs by which this participant is on the call now. */
export const findConnectedLegs = ({ endedAt, legs }: Participant): Leg[] =>
  endedAt === undefined ? legs.filter((leg) => phaseOf(leg) === 'connected') : []

/** A leg by which this participant is on the call now: the first, if there are several. */
export const findConnectedLeg = (participant: Participant): Leg | undefined => findConnectedLegs(participant)[0]

/** Whether this participant is on the call now. */
export const isConnected = (participant: Participant): boolean => findConnectedLeg(participant) !== undefined

/** Whether a leg of this participant rings or is being dialed, even if another leg of the participant is on the call. */
export const hasRingingLeg = ({ endedAt, legs }: Participant): boolean =>
  endedAt === undefined && legs.some((leg) => phaseOf(leg) === 'ringing')

/** The leg on which this participant is being called, if the participant is not on the call by another leg. */
export const findRingingLeg = (participant: Participant): Leg | undefined =>
  hasRingingLeg(participant) && !isConnected(participant) ? participant.legs.find((leg) => phaseOf(leg) === 'ringing') : undefined

/** Whether this participant has left: it has an end time, or it has legs and all of them are over. */
export const hasLeft = ({ endedAt, legs }: Participant): boolean =>
  endedAt !== undefined || (legs.length > 0 && legs.every((leg) => phaseOf(leg) === 'over'))

/**
 * Whether this participant was on the call, or was called, and has left. Unlike `hasLeft`, false for a participant that never had a leg.
 */
export const isFinished = (participant: Participant): boolean => participant.legs.length > 0 && hasLeft(participant)

/**
 * How many legs of this participant are not over. A participant without a leg counts as one, because it may still get a leg, unless it
 * uses another medium (docs/genesys-cloud.md rule 23).
 */
export function countOpenLegs(participant: Participant): number {
  if (hasLeft(participant)) return 0
  if (participant.legs.length > 0) return participant.legs.filter((leg) => phaseOf(leg) !== 'over').length
  return participant.otherMedia.length === 0 ? 1 : 0
}

/**
 * The platform's time (ISO 8601) at which this participant first answered, even if it has hung up since; undefined if it has not answered.
 * The participant's own time counts only while a leg is connected, because a participant that declined may have one too.
 */
export function findAnswerTime(participant: Participant): string | undefined {
  const times = participant.legs.flatMap((leg) => {
    if (phaseOf(leg) === 'ringing') return []
    return leg.connectedAt ?? (leg.state === 'connected' ? (participant.connectedAt ?? []) : [])
  })
  return times.toSorted((a, b) => toEpochMs(a) - toEpochMs(b))[0]
}

/** The platform's time (ISO 8601) at which this participant's last leg ended, or else at which the participant ended. */
export function findLeaveTime(participant: Participant): string | undefined {
  const times = participant.legs.flatMap((leg) => leg.disconnectedAt ?? [])
  return times.toSorted((a, b) => toEpochMs(b) - toEpochMs(a))[0] ?? participant.endedAt
}

/**
 * Whether this participant has not left the call, or left no earlier than the caller.
 * @param callerLeftAt the platform's time, ISO 8601; undefined while the caller is on the call
 */
export const wasPresentUntil = (participant: Participant, callerLeftAt?: string): boolean =>
  !isFinished(participant) || (callerLeftAt !== undefined && toEpochMs(findLeaveTime(participant)) >= toEpochMs(callerLeftAt))

/**
 * Epoch ms of an ISO 8601 time; 0 if there is none, so that no time sorts first. Times cannot be compared as text, because only some
 * have milliseconds.
 */
export const toEpochMs = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time))
