import type { Leg, Participant } from './conversation.ts'

const RINGING = new Set(['alerting', 'dialing', 'contacting', 'offering'])
const OVER = new Set(['disconnected', 'terminated'])

/** The leg on which this participant is in the call now (genesys-api §3.2). */
export const connectedLeg = (participant: Participant): Leg | undefined =>
  participant.endedAt === undefined ? participant.calls.find((leg) => leg.state === 'connected') : undefined

/** The leg on which this participant is being called and has not answered. */
export const ringingLeg = (participant: Participant): Leg | undefined =>
  participant.endedAt === undefined && connectedLeg(participant) === undefined
    ? participant.calls.find((leg) => RINGING.has(leg.state))
    : undefined

/** The participant was in the call and no leg of it is left. */
export const isFinished = (participant: Participant): boolean =>
  participant.calls.length > 0 && (participant.endedAt !== undefined || participant.calls.every((leg) => OVER.has(leg.state)))

/**
 * The platform's time (ISO 8601) at which this participant first answered, also when it has hung up since.
 * The participant's own connectedTime counts only while connected: nothing says that a declined offer never carries one.
 */
export function answeredAt(participant: Participant): string | undefined {
  const times = participant.calls.flatMap((leg) => {
    if (RINGING.has(leg.state)) return []
    return leg.connectedAt ?? (leg.state === 'connected' ? (participant.connectedAt ?? []) : [])
  })
  return times.toSorted((a, b) => instant(a) - instant(b))[0]
}

/** The platform's time (ISO 8601) at which this participant's last leg ended. */
export function leftAt(participant: Participant): string | undefined {
  const times = participant.calls.flatMap((leg) => leg.disconnectedAt ?? [])
  return times.toSorted((a, b) => instant(b) - instant(a))[0] ?? participant.endedAt
}

/** Whether this participant is in the call still or, where the caller has left at `callerLeftAt`, was so until then. */
export const wasPresentUntil = (participant: Participant, callerLeftAt?: string): boolean =>
  !isFinished(participant) || (callerLeftAt !== undefined && instant(leftAt(participant)) >= instant(callerLeftAt))

/** Epoch milliseconds; what has no time comes before everything (texts do not compare: some times have milliseconds, some not). */
export const instant = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time))
