/**
 * Which transfers create a callback instead of moving the call, and what the callback adds to their record (docs/architecture.md#callback).
 */
import type { TransferRecord } from '../../model/transfer.ts'
import type { Patch } from '../patch.ts'

/** Whether the transfer creates a callback instead of moving the call. */
export const isCallback = ({ resolvedTarget }: Pick<TransferRecord, 'resolvedTarget'>): boolean => resolvedTarget?.type === 'callback'

/**
 * When the platform is asked to call back.
 * @param now epoch ms
 * @returns undefined, as soon as possible: for a callback without a time, and if its time has passed since the request, because it is not
 *   documented what the platform does with such a time (docs/genesys-cloud.md rule 94)
 */
export const upcomingTime = (scheduledAt: string | null | undefined, now: number): string | undefined =>
  scheduledAt && Date.parse(scheduledAt) > now ? scheduledAt : undefined

/** What the platform is asked to do for the transfer, as it is said once that is done. */
export const describeCommand = (record: Pick<TransferRecord, 'resolvedTarget'>): string =>
  isCallback(record) ? 'created the callback' : 'moved the call'

/**
 * What the record says once the callback was created. The callback belongs to the conversation of the call (docs/genesys-cloud.md rule 94).
 * @param now epoch ms
 */
export function callbackPatch({ conversationId, receivedAt, sentAt, resolvedTarget }: TransferRecord, now: number): Patch {
  const scheduledAt = upcomingTime(resolvedTarget?.scheduledAt, sentAt ?? now)
  const when = scheduledAt === undefined ? 'as soon as an agent is free' : `at ${scheduledAt}`
  return {
    latencyMs: now - receivedAt,
    callbackConversationId: conversationId,
    code: null,
    message: `A callback was created: the caller will be called back ${when}.`,
  }
}
