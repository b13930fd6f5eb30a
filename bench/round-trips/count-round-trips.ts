/** How many round trips platform calls take: calls that overlap in time count as one. */
import type { LoggedRequest } from '../../src/simulator/platform-api/request-log.ts'

/** The latency of every platform call, ms. */
export const platformMs = 80
/** Timers may fire a little early. */
const toleranceMs = 15

/** Computes when a call that arrived at `at` is answered at the earliest, epoch ms. */
export const computeAnsweredAt = ({ at }: Pick<LoggedRequest, 'at'>): number => Date.parse(at) + platformMs - toleranceMs

/** Counts groups of calls that overlap in time. */
export function countRoundTrips(calls: readonly Pick<LoggedRequest, 'at'>[]): number {
  let trips = 0
  let end = -Infinity
  for (const call of calls.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    if (Date.parse(call.at) >= end) trips++
    end = Math.max(end, computeAnsweredAt(call))
  }
  return trips
}
