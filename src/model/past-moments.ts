/** How the times of a record are moved into the past after the clock was set back between two runs of the service. */
import type { TransferRecord } from './transfer.ts'

/**
 * The record itself, unless something in it happened later than `now`. Then all its times are moved back by the same amount, so that the
 * newest of these is `now`. Without this, its deadline and its timeout would come late by as much as the clock was set back.
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
