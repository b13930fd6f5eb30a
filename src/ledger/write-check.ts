/** Limits how often the ledger has to prove that it can be written, however often load balancers and metrics scrapers ask. */
import { monotonicMs } from '../model/clock.ts'

/** How long a result is used again, ms. */
const reuseMs = 1_000

/**
 * Checks at most once a second and one at a time.
 * @param check rejects when the ledger cannot be written
 * @param clock ms, by a clock that is never set
 * @returns a function with the result of the running check, or of the last one while it is recent
 */
export function createWriteCheck(check: () => Promise<void>, clock: () => number = monotonicMs): () => Promise<void> {
  let latest: { startedAt: number; isRunning: boolean; result: Promise<void> } | undefined
  return () => {
    if (latest && (latest.isRunning || clock() - latest.startedAt < reuseMs)) return latest.result
    const started = { startedAt: clock(), isRunning: true, result: check() }
    const end = (): void => {
      started.isRunning = false
    }
    started.result.then(end, end)
    latest = started
    return started.result
  }
}
