/** Takes the snapshot of a conversation before its transfer, and finds what has changed in the conversation since. */
import { hasCallGoneOn } from './disconnect-type.ts'
import { findCustomer, hasAnswered } from './participants.ts'
import { countOpenLegs, findLeaveTime, isFinished, wasPresentUntil } from './leg.ts'
import type { Conversation, Participant } from './conversation.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** The snapshot of a conversation whose call `holder` has. @param takenAt epoch ms */
export function takeSnapshot(conversation: Conversation, holder: Participant, takenAt: number): Snapshot {
  const callbackIds = conversation.participants.flatMap((participant) => participant.callbackIds ?? [])
  return {
    participantIds: conversation.participants.map(({ id }) => id),
    holderId: holder.id,
    takenAt,
    transferIds: conversation.recentTransfers.map(({ id }) => id),
    ...(callbackIds.length > 0 && { callbackIds }),
  }
}

/** The participants, except monitors, that joined the call after the snapshot or are about to join it, ordered by id. */
export function findNewcomers(conversation: Conversation, snapshot: Snapshot): Participant[] {
  const knownIds = new Set(snapshot.participantIds)
  return conversation.participants
    .filter((participant) => !knownIds.has(participant.id) && !participant.isMonitor)
    .filter((participant) => participant.legs.length > 0 || countOpenLegs(participant) > 0)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * Whether the caller has hung up, or the conversation has ended (docs/genesys-cloud.md rule 37). Only a participant of the snapshot can be
 * the caller, not a party that was dialed since.
 * @returns undefined while the caller is on the call; otherwise `at`, the platform's time (ISO 8601), if the platform shows it
 */
export function findCallerHangup(conversation: Conversation, snapshot: Snapshot): { at?: string } | undefined {
  const knownIds = new Set(snapshot.participantIds)
  const customer = findCustomer(conversation.participants.filter(({ id }) => knownIds.has(id)))
  const hasLeft = customer !== undefined && isFinished(customer)
  if (!hasLeft && conversation.endedAt === undefined) return undefined
  const at = (customer === undefined ? undefined : findLeaveTime(customer)) ?? conversation.endedAt
  return at === undefined ? {} : { at }
}

/** Whether the participant that held the call at the snapshot still has it, or had it until the caller hung up. */
export function isStillHeld(conversation: Conversation, snapshot: Snapshot): boolean {
  const holder = conversation.participants.find(({ id }) => id === snapshot.holderId)
  return holder !== undefined && wasPresentUntil(holder, findCallerHangup(conversation, snapshot)?.at)
}

/**
 * Whether the call has moved away from the participant that held it at the snapshot, whatever moved it: a transfer ended the holder's leg,
 * or another participant has answered since. The call has not moved if the holder or the caller only hung up.
 */
export function hasMovedSince(conversation: Conversation, snapshot: Snapshot): boolean {
  if (isStillHeld(conversation, snapshot)) return false
  const holder = conversation.participants.find(({ id }) => id === snapshot.holderId)
  return holder?.legs.some(hasCallGoneOn) === true || findNewcomers(conversation, snapshot).some(hasAnswered)
}
