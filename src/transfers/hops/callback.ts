/**
 * Which transfers create a callback instead of moving the call, and what the callback adds to their record (docs/architecture.md#callback).
 */
import type { TransferRecord } from '../../model/transfer.ts'
import type { Patch } from '../patch.ts'

/** Whether the transfer creates a callback instead of moving the call. */
export const isCallback = ({ resolvedTarget }: Pick<TransferRecord, 'resolvedTarget'>): boolean => resolvedTarget?.type === 'callback'

/**
 * What the record says once the callback was created. The callback belongs to the conversation of the call (docs/genesys-cloud.md rule 94).
 * @param now epoch ms
 */
export function callbackPatch({ conversationId, receivedAt, resolvedTarget }: TransferRecord, now: number): Patch {
  const when = resolvedTarget?.scheduledAt ? `at ${resolvedTarget.scheduledAt}` : 'as soon as an agent is free'
  return {
    latencyMs: now - receivedAt,
    callbackConversationId: conversationId,
    code: null,
    message: `A callback was created: the caller will be called back ${when}.`,
  }
}
