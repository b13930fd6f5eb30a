/** In which order a bulk transfer moves the calls of a queue, and by which priorities they keep that order in the next one. */
import type { WaitingCall } from '../../../genesys/waiting-calls.ts'
import type { BulkCallRecord } from '../../../model/bulk-transfer.ts'
import { priorityLimits } from '../../../model/transfer.ts'

const minuteMs = 60_000

/** How long the call counts as waiting, ms: one point of priority counts as one minute (docs/genesys-cloud.md rule 45). */
const seniorityMs = ({ since, priority }: WaitingCall, now: number): number => now - since + priority * minuteMs

/** The priority by which the call keeps its place: a transfer starts its wait anew, so the minutes that it has waited become points. */
function keptPriority({ since, priority }: WaitingCall, now: number): number {
  const kept = priority + Math.floor(Math.max(0, now - since) / minuteMs)
  return Math.min(Math.max(kept, priorityLimits.minimum), priorityLimits.maximum)
}

/**
 * Orders calls as their queue would serve them: the oldest first, where a priority counts as minutes of waiting. Of two calls the earlier one
 * never gets the lower priority, and it also arrives earlier, so the next queue serves them in the same order.
 * @param requestedAt epoch ms; the same for all calls of a bulk transfer
 * @param earlier the calls that the bulk transfer has already; they are left out
 * @param limit how many calls the bulk transfer may have
 */
export function orderCalls(
  waiting: readonly WaitingCall[],
  requestedAt: number,
  limit: number,
  earlier: ReadonlyArray<Pick<BulkCallRecord, 'conversationId' | 'position'>> = [],
): BulkCallRecord[] {
  const known = new Set(earlier.map(({ conversationId }) => conversationId))
  const lastPosition = Math.max(0, ...earlier.map(({ position }) => position))
  return waiting
    .filter(({ conversationId, since }) => !known.has(conversationId) && (earlier.length === 0 || since <= requestedAt))
    .toSorted((a, b) => seniorityMs(b, requestedAt) - seniorityMs(a, requestedAt) || a.since - b.since)
    .slice(0, limit - earlier.length)
    .map((call, index) => ({
      position: lastPosition + index + 1,
      conversationId: call.conversationId,
      waitingSince: call.since,
      priority: keptPriority(call, requestedAt),
      state: 'pending',
      attempt: 0,
      nextAt: 0,
      transferId: null,
      code: null,
      message: null,
    }))
}
