/**
 * The clocks of this process: one for elapsed time, one for moments that are stored or shown. Neither jumps when the time of the machine is
 * set (docs/reliability.md#clocks).
 */

/** How fast the service's clock approaches the clock that it follows, ms per elapsed ms. Far below 1, so that it never stops or runs backward. */
const slewRate = 0.02

/** The two clocks of the machine that a service clock is made from. */
export interface TimeSource {
  /** The time of the machine, epoch ms. It may be set forward or back at any moment. */
  readonly wallMs: () => number
  /** Ms since some fixed moment. It cannot be set. */
  readonly monotonicMs: () => number
}

/** A clock of moments that can be compared with each other. */
export interface ServiceClock {
  /** Epoch ms, a whole number: the machine's time at first, then elapsed time. When the machine's time is set, this one follows slowly. */
  epochMs(): number
  /**
   * From now on, follows the clock of a store that several nodes share, instead of the machine's clock. The first call sets this clock to the
   * store's time; after later calls it approaches that time slowly.
   * @param storeMs the store's time, epoch ms, read at some moment between `sentAt` and `receivedAt`
   * @param sentAt when the store was asked, ms of the monotonic clock
   * @param receivedAt when the store had answered, ms of the monotonic clock
   */
  followStore(storeMs: number, sentAt: number, receivedAt: number): void
}

/** `value`, limited to the range from `least` to `most`. */
const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)

/** Creates a clock that starts at the machine's time. The process has one; tests create their own. */
export function createServiceClock({ wallMs, monotonicMs }: TimeSource): ServiceClock {
  /** This clock minus the monotonic clock. `wallMs` gives whole milliseconds, so at first the middle of the millisecond is assumed. */
  let offsetMs = wallMs() - monotonicMs() + 0.5
  /** When this clock was last read, ms of the monotonic clock. */
  let readAt = monotonicMs()
  /** The store's clock minus the monotonic clock; undefined while this clock follows the machine's. */
  let storeOffsetMs: number | undefined

  /** The offset to approach. The machine's time is a whole millisecond, so any offset within that millisecond agrees with it. */
  function computeTargetOffsetMs(now: number): number {
    if (storeOffsetMs !== undefined) return storeOffsetMs
    const leastMs = wallMs() - now
    return clamp(offsetMs, leastMs, leastMs + 1)
  }

  return {
    epochMs() {
      const now = monotonicMs()
      const maxStepMs = (now - readAt) * slewRate
      offsetMs += clamp(computeTargetOffsetMs(now) - offsetMs, -maxStepMs, maxStepMs)
      readAt = now
      return Math.floor(now + offsetMs)
    },
    followStore(storeMs, sentAt, receivedAt) {
      // The answer shows only a range for the store's offset. An offset that was within this range before is kept.
      const nextOffsetMs = clamp(storeOffsetMs ?? offsetMs, storeMs - receivedAt, storeMs - sentAt)
      // The first call comes before this process has stored anything, so the time may jump.
      if (storeOffsetMs === undefined) offsetMs = nextOffsetMs
      storeOffsetMs = nextOffsetMs
    },
  }
}

/** Ms since the process started, for durations, pauses and caches. */
export const monotonicMs = (): number => performance.now()

/** The clock of this process. */
const serviceClock = createServiceClock({ wallMs: () => Date.now(), monotonicMs })

/** Epoch ms by the clock of this process, for moments that are stored, shown or compared with those. */
export const epochMs = (): number => serviceClock.epochMs()

/** Makes the clock of this process follow the clock of a store (`ServiceClock.followStore`). */
export const followStore = (storeMs: number, sentAt: number, receivedAt: number): void =>
  serviceClock.followStore(storeMs, sentAt, receivedAt)
