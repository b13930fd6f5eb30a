/** How long this node's lease runs, by its own clocks: never longer than other nodes assume, and never again once it has expired. */
import type { Lease } from '../contract/lease.ts'

/** A point in time by two clocks: the wall clock shows that the machine was suspended, the monotonic one that the wall clock was set back. */
export interface Instant {
  /** Epoch ms. */
  wall: number
  /** Ms since the process started. */
  monotonic: number
}

const longAgo: Instant = { wall: -Infinity, monotonic: -Infinity }

/**
 * The terms of one node's lease. A term is counted from before the write that began or renewed it, so it ends here before it ends in the database.
 * @param leaseMs length of a term, ms
 * @param clock epoch ms
 */
export function createLeaseTerms(leaseMs: number, clock: () => number) {
  const readClocks = (): Instant => ({ wall: clock(), monotonic: performance.now() })

  function createTerm(begin: Instant) {
    let since = begin
    let hasExpired = false
    const isValid = (): boolean => {
      const now = readClocks()
      hasExpired ||= now.wall - since.wall >= leaseMs || now.monotonic - since.monotonic >= leaseMs
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
