/** What has changed in a conversation since the snapshot that was taken before its transfer. */
import { hasCallGoneOn } from './disconnect-type.ts'
import { findCustomer, hasAnswered } from './participants.ts'
import { countOpenLegs, findLeaveTime, isFinished, wasPresentUntil } from './leg.ts'
import type { Conversation, Participant } from './conversation.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** The snapshot of a call that `holder` holds. @param takenAt epoch ms */
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

/** The participants that joined the call after the snapshot, or are about to, without monitors, ordered by id. */
export function findNewcomers(conversation: Conversation, snapshot: Snapshot): Participant[] {
  const knownIds = new Set(snapshot.participantIds)
  return conversation.participants
    .filter((participant) => !knownIds.has(participant.id) && !participant.isMonitor)
    .filter((participant) => participant.legs.length > 0 || countOpenLegs(participant) > 0)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * When the caller hung up, or the conversation ended (docs/genesys-cloud.md rule 37): the platform's time, ISO 8601, if it gave one.
 * Undefined while the caller is on the call. Only a participant of the snapshot can be the caller, not a party that was dialed since.
 */
export function findCallerHangup(conversation: Conversation, snapshot: Snapshot): { at?: string } | undefined {
  const knownIds = new Set(snapshot.participantIds)
  const customer = findCustomer(conversation.participants.filter(({ id }) => knownIds.has(id)))
  const hasLeft = customer !== undefined && isFinished(customer)
  if (!hasLeft && conversation.endedAt === undefined) return undefined
  const at = (customer === undefined ? undefined : findLeaveTime(customer)) ?? conversation.endedAt
  return at === undefined ? {} : { at }
}

/** Whether the holder of the snapshot still has the call, or had it until the caller hung up. */
export function isStillHeld(conversation: Conversation, snapshot: Snapshot): boolean {
  const holder = conversation.participants.find(({ id }) => id === snapshot.holderId)
  return holder !== undefined && wasPresentUntil(holder, findCallerHangup(conversation, snapshot)?.at)
}

/**
 * Whether the call has moved away from the holder of the snapshot, whatever moved it: a transfer took it from the holder, or another
 * participant has answered since. It has not moved if the holder is only gone because the caller or the holder hung up.
 */
export function hasMovedSince(conversation: Conversation, snapshot: Snapshot): boolean {
  if (isStillHeld(conversation, snapshot)) return false
  const holder = conversation.participants.find(({ id }) => id === snapshot.holderId)
  return holder?.legs.some(hasCallGoneOn) === true || findNewcomers(conversation, snapshot).some(hasAnswered)
}
