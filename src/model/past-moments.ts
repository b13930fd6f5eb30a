/** Moves the times of a record out of the future, where they lie if the clock was set back since they were stored. */
import type { CurrentHop } from './hop.ts'
import type { TransferRecord } from './transfer.ts'

const moveHopBack = (hop: CurrentHop, shiftMs: number): CurrentHop => ({
  ...hop,
  initiatedAt: hop.initiatedAt && hop.initiatedAt - shiftMs,
  triedAt: hop.triedAt && hop.triedAt - shiftMs,
  returnedAt: hop.returnedAt && hop.returnedAt - shiftMs,
  changedAt: hop.changedAt && hop.changedAt - shiftMs,
})

/**
 * Moves all times of a record back by the same amount, so that its latest event is at `now`. Without this, the deadline, the timeout and the
 * next hop of the transfer would come too late, by as much as the clock was set back.
 * @param now epoch ms
 * @returns the same record if nothing in it happened after `now`
 */
export function moveTimesIntoPast(record: TransferRecord, now: number): TransferRecord {
  const { receivedAt, deadlineAt, sentAt, initiatedAt, hop, earlierHops, updatedAt } = record
  const ofHop = [hop.initiatedAt, hop.triedAt, hop.changedAt].map((at) => at ?? 0)
  const latest = Math.max(receivedAt, sentAt ?? 0, initiatedAt ?? 0, ...ofHop, Date.parse(updatedAt))
  const shiftMs = latest - now
  if (shiftMs <= 0) return record
  return {
    ...record,
    receivedAt: receivedAt - shiftMs,
    deadlineAt: deadlineAt - shiftMs,
    sentAt: sentAt && sentAt - shiftMs,
    initiatedAt: initiatedAt && initiatedAt - shiftMs,
    hop: moveHopBack(hop, shiftMs),
    earlierHops: earlierHops.map((earlier) => ({
      ...earlier,
      hop: moveHopBack(earlier.hop, shiftMs),
      initiatedAt: earlier.initiatedAt - shiftMs,
      endedAt: earlier.endedAt && earlier.endedAt - shiftMs,
    })),
    updatedAt: new Date(Date.parse(updatedAt) - shiftMs).toISOString(),
  }
}
