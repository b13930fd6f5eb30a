/** What a conversation proves about a command whose outcome is unknown. The command is never sent again to find out (docs/reliability.md#unknown-outcomes). */
import type { Conversation, Participant } from '../../conversations/conversation.ts'
import { findNewcomers, hasMovedSince } from '../../conversations/snapshot.ts'
import { isLaterHop } from '../../model/hop.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import { isCallback } from '../hops/callback.ts'
import { isPickedUpEarlier, observe } from '../hops/observe.ts'

/** Whether a participant is the target queue, one of its agents, or the target agent. */
const belongsByType: ByTargetType<boolean, [participant: Participant]> = {
  agent: ({ userId }, participant) => participant.userId === userId,
  queue: ({ queueId }, participant) => participant.queueId === queueId,
  skill: ({ queueId }, participant) => participant.queueId === queueId,
  // Nothing tells which participant a dialed number led to.
  number: () => false,
  callback: () => false,
}

/** Whether the target queue, one of its agents, or the target agent has joined the call since the snapshot. */
function hasReachedTarget(record: TransferRecord, conversation: Conversation): boolean {
  const target = resolvedTargetOf(record)
  return findNewcomers(conversation, snapshotOf(record)).some((newcomer) => callByType(belongsByType, target, newcomer))
}

export type Evidence =
  /** The call has moved, or the callback was created. */
  | { found: 'moved' }
  /** The platform did not act, and enough time has passed to be sure. */
  | { found: 'not_executed'; hasEnded: boolean }
  | { found: 'failed'; reason: string }
  /** The call did not move on to this hop, and will not: it was picked up, moved or ended where it was. */
  | { found: 'stayed'; reason: string }
  /** The command may still arrive, or the platform shows its effect late: read again. */
  | { found: 'unclear' }

const pickedUpReason = 'the call was picked up before'
/** What became of a call that cannot move any more, by the progress that shows it. */
const stayedReasons = {
  abandoned: 'the caller hung up',
  elsewhere: 'the call went somewhere else',
  flowed_out: 'the in-queue flow moved the call',
} as const

/**
 * What a conversation that was read after the command proves.
 * @param unknownForMs ms since this node began to resolve the outcome; the command was sent before that
 * @param settleMs how long the call must have stayed where it was before the command counts as not executed, ms
 * @param now epoch ms
 * @throws Error if the transfer has no snapshot or no resolved target
 */
export function judgeUnknownOutcome(
  record: TransferRecord,
  conversation: Conversation,
  unknownForMs: number,
  settleMs: number,
  now: number,
): Evidence {
  const { record: seen, progress } = observe(record, conversation, now)
  if (seen !== record) return { found: 'stayed', reason: progress.status === 'picked_up' ? pickedUpReason : 'the platform says so' }
  const isLater = isLaterHop(record)
  const isSettled = unknownForMs >= settleMs
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
      // The caller may have hung up after the call had moved, while it waited.
      if (hasReachedTarget(record, conversation)) return { found: 'moved' }
      // Nothing but the callback itself shows that the platform has acted, and it outlives the call.
      if (isCallback(record) && !isSettled) return { found: 'unclear' }
      return isLater ? { found: 'stayed', reason: stayedReasons[progress.status] } : { found: 'not_executed', hasEnded: true }
    case 'unmoved':
      if (hasReachedTarget(record, conversation)) return { found: 'moved' }
      // If the holder has let go of the call, the call is on its way, whatever moved it, even if no other participant has it yet.
      // A callback does not move the call, so that one which moves meanwhile proves nothing about it.
      if (!isSettled || (!isCallback(record) && hasMovedSince(conversation, snapshotOf(record)))) return { found: 'unclear' }
      // An agent may have answered although the queue still has its leg: then the command must not be sent again.
      if (isPickedUpEarlier(record, conversation, now)) return { found: 'stayed', reason: pickedUpReason }
      return { found: 'not_executed', hasEnded: false }
  }
}
