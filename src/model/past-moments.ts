/** How the times of a record are moved into the past after the clock was set back between two runs of the service. */
import type { CurrentHop } from './hop.ts'
import type { TransferRecord } from './transfer.ts'

const moveHop = (hop: CurrentHop, aheadMs: number): CurrentHop => ({
  ...hop,
  initiatedAt: hop.initiatedAt && hop.initiatedAt - aheadMs,
  triedAt: hop.triedAt && hop.triedAt - aheadMs,
  returnedAt: hop.returnedAt && hop.returnedAt - aheadMs,
})

/**
 * Returns the record itself, unless something in it happened later than `now`. Then all its times are moved back by the same amount, so that
 * the latest event is at `now`. Otherwise its deadline, its timeout and its next hop would be late by as much as the clock was set back.
 * @param now epoch ms
 */
export function withPastMoments(record: TransferRecord, now: number): TransferRecord {
  const { receivedAt, deadlineAt, sentAt, initiatedAt, hop, earlierHops, updatedAt } = record
  const latest = Math.max(receivedAt, sentAt ?? 0, initiatedAt ?? 0, hop.initiatedAt ?? 0, hop.triedAt ?? 0, Date.parse(updatedAt))
  const aheadMs = latest - now
  if (aheadMs <= 0) return record
  return {
    ...record,
    receivedAt: receivedAt - aheadMs,
    deadlineAt: deadlineAt - aheadMs,
    sentAt: sentAt && sentAt - aheadMs,
    initiatedAt: initiatedAt && initiatedAt - aheadMs,
    hop: moveHop(hop, aheadMs),
    earlierHops: earlierHops.map((earlier) => ({
      ...earlier,
      hop: moveHop(earlier.hop, aheadMs),
      initiatedAt: earlier.initiatedAt - aheadMs,
      endedAt: earlier.endedAt && earlier.endedAt - aheadMs,
    })),
    updatedAt: new Date(Date.parse(updatedAt) - aheadMs).toISOString(),
  }
}
