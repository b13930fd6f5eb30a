/** What a record's moments mean after the clock was set back between two runs of the service: none of them lies in the future. */
import type { TransferRecord } from './transfer.ts'

/**
 * The record as if its newest moment were now, with the same time between its moments, if that one is later than now. Otherwise its
 * deadline and its timeout would come later by as much as the clock was set back.
 * @param now epoch ms
 */
export function withPastMoments(record: TransferRecord, now: number): TransferRecord {
  const { receivedAt, deadlineAt, sentAt, initiatedAt, updatedAt } = record
  const aheadMs = Math.max(receivedAt, sentAt ?? 0, initiatedAt ?? 0, Date.parse(updatedAt)) - now
  if (aheadMs <= 0) return record
  return {
    ...record,
    receivedAt: receivedAt - aheadMs,
    deadlineAt: deadlineAt - aheadMs,
    sentAt: sentAt && sentAt - aheadMs,
    initiatedAt: initiatedAt && initiatedAt - aheadMs,
    updatedAt: new Date(Date.parse(updatedAt) - aheadMs).toISOString(),
  }
}
