/**
 * When a call is to move on to the next hop, and when its transfer times out because nobody has picked up (docs/architecture.md#overflow).
 */
import { hopInitiatedAt } from '../../model/hop.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Rules } from '../stage-context.ts'

/** A call that could not move on is tried again after this many poll intervals. */
const retryFactor = 5

type HopRecord = Pick<TransferRecord, 'initiatedAt' | 'hop' | 'earlierHops'>

/** When the call is to move on from its hop at first, epoch ms; undefined: never, or the platform has not accepted the hop yet. */
function firstOverflowAt(record: HopRecord): number | undefined {
  const initiatedAt = hopInitiatedAt(record)
  const { overflowAfterMs } = record.hop
  return initiatedAt === null || overflowAfterMs === null ? undefined : initiatedAt + overflowAfterMs
}

/** When the call is to move on, or the next try to move it on is due, epoch ms; undefined: never, or the hop is not accepted yet. */
export function overflowAt(record: HopRecord, { pollIntervalMs }: Pick<Rules, 'pollIntervalMs'>): number | undefined {
  const first = firstOverflowAt(record)
  const { triedAt } = record.hop
  return first === undefined || triedAt === null ? first : Math.max(first, triedAt + retryFactor * pollIntervalMs)
}

/**
 * When the transfer times out if nobody has picked up, epoch ms. The timeout counts from the acceptance of the hop, or, if the hop has
 * `overflowAfterMs`, from the end of that time. If a command to move the call on failed, it counts from when that was found out
 * (`returnedAt`), if that is later: finding out may take as long as the whole timeout.
 * @param now epoch ms; used if it is not known when the hop was accepted
 */
export function timeoutAt(record: HopRecord, { pickupTimeoutMs }: Pick<Rules, 'pickupTimeoutMs'>, now: number): number {
  const from = firstOverflowAt(record) ?? hopInitiatedAt(record) ?? now
  return Math.max(from, record.hop.returnedAt ?? from) + pickupTimeoutMs
}

/**
 * Whether the call is to be moved on now. After a try without success it is tried again, but only until the timeout.
 * @param now epoch ms
 */
export function isOverflowDue(record: HopRecord, rules: Pick<Rules, 'pollIntervalMs' | 'pickupTimeoutMs'>, now: number): boolean {
  const at = overflowAt(record, rules)
  if (at === undefined || now < at) return false
  return record.hop.triedAt === null || now < timeoutAt(record, rules, now)
}

/** When the call came to the queue in which it waits, epoch ms: it may have had other skills there before. */
function enteredQueueAt(record: HopRecord & Pick<TransferRecord, 'resolvedTarget'>): number | null {
  let enteredAt = hopInitiatedAt(record)
  for (const earlier of record.earlierHops.toReversed()) {
    if (earlier.resolvedTarget.queueId === null || earlier.resolvedTarget.queueId !== record.resolvedTarget?.queueId) break
    enteredAt = earlier.initiatedAt
  }
  return enteredAt
}

/**
 * The priority with which a call enters another queue: one point more for each full minute since its first hop, because the platform counts
 * a point as a minute of waiting (docs/genesys-cloud.md rule 45). So the call is not behind calls that have waited for a shorter time. What
 * it has in its present queue counts, whoever has set it: the request, a change, or the flow.
 * @param now epoch ms
 * @param highest the raised priority is not above this, unless the present one is
 */
export function raisedPriority(
  record: HopRecord & Pick<TransferRecord, 'resolvedTarget' | 'priority'>,
  now: number,
  highest: number,
): number {
  const { initiatedAt } = record
  const priority = record.resolvedTarget?.priority ?? record.priority
  // Full minutes are counted from the first hop on, so that nothing is lost by rounding when a call moves on more than once.
  const minutesUntil = (at: number): number => Math.floor(Math.max(0, at - (initiatedAt ?? at)) / 60_000)
  const minutes = Math.max(0, minutesUntil(now) - minutesUntil(enteredQueueAt(record) ?? now))
  return Math.min(priority + minutes, Math.max(priority, highest))
}
