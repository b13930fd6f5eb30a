/**
 * Whether a callback was created in a conversation since the snapshot, or the caller hung up without one (docs/genesys-cloud.md rule 94).
 */
import type { Snapshot } from '../model/snapshot.ts'
import type { Conversation } from './conversation.ts'
import type { CallProgress } from './progress.ts'
import { findCallerHangup } from './snapshot.ts'

/**
 * The participant attribute that names the transfer that created a callback. The command sets it, and the platform copies it to the
 * participant.
 */
export const callbackAttribute = 'handoffCallback'

/** Whether the conversation has a callback that waits for an agent, whoever created it. */
export const hasWaitingCallback = ({ participants }: Conversation): boolean =>
  participants.some((participant) => participant.hasWaitingCallback)

/**
 * Whether the conversation has a callback that the snapshot does not have, or one that this transfer created. A new callback counts
 * whoever created it, because with a second one the caller would be called back twice.
 */
const hasNewCallback = ({ participants }: Conversation, { callbackIds: knownIds = [] }: Snapshot, transferId: string): boolean =>
  participants.some(
    ({ attributes, callbackIds = [] }) => attributes[callbackAttribute] === transferId || callbackIds.some((id) => !knownIds.includes(id)),
  )

/**
 * What became of a transfer that was to create a callback. Which participant has the call is not checked: a callback does not move the
 * call, and the flow that has it may end it at once.
 */
export function observeCallback(conversation: Conversation, snapshot: Snapshot, transferId: string): CallProgress {
  if (hasNewCallback(conversation, snapshot, transferId)) return { status: 'callback_created', bounces: 0 }
  const hangup = findCallerHangup(conversation, snapshot)
  return hangup ? { status: 'abandoned', ...hangup, bounces: 0 } : { status: 'unmoved', bounces: 0 }
}
