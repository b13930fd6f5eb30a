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

/** What the conversation shows about a transfer. @throws Error if the transfer has no snapshot or no resolved target */
export const progressOf = (record: TransferRecord, conversation: Conversation): CallProgress =>
  observeProgress(conversation, snapshotOf(record), callByType(destinationByType, resolvedTargetOf(record)))

/** Whether a participant is the target queue, one of its agents, or the target agent. */
const belongsByType: ByTargetType<boolean, [participant: Participant]> = {
  agent: ({ userId }, participant) => participant.userId === userId,
  queue: ({ queueId }, participant) => participant.queueId === queueId,
  skill: ({ queueId }, participant) => participant.queueId === queueId,
  // Nothing tells which participant a dialed number led to.
  number: () => false,
}

/** Whether the target queue, one of its agents, or the target agent has joined the call since the snapshot. */
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
 * What a conversation that was read after the command proves.
 * @param unknownForMs ms since this node began to resolve the outcome; the command was sent before that
 * @param settleMs how long the call must have stayed where it was before the command counts as not executed, ms
 * @throws Error if the transfer has no snapshot or no resolved target
 */
export function judgeUnknownOutcome(record: TransferRecord, conversation: Conversation, unknownForMs: number, settleMs: number): Evidence {
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
      // If the holder has let go of the call, the call is on its way, whatever moved it, even if no other participant has it yet.
      return unknownForMs >= settleMs && !hasMovedSince(conversation, snapshotOf(record))
        ? { found: 'not_executed', hasEnded: false }
        : { found: 'unclear' }
  }
}
