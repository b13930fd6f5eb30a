/** Whether a callback was created on a conversation since the snapshot (docs/genesys-cloud.md rule 94). */
import type { Snapshot } from '../model/snapshot.ts'
import type { Conversation } from './conversation.ts'
import type { CallProgress } from './progress.ts'
import { findCallerHangup } from './snapshot.ts'

/** The participant attribute that says which transfer created a callback: the platform copies it there from the command. */
export const callbackAttribute = 'handoffCallback'

/**
 * Whether the conversation has a callback that it did not have before, or one with this mark. A new callback counts whoever created it,
 * because a second one would have the caller called back twice.
 * @param mark the value of `callbackAttribute`
 */
const hasNewCallback = ({ participants }: Conversation, { callbackIds: known = [] }: Snapshot, mark: string): boolean =>
  participants.some(
    ({ attributes, callbackIds = [] }) => attributes[callbackAttribute] === mark || callbackIds.some((id) => !known.includes(id)),
  )

/**
 * What became of a callback that was to be created. Where the call is does not matter: it stays with its flow, which may end it at once.
 * @param mark the value of `callbackAttribute`
 */
export function observeCallback(conversation: Conversation, snapshot: Snapshot, mark: string): CallProgress {
  if (hasNewCallback(conversation, snapshot, mark)) return { status: 'callback_created', bounces: 0 }
  const hangup = findCallerHangup(conversation, snapshot)
  return hangup ? { status: 'abandoned', ...hangup, bounces: 0 } : { status: 'unmoved', bounces: 0 }
}
