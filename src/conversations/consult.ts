/** Whether a consult is in progress: an agent talks, or is about to talk, to another party while the caller waits. */
import { countOpenLegs, findAnswerTime, findConnectedLegs, findLeaveTime, hasLeft, hasRingingLeg, isConnected, toEpochMs } from './leg.ts'
import { isPerson } from './participants.ts'
import type { Participant } from './conversation.ts'

/**
 * Whether a consult is in progress (docs/genesys-cloud.md rule 97). The consulted party can be a person, a queue or a number.
 * The platform marks the participants of a consult (`isInConsult`), sometimes the caller too.
 * - If a participant that is still there is marked: yes, if more than one leg besides the caller's is not over. With fewer legs it is
 *   still yes, because a consult that has just begun has no party yet, except if every mark may be left over from an ended consult.
 * - If no participant is marked: yes, if a connected person and another party are peers: a leg of one has a leg of the other as its peer.
 *   It is also yes if a connected person has a second leg that rings or talks to another party, which may not be listed yet.
 */
export function isConsultInProgress(participants: Participant[], caller: Participant): boolean {
  // A monitor takes no part in the call, unless it is part of a consult.
  const others = participants.filter((participant) => participant !== caller && (!participant.isMonitor || participant.isInConsult))
  const marked = participants.filter((participant) => participant.isInConsult && !hasLeft(participant))
  if (marked.length === 0) return havePeersInConsult(others) || others.some((person) => isPerson(person) && hasConsultLeg(person, caller))
  const openLegs = others.reduce((sum, participant) => sum + countOpenLegs(participant), 0)
  return openLegs > 1 || !marked.every((participant) => canMarkBeOutdated(participant, others))
}

const havePeersInConsult = (others: Participant[]): boolean =>
  others.some(
    (person) =>
      isPerson(person) && isConnected(person) && others.some((party) => party !== person && !hasLeft(party) && arePeers(person, party)),
  )

/** Whether a connected person has a second leg that rings, or one that is connected to a leg which is not the caller's. */
function hasConsultLeg(person: Participant, caller: Participant): boolean {
  const connected = findConnectedLegs(person)
  if (connected.length > 0 && hasRingingLeg(person)) return true
  const isWithCaller = (peerId: string) => caller.legs.some(({ id }) => id === peerId)
  return connected.length > 1 && connected.some(({ peerId }) => peerId !== undefined && !isWithCaller(peerId))
}

const arePeers = (one: Participant, other: Participant): boolean => hasPeerIn(one, other) || hasPeerIn(other, one)
const hasPeerIn = ({ legs }: Participant, other: Participant): boolean =>
  legs.some(({ peerId }) => peerId !== undefined && other.legs.some(({ id }) => id === peerId))

/**
 * Whether the mark of this participant may be left over from an ended consult: it is not documented that the platform clears marks. An
 * ended consult shows as a party that joined while a person was on the call, when one of the two has left since. The marked participant
 * must be one of these two, unless it is the caller: any two participants may have held a consult about the caller's call.
 * @param others the participants except the caller
 */
function canMarkBeOutdated(marked: Participant, others: Participant[]): boolean {
  const isInPair = (one: Participant, other: Participant) => marked === one || marked === other || !others.includes(marked)
  return others.some((person) =>
    others.some((party) => isInPair(person, party) && (hasLeft(person) || hasLeft(party)) && hasJoinedDuring(party, person)),
  )
}

/** Whether the party joined while the person was on the call; false if the platform does not show the times. */
function hasJoinedDuring(party: Participant, person: Participant): boolean {
  const joinedAt = toEpochMs(party.startedAt)
  const answeredAt = toEpochMs(findAnswerTime(person))
  if (party === person || !isPerson(person) || joinedAt === 0 || answeredAt === 0) return false
  return joinedAt >= answeredAt && (!hasLeft(person) || joinedAt <= toEpochMs(findLeaveTime(person)))
}
