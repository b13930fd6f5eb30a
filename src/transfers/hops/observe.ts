/**
 * What a conversation shows about a transfer, and at which of its hops the call is: the call may be picked up while it is being moved on
 * (docs/architecture.md#overflow).
 */
import { observeCallback } from '../../conversations/callback.ts'
import type { Conversation } from '../../conversations/conversation.ts'
import type { Destination } from '../../conversations/pickup.ts'
import { observeProgress, type CallProgress } from '../../conversations/progress.ts'
import { isStillHeld } from '../../conversations/snapshot.ts'
import { hopInitiatedAt, isLaterHop } from '../../model/hop.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import { isCallback } from './callback.ts'
import { returnToEarlierHop } from './hop-changes.ts'

/** A call that has not moved this long after the platform accepted the command is not going to move, ms (docs/genesys-cloud.md rule 39). */
export const unmovedLimitMs = 10_000

const destinationByType: ByTargetType<Destination> = {
  agent: ({ userId }) => ({ type: 'agent', userId }),
  queue: ({ queueId }) => ({ type: 'queue', queueId }),
  skill: ({ queueId }) => ({ type: 'queue', queueId }),
  number: () => ({ type: 'number' }),
  callback: () => {
    throw new Error('a callback moves no call')
  },
}

/** Where the current hop of a transfer moves the call. @throws Error if the transfer has no resolved target */
export const destinationOf = (record: TransferRecord): Destination => callByType(destinationByType, resolvedTargetOf(record))

/**
 * What the conversation shows about the current hop. `bounces` includes the bounces at earlier hops.
 * @throws Error if the transfer has no snapshot or no resolved target
 */
export function progressOf(record: TransferRecord, conversation: Conversation): CallProgress {
  if (isCallback(record)) return observeCallback(conversation, snapshotOf(record), record.id)
  const progress = observeProgress(conversation, snapshotOf(record), destinationOf(record))
  return { ...progress, bounces: progress.bounces + record.hop.earlierBounces }
}

/** Whether the call has reached the destination: it was picked up there, rings there, or waits there. */
const isAtDestination = ({ status }: CallProgress): boolean => status === 'picked_up' || status === 'ringing' || status === 'waiting'

export interface Observation {
  /** The given record itself, or a new one if the call is at an earlier hop: the new one is not written yet. */
  record: TransferRecord
  /** What the conversation shows about the current hop of `record`. */
  progress: CallProgress
}

/** What the conversation shows about the hop before the current one. @throws Error if the current hop is the first */
function observeEarlierHop(record: TransferRecord, conversation: Conversation, now: number): Observation {
  return observe({ ...record, ...returnToEarlierHop(record, now) }, conversation, now)
}

/** Whether the call was picked up at an earlier hop. @param now epoch ms */
export const wasPickedUpEarlier = (record: TransferRecord, conversation: Conversation, now: number): boolean =>
  isLaterHop(record) && observeEarlierHop(record, conversation, now).progress.status === 'picked_up'

/**
 * What the conversation shows about a transfer: about its current hop or, if the call has stayed at the earlier hop, about that one.
 * - While the earlier hop's queue still has its leg, the platform may still carry out the command that replaces the queue. That leg outlives
 *   a pickup for a moment (docs/genesys-cloud.md rule 33), so not even a pickup proves that the call stays. The call has stayed if the
 *   platform reports that the move failed, or if the call has not moved for `unmovedLimitMs`.
 * - Once that leg has ended, or the caller has hung up, the call has stayed if it was picked up at the earlier hop.
 * @param now epoch ms
 * @throws Error if the transfer has no snapshot or no resolved target
 */
export function observe(record: TransferRecord, conversation: Conversation, now: number): Observation {
  const progress = progressOf(record, conversation)
  if (!isLaterHop(record) || isAtDestination(progress)) return { record, progress }
  const atEarlierHop = observeEarlierHop(record, conversation, now)
  const isOverdue = progress.status === 'unmoved' && now - (hopInitiatedAt(record) ?? now) >= unmovedLimitMs
  const canStillMove = progress.status !== 'abandoned' && isStillHeld(conversation, snapshotOf(record))
  const hasStayed = canStillMove ? progress.status === 'failed' || isOverdue : atEarlierHop.progress.status === 'picked_up'
  return hasStayed ? atEarlierHop : { record, progress }
}
