/** What became of a command whose outcome is unknown: judged by what the conversation shows, never by sending it again (design §5.4). */
import { observeProgress, type CallProgress } from '../../conversations/progress.ts'
import type { Destination } from '../../conversations/pickup.ts'
import type { Conversation } from '../../conversations/conversation.ts'
import { movedSince, newcomers, type Snapshot } from '../../conversations/snapshot.ts'
import type { ResolvedTarget, TransferRecord } from '../../model/transfer.ts'

/** Where a resolved target leads, in the words of the conversation rules. */
function destinationOf(target: ResolvedTarget): Destination {
  if (target.type === 'number') return { type: 'number' }
  return target.type === 'agent' ? { type: 'agent', userId: String(target.userId) } : { type: 'queue', queueId: String(target.queueId) }
}

/** What a picture says of a transfer that has a snapshot. */
export function progressOf(record: TransferRecord, picture: Conversation): CallProgress {
  if (!record.resolvedTarget) throw new Error('a transfer without a resolved target cannot be judged')
  return observeProgress(picture, snapshotIn(record), destinationOf(record.resolvedTarget))
}

function snapshotIn({ snapshot }: TransferRecord): Snapshot {
  if (!snapshot) throw new Error('a transfer without a snapshot cannot be judged')
  return snapshot
}

/** Whether anybody of the target has been in the call since. */
function arrivedAt(record: TransferRecord, picture: Conversation): boolean {
  const { queueId = null, userId = null } = record.resolvedTarget ?? {}
  return newcomers(picture, snapshotIn(record)).some(
    (one) => (queueId !== null && one.queueId === queueId) || (userId !== null && one.userId === userId),
  )
}

export type Evidence =
  | { found: 'moved' }
  /** Proved after the settling time: the platform did not act. */
  | { found: 'not_executed'; ended: boolean }
  | { found: 'failed'; why: string }
  /** A late command may still land, or the platform shows it late: look again. */
  | { found: 'unclear' }

/**
 * @param sinceSent ms since the command left, or since its sender was found dead, whichever is later
 */
export function judgeUnknownOutcome(record: TransferRecord, picture: Conversation, sinceSent: number, settleMs: number): Evidence {
  const seen = progressOf(record, picture)
  switch (seen.status) {
    case 'picked_up':
    case 'ringing':
    case 'waiting':
    case 'flowed_out':
      return { found: 'moved' }
    case 'failed':
      return { found: 'failed', why: seen.why }
    case 'elsewhere':
      return { found: 'failed', why: 'the call went somewhere else' }
    case 'abandoned':
    case 'unmoved': {
      // The caller may have hung up after the call had moved, while it waited.
      if (arrivedAt(record, picture)) return { found: 'moved' }
      const ended = seen.status === 'abandoned'
      if (ended) return { found: 'not_executed', ended }
      // Nobody new has the call, yet its holder let go of it: it is on its way, whoever sent it.
      return sinceSent >= settleMs && !movedSince(picture, snapshotIn(record)) ? { found: 'not_executed', ended } : { found: 'unclear' }
    }
  }
}
