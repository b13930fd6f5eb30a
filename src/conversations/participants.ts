/** Which participant is the caller, which one holds the call, and where the call comes from. */
import { findAnswerTime, findConnectedLegs, findLeaveTime, findRingingLeg, isConnected, toEpochMs } from './leg.ts'
import type { Conversation, Leg, Participant } from './conversation.ts'

const outsidePurposes = new Set(['customer', 'external'])
const personPurposes = new Set(['agent', 'user'])

/** Whether this participant is a person inside the organization: an agent, or a user who was called directly. */
export const isPerson = (participant: Participant): boolean => personPurposes.has(participant.purpose)

/** Whether this participant is outside the organization: the customer, or a party that was dialed. */
export const isOutside = (participant: Participant): boolean => outsidePurposes.has(participant.purpose)

/**
 * The caller: the `customer`, otherwise the `external` participant (docs/genesys-cloud.md rule 26). Of several, it is the connected one, else
 * the one that left last, else the newest: a customer leg that ended early must not be taken for the caller's hang-up.
 */
export function findCustomer(participants: Participant[]): Participant | undefined {
  const onCall = participants.filter((participant) => participant.legs.length > 0 && !participant.isMonitor)
  const customers = onCall.filter(({ purpose }) => purpose === 'customer')
  const candidates = customers.length > 0 ? customers : onCall.filter(({ purpose }) => purpose === 'external')
  return candidates.toSorted(
    (a, b) =>
      Number(isConnected(b)) - Number(isConnected(a)) ||
      toEpochMs(findLeaveTime(b)) - toEpochMs(findLeaveTime(a)) ||
      toEpochMs(b.startedAt ?? b.connectedAt) - toEpochMs(a.startedAt ?? a.connectedAt) ||
      (a.id < b.id ? -1 : 1),
  )[0]
}

/** The participants on the organization's side of the call: queues, flows, people and unknown purposes, without monitors. */
export const findInternalParticipants = (participants: Participant[]): Participant[] =>
  participants.filter((participant) => !isOutside(participant) && !participant.isMonitor && participant.legs.length > 0)

/**
 * The participants that hold the call, newest first: they are internal, connected, and have the caller's leg as peer if the platform names
 * peers (docs/genesys-cloud.md rules 27–28). More than one holder means that the call is being handed over, or is a conference.
 */
export function findHolders(conversation: Conversation, callerLeg: Leg): Participant[] {
  const connected = findInternalParticipants(conversation.participants).filter(isConnected)
  const withCaller = connected.filter((participant) => findConnectedLegs(participant).some(({ peerId }) => peerId === callerLeg.id))
  const holders = withCaller.length > 0 ? withCaller : connected
  return holders.toSorted((a, b) => toEpochMs(findAnswerTime(b)) - toEpochMs(findAnswerTime(a)) || (a.id < b.id ? -1 : 1))
}

/**
 * Whether this participant has the call or had it. A person must have answered by the platform's clock (docs/genesys-cloud.md rule 32).
 * A queue has the call as soon as its leg is alive; other machines and outside parties, as soon as theirs is connected.
 */
export const hasAnswered = (participant: Participant): boolean =>
  findAnswerTime(participant) !== undefined ||
  (!isPerson(participant) && isConnected(participant)) ||
  (participant.purpose === 'acd' && findRingingLeg(participant) !== undefined)

/** Where a call comes from, as entries of the transfer path: the holder's queue, then the agent. A flow adds no entry. */
export function findOrigins(holder: Participant): Array<{ type: 'queue'; queueId: string } | { type: 'agent'; userId: string }> {
  const isHeldByPerson = isPerson(holder)
  return [
    ...((holder.purpose === 'acd' || isHeldByPerson) && holder.queueId !== undefined
      ? [{ type: 'queue' as const, queueId: holder.queueId }]
      : []),
    ...(isHeldByPerson && holder.userId !== undefined ? [{ type: 'agent' as const, userId: holder.userId }] : []),
  ]
}
