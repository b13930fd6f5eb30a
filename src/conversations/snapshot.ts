import { customerOf, hasAnswered } from './participants.ts'
import { isFinished, leftAt, wasPresentUntil } from './leg.ts'
import type { Participant, Conversation } from './conversation.ts'

/** Who was in the call before it was moved: what every later picture is held against. Plain JSON, kept in the ledger. */
export interface Snapshot {
  participantIds: string[]
  holderId: string
  holderPurpose: string
  holderQueueId?: string
  holderUserId?: string
  /** Epoch milliseconds, our clock. */
  takenAt: number
  /** The platform's transfer commands of before: none of them is ours, whatever the two clocks say. */
  transferIds?: string[]
}

/** Takes the snapshot of a call that `holder` holds; `takenAt` in epoch milliseconds. */
export function snapshotOf(picture: Conversation, holder: Participant, takenAt: number): Snapshot {
  return {
    participantIds: picture.participants.map((one) => one.id),
    holderId: holder.id,
    holderPurpose: holder.purpose,
    ...(holder.queueId === undefined ? {} : { holderQueueId: holder.queueId }),
    ...(holder.userId === undefined ? {} : { holderUserId: holder.userId }),
    takenAt,
    transferIds: picture.recentTransfers.map((one) => one.id),
  }
}

/** The participants who came after the snapshot and are in the call for its own sake, not to listen in; by id. */
export function newcomers(picture: Conversation, snapshot: Snapshot): Participant[] {
  const known = new Set(snapshot.participantIds)
  return picture.participants
    .filter((one) => !known.has(one.id) && !one.monitors && one.calls.length > 0)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * Rule 6: the caller of the snapshot has left, or the conversation is over. `at` is the platform's time, ISO 8601.
 * The caller is looked for among those of the snapshot: a party dialled since is not he.
 */
export function callerGone(picture: Conversation, snapshot: Snapshot): { at?: string } | undefined {
  const known = new Set(snapshot.participantIds)
  const customer = customerOf(picture.participants.filter((one) => known.has(one.id)))
  const gone = customer !== undefined && isFinished(customer)
  if (!gone && picture.endedAt === undefined) return undefined
  const at = (customer === undefined ? undefined : leftAt(customer)) ?? picture.endedAt
  return at === undefined ? {} : { at }
}

/** The holder of the snapshot still has the call, or had it until the caller left. */
export function stillHeld(picture: Conversation, snapshot: Snapshot): boolean {
  const holder = picture.participants.find((one) => one.id === snapshot.holderId)
  return holder !== undefined && wasPresentUntil(holder, callerGone(picture, snapshot)?.at)
}

/**
 * Whether the call has left the snapshot's holder for somebody else, whoever moved it. A holder who is gone because
 * the caller hung up, or who hung up himself, has not been moved away from.
 */
export function movedSince(picture: Conversation, snapshot: Snapshot): boolean {
  if (stillHeld(picture, snapshot)) return false
  const holder = picture.participants.find((one) => one.id === snapshot.holderId)
  return (
    holder?.calls.some((leg) => leg.disconnectType?.startsWith('transfer') === true) === true ||
    newcomers(picture, snapshot).some(hasAnswered)
  )
}
