/** How long this node's lease is valid, by its own clocks: never longer than other nodes assume, and never again once it has expired. */
import { uptime } from 'node:os'
import { monotonicMs } from '../../model/clock.ts'
import type { Lease } from '../contract/lease.ts'

/** A moment by two clocks that cannot be set. The uptime continues while the machine is suspended; the monotonic clock is more precise. */
export interface Instant {
  /** Ms since the machine started. */
  uptimeMs: number
  /** Ms since the process started. */
  monotonicMs: number
}

/** Ms since the machine started, including the time while it was suspended. It is the same for all processes of the machine. */
export const machineUptimeMs = (): number => Math.floor(uptime() * 1_000)

const longAgo: Instant = { uptimeMs: -Infinity, monotonicMs: -Infinity }

/**
 * Creates the terms of one node's lease. A term is counted from before the write that takes or renews the lease, so it ends here before it ends
 * in the database.
 * @param leaseMs length of a term, ms
 * @param uptimeMs ms since the machine started
 */
export function createLeaseTerms(leaseMs: number, uptimeMs: () => number) {
  const readClocks = (): Instant => ({ uptimeMs: uptimeMs(), monotonicMs: monotonicMs() })

  function createTerm(begin: Instant) {
    let since = begin
    let hasExpired = false
    const isValid = (): boolean => {
      const now = readClocks()
      hasExpired ||= now.uptimeMs - since.uptimeMs >= leaseMs || now.monotonicMs - since.monotonicMs >= leaseMs
      return !hasExpired
    }
    return {
      isValid,
      renew(from: Instant): boolean {
        if (!isValid()) return false
        since = from
        return true
      },
    }
  }

  let current = createTerm(longAgo)
  return {
    readClocks,
    /** Ends the current term and begins a new one. */
    begin(from: Instant): void {
      // A term that was renewed long ago has expired.
      current.renew(longAgo)
      current = createTerm(from)
    },
    /** Renews the current term. @returns false when it had expired */
    renew: (from: Instant): boolean => current.renew(from),
    /** The current term. */
    currentLease(): Lease {
      const { isValid } = current
      return { isValid }
    },
  }
}
export type LeaseTerms = ReturnType<typeof createLeaseTerms>
