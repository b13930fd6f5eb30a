/**
 * Judges from a conversation what became of a command whose outcome is unknown. A command is never repeated to find out
 * (docs/reliability.md#unknown-outcomes).
 */
import type { Conversation, Participant } from '../../conversations/conversation.ts'
import { findNewcomers, hasMovedSince } from '../../conversations/snapshot.ts'
import { isLaterHop } from '../../model/hop.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import { isCallback } from '../hops/callback.ts'
import { wasPickedUpEarlier, observe } from '../hops/observe.ts'

/** Whether a participant is the target queue, one of its agents, or the target agent. */
const belongsByType: ByTargetType<boolean, [participant: Participant]> = {
  agent: ({ userId }, participant) => participant.userId === userId,
  queue: ({ queueId }, participant) => participant.queueId === queueId,
  skill: ({ queueId }, participant) => participant.queueId === queueId,
  // The platform does not show which participant was reached by a dialed number.
  number: () => false,
  callback: () => false,
}

/** Whether the target queue, one of its agents, or the target agent has joined the call since the snapshot. */
function hasReachedTarget(record: TransferRecord, conversation: Conversation): boolean {
  const target = resolvedTargetOf(record)
  return findNewcomers(conversation, snapshotOf(record)).some((newcomer) => callByType(belongsByType, target, newcomer))
}

/**
 * Whether nothing tells what became of the transfer, however often the conversation is read: its ledger was restored from a copy that was made
 * before its checks were done (docs/backup.md#after-a-restore).
 */
export const isUnjudgeable = ({ snapshot, resolvedTarget }: Pick<TransferRecord, 'snapshot' | 'resolvedTarget'>): boolean =>
  snapshot === null || resolvedTarget === null

export type Evidence =
  /** The call has moved, or the callback was created. */
  | { found: 'moved' }
  /** The platform did not act, and enough time has passed to be sure. It will be asked again only if the call is where it was. */
  | { found: 'not_executed'; callHas: 'stayed' | 'moved' | 'ended' }
  /** The transfer went wrong: the platform reports a failure, or the call went somewhere else. */
  | { found: 'failed'; reason: string }
  /** The call did not move on to this hop, and will not: it was picked up, moved or ended at the earlier hop. */
  | { found: 'stayed'; reason: string }
  /** The command may still arrive, or the platform may show its effect late: the conversation must be read again. */
  | { found: 'unclear' }

const pickedUpReason = 'the call was picked up before'
/** Why a call can no longer move, by the progress that shows this. */
const stayedReasons = {
  abandoned: 'the caller hung up',
  elsewhere: 'the call went somewhere else',
  flowed_out: 'the in-queue flow moved the call',
} as const

/**
 * Judges a conversation that was read after the command.
 * @param unknownForMs ms since this node first read the conversation to resolve the outcome, which was after the command
 * @param notExecutedAfterMs how long the call must have stayed where it was before the command counts as not executed, ms
 * @param now epoch ms
 * @throws Error if the transfer has no snapshot or no resolved target
 */
export function judgeUnknownOutcome(
  record: TransferRecord,
  conversation: Conversation,
  unknownForMs: number,
  notExecutedAfterMs: number,
  now: number,
): Evidence {
  const { record: seen, progress } = observe(record, conversation, now)
  if (seen !== record) return { found: 'stayed', reason: progress.status === 'picked_up' ? pickedUpReason : 'the platform says so' }
  const isLater = isLaterHop(record)
  const hasWaitedEnough = unknownForMs >= notExecutedAfterMs
  switch (progress.status) {
    case 'picked_up':
    case 'ringing':
    case 'waiting':
    case 'callback_created':
      return { found: 'moved' }
    case 'flowed_out':
      return isLater && !hasReachedTarget(record, conversation)
        ? { found: 'stayed', reason: stayedReasons[progress.status] }
        : { found: 'moved' }
    case 'failed':
      return { found: 'failed', reason: progress.reason }
    case 'elsewhere':
      return { found: isLater ? 'stayed' : 'failed', reason: stayedReasons[progress.status] }
    case 'abandoned':
      // The caller may have hung up while the call waited at the target.
      if (hasReachedTarget(record, conversation)) return { found: 'moved' }
      // A callback outlives the call, and only the callback itself shows that the platform has acted.
      if (isCallback(record) && !hasWaitedEnough) return { found: 'unclear' }
      return isLater ? { found: 'stayed', reason: stayedReasons[progress.status] } : { found: 'not_executed', callHas: 'ended' }
    case 'unmoved':
      if (hasReachedTarget(record, conversation)) return { found: 'moved' }
      // If the call has left its holder, it is on its way, even if no other participant has it yet. This says nothing about a callback,
      // which does not move the call.
      const hasMoved = hasMovedSince(conversation, snapshotOf(record))
      if (!hasWaitedEnough || (!isCallback(record) && hasMoved)) return { found: 'unclear' }
      // An agent may have answered at the earlier hop although its queue still has a leg: then the command must not be sent again.
      if (wasPickedUpEarlier(record, conversation, now)) return { found: 'stayed', reason: pickedUpReason }
      return { found: 'not_executed', callHas: hasMoved ? 'moved' : 'stayed' }
  }
}
