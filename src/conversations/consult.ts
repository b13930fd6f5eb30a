/** Whether an agent consults another party while the caller waits: then the call is being handed over. */
import { findAnswerTime, findLeaveTime, isAlive, isConnected, isFinished, toEpochMs } from './leg.ts'
import { hasAnswered, isPerson } from './participants.ts'
import type { Participant } from './conversation.ts'

/**
 * Whether a person on the call consults, or is about to (docs/genesys-cloud.md rule 97). The consulted party can be a person, a queue or
 * a number, and may still be ringing.
 * @param others all participants but the caller and monitors
 */
export const isConsultInProgress = (others: Participant[]): boolean =>
  others.some((person) => {
    if (!isPerson(person) || !isConnected(person)) return false
    const parties = others.filter((other) => other !== person && isAlive(other))
    if (parties.length === 0) return person.isInConsult && !hasConsulted(person, others)
    return parties.some((party) => person.isInConsult || party.isInConsult || arePeers(person, party))
  })

const arePeers = (one: Participant, other: Participant): boolean => hasPeerIn(one, other) || hasPeerIn(other, one)
const hasPeerIn = ({ legs }: Participant, other: Participant): boolean =>
  legs.some(({ peerId }) => peerId !== undefined && other.legs.some(({ id }) => id === peerId))

/**
 * Whether a consult of this person can be over: either a party that joined later has left again, or another person, who was on the call
 * when this one joined, has left. It is not documented that the platform clears `consultParticipantId` then.
 */
const hasConsulted = (person: Participant, others: Participant[]): boolean =>
  others.some(
    (other) =>
      isFinished(other) &&
      (toEpochMs(other.startedAt) >= toEpochMs(findAnswerTime(person)) ||
        (isPerson(other) && hasAnswered(other) && toEpochMs(findLeaveTime(other)) >= toEpochMs(person.startedAt))),
  )
