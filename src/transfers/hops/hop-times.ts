/** When a call moves on to the next hop, and when nobody has picked up in time (docs/architecture.md#overflow). */
import { hopInitiatedAt } from '../../model/hop.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Rules } from '../stage-context.ts'

/** A call that could not move on is looked at again after this many poll intervals. */
const retryFactor = 5

type HopRecord = Pick<TransferRecord, 'initiatedAt' | 'hop' | 'earlierHops'>

/** When the call is to move on for the first time, epoch ms; undefined: never, or the platform has not accepted the hop. */
function firstOverflowAt(record: HopRecord): number | undefined {
  const initiatedAt = hopInitiatedAt(record)
  const { overflowAfterMs } = record.hop
  return initiatedAt === null || overflowAfterMs === null ? undefined : initiatedAt + overflowAfterMs
}

/** When it is time, or time again, to move the call on, epoch ms; undefined: never. */
export function overflowAt(record: HopRecord, { pollIntervalMs }: Pick<Rules, 'pollIntervalMs'>): number | undefined {
  const first = firstOverflowAt(record)
  const { triedAt } = record.hop
  return first === undefined || triedAt === null ? first : Math.max(first, triedAt + retryFactor * pollIntervalMs)
}

/**
 * When nobody has picked up in time, epoch ms. A call that could not move on has the whole time again from when it was to move on, and from
 * when a command had not moved it: finding that out may have taken as long.
 * @param now epoch ms, for a hop whose acceptance has no time
 */
export function timeoutAt(record: HopRecord, { pickupTimeoutMs }: Pick<Rules, 'pickupTimeoutMs'>, now: number): number {
  const from = firstOverflowAt(record) ?? hopInitiatedAt(record) ?? now
  return Math.max(from, record.hop.returnedAt ?? from) + pickupTimeoutMs
}

/** Whether it is time to move the call on. Once that was tried in vain, it is tried again until the timeout. @param now epoch ms */
export function isOverflowDue(record: HopRecord, rules: Pick<Rules, 'pollIntervalMs' | 'pickupTimeoutMs'>, now: number): boolean {
  const at = overflowAt(record, rules)
  if (at === undefined || now < at) return false
  return record.hop.triedAt === null || now < timeoutAt(record, rules, now)
}

/**
 * The priority with which a call enters another queue: one point more for each full minute that it has waited so far, because the platform
 * counts a point as a minute (docs/genesys-cloud.md rule 45). So the call does not lose its place.
 * @param priority as it was requested
 * @param now epoch ms
 */
export function raisedPriority(
  priority: number,
  { initiatedAt }: Pick<TransferRecord, 'initiatedAt'>,
  now: number,
  highest: number,
): number {
  const minutes = Math.floor(Math.max(0, now - (initiatedAt ?? now)) / 60_000)
  return Math.min(priority + minutes, Math.max(priority, highest))
}
