/** Limits how often the ledger has to prove that it can be written, however often load balancers and metrics scrapers ask. */
import { monotonicMs } from '../model/clock.ts'

/** How long a result is used again, ms. */
const reuseMs = 1_000

export interface WriteCheck {
  /** Returns the result of the running check, or of the last one while it is recent; otherwise starts a new check. */
  (): Promise<void>
  /**
   * Makes the next call start a new check, because another use of the ledger has failed. A recent failure stays in use, so that a failing ledger
   * is not checked more often than one that works.
   */
  expire(): void
}

/**
 * Checks at most once a second and one at a time, unless the result has expired.
 * @param check rejects when the ledger cannot be written
 * @param clock ms, by a clock that is never set
 */
export function createWriteCheck(check: () => Promise<void>, clock: () => number = monotonicMs): WriteCheck {
  let latest: { startedAt: number; status: 'running' | 'passed' | 'failed'; hasExpired: boolean; result: Promise<void> } | undefined

  function start(): Promise<void> {
    // A check that runs may have read the ledger before it failed, so a new one follows it.
    const result = latest?.status === 'running' ? latest.result.then(check, check) : check()
    const started: NonNullable<typeof latest> = { startedAt: clock(), status: 'running', hasExpired: false, result }
    const end = (status: 'passed' | 'failed') => (): void => {
      started.status = status
    }
    result.then(end('passed'), end('failed'))
    latest = started
    return result
  }
  const canReuse = ({ startedAt, status, hasExpired }: NonNullable<typeof latest>): boolean =>
    !hasExpired && (status === 'running' || clock() - startedAt < reuseMs)

  return Object.assign(() => (latest && canReuse(latest) ? latest.result : start()), {
    expire(): void {
      if (latest && latest.status !== 'failed') latest.hasExpired = true
    },
  })
}
