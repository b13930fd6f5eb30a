/** What the legs of one participant say: whether it is ringing, on the call or gone, and since when. */
import type { Leg, Participant } from './conversation.ts'

// docs/genesys-cloud.md rule 20; other states are neither.
const ringingStates = new Set(['alerting', 'dialing', 'contacting', 'offering'])
const endedStates = new Set(['disconnected', 'terminated'])

/** The leg by which this participant is on the call now. */
export const findConnectedLeg = (participant: Participant): Leg | undefined =>
  participant.endedAt === undefined ? participant.legs.find((leg) => leg.state === 'connected') : undefined

/** Whether this participant is on the call now. */
export const isConnected = (participant: Participant): boolean => findConnectedLeg(participant) !== undefined

/** The leg on which this participant is being called and has not answered. */
export const findRingingLeg = (participant: Participant): Leg | undefined =>
  participant.endedAt === undefined && !isConnected(participant) ? participant.legs.find((leg) => ringingStates.has(leg.state)) : undefined

/** Whether this participant is on the call or is being called. */
export const isAlive = (participant: Participant): boolean => isConnected(participant) || findRingingLeg(participant) !== undefined

/** Whether this participant was on the call, or was called, and all its legs are over. */
export const isFinished = (participant: Participant): boolean =>
  participant.legs.length > 0 && (participant.endedAt !== undefined || participant.legs.every((leg) => endedStates.has(leg.state)))

/**
 * The platform's time (ISO 8601) at which this participant first answered, even if it has hung up since.
 * The participant's own connectedTime counts only while a leg is connected: a declined offer may carry one, too.
 */
export function findAnswerTime(participant: Participant): string | undefined {
  const times = participant.legs.flatMap((leg) => {
    if (ringingStates.has(leg.state)) return []
    return leg.connectedAt ?? (leg.state === 'connected' ? (participant.connectedAt ?? []) : [])
  })
  return times.toSorted((a, b) => toEpochMs(a) - toEpochMs(b))[0]
}

/** The platform's time (ISO 8601) at which this participant's last leg ended. */
export function findLeaveTime(participant: Participant): string | undefined {
  const times = participant.legs.flatMap((leg) => leg.disconnectedAt ?? [])
  return times.toSorted((a, b) => toEpochMs(b) - toEpochMs(a))[0] ?? participant.endedAt
}

/**
 * Whether this participant is still on the call or, if the caller has hung up, stayed until then.
 * `callerLeftAt` is the platform's time, ISO 8601.
 */
export const wasPresentUntil = (participant: Participant, callerLeftAt?: string): boolean =>
  !isFinished(participant) || (callerLeftAt !== undefined && toEpochMs(findLeaveTime(participant)) >= toEpochMs(callerLeftAt))

/**
 * Epoch ms of an ISO 8601 time; 0 for none, so that it sorts first. Times must not be compared as text, because only some of them
 * have milliseconds.
 */
export const toEpochMs = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time))
