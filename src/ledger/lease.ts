/** A node's lease by its own clocks: it never outlasts what the others see, and what has run out never holds again. */
import type { Lease } from './ledger.ts'

/** A moment by the wall clock and by the monotonic one: a stopped machine shows on the first, a clock set back on the second. */
interface Moment {
  wall: number
  monotonic: number
}

/** Terms of `leaseMs`, each counted from a moment before the write that began it. `clock` in epoch ms. */
export function leaseTerms(leaseMs: number, clock: () => number) {
  const moment = (): Moment => ({ wall: clock(), monotonic: performance.now() })

  function term(from: Moment) {
    let since = from
    let over = false
    const holds = (): boolean => {
      const now = moment()
      over ||= now.wall - since.wall >= leaseMs || now.monotonic - since.monotonic >= leaseMs
      return !over
    }
    return { holds, prolong: (to: Moment): boolean => holds() && ((since = to), true) }
  }

  let present = term({ wall: -Infinity, monotonic: -Infinity })
  return {
    moment,
    /** Begins a new term; the one before is over. */
    begin(from: Moment): void {
      present.prolong({ wall: -Infinity, monotonic: -Infinity })
      present = term(from)
    },
    /** False: the term had run out in the meantime. */
    prolong: (from: Moment): boolean => present.prolong(from),
    lease(): Lease {
      const { holds } = present
      return { holds }
    },
  }
}
