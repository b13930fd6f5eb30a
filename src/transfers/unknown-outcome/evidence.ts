/** What a conversation proves about a command whose outcome is unknown. The command is never sent again to find out (docs/reliability.md#unknown-outcomes). */
import type { Conversation, Participant } from '../../conversations/conversation.ts'
import type { Destination } from '../../conversations/pickup.ts'
import { observeProgress, type CallProgress } from '../../conversations/progress.ts'
import { findNewcomers, hasMovedSince } from '../../conversations/snapshot.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'

const destinationByType: ByTargetType<Destination> = {
  agent: ({ userId }) => ({ type: 'agent', userId }),
  queue: ({ queueId }) => ({ type: 'queue', queueId }),
  skill: ({ queueId }) => ({ type: 'queue', queueId }),
  number: () => ({ type: 'number' }),
}

/** How far a transfer that has a snapshot has come. @throws Error if it has no snapshot or no resolved target */
export const progressOf = (record: TransferRecord, conversation: Conversation): CallProgress =>
  observeProgress(conversation, snapshotOf(record), callByType(destinationByType, resolvedTargetOf(record)))

const belongsByType: ByTargetType<boolean, [participant: Participant]> = {
  agent: ({ userId }, participant) => participant.userId === userId,
  queue: ({ queueId }, participant) => participant.queueId === queueId,
  skill: ({ queueId }, participant) => participant.queueId === queueId,
  // Nothing tells which participant a dialed number led to.
  number: () => false,
}

/** Whether the queue, one of its agents, or the agent that the transfer is for has been on the call since the snapshot. */
function hasReachedTarget(record: TransferRecord, conversation: Conversation): boolean {
  const target = resolvedTargetOf(record)
  return findNewcomers(conversation, snapshotOf(record)).some((newcomer) => callByType(belongsByType, target, newcomer))
}

export type Evidence =
  | { found: 'moved' }
  /** The platform did not act, and enough time has passed to be sure. */
  | { found: 'not_executed'; hasEnded: boolean }
  | { found: 'failed'; reason: string }
  /** The command may still arrive, or the platform shows its effect late: read again. */
  | { found: 'unclear' }

/**
 * @param sinceSentMs ms since the command was sent, or since its sender was found dead, whichever is later
 * @param settleMs how long the call must have stayed where it was
 */
export function judgeUnknownOutcome(record: TransferRecord, conversation: Conversation, sinceSentMs: number, settleMs: number): Evidence {
  const progress = progressOf(record, conversation)
  switch (progress.status) {
    case 'picked_up':
    case 'ringing':
    case 'waiting':
    case 'flowed_out':
      return { found: 'moved' }
    case 'failed':
      return { found: 'failed', reason: progress.reason }
    case 'elsewhere':
      return { found: 'failed', reason: 'the call went somewhere else' }
    case 'abandoned':
      // The caller may have hung up after the call had moved, while it waited.
      return hasReachedTarget(record, conversation) ? { found: 'moved' } : { found: 'not_executed', hasEnded: true }
    case 'unmoved':
      if (hasReachedTarget(record, conversation)) return { found: 'moved' }
      // A holder that has let go of the call without a successor yet: the call is on its way, whatever moved it.
      return sinceSentMs >= settleMs && !hasMovedSince(conversation, snapshotOf(record))
        ? { found: 'not_executed', hasEnded: false }
        : { found: 'unclear' }
  }
}
