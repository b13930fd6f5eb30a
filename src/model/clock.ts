/**
 * The clocks of this process: one for elapsed time, one for moments that are stored or shown. Neither jumps when the time of the machine is
 * set (docs/reliability.md#clocks).
 */

/** How fast the service's clock follows another one, ms per ms. It is far below 1, so that time never stands still or runs backward. */
const slewRate = 0.02

/** What a service's clock is made of. */
export interface TimeSource {
  /** The time of the machine, epoch ms. It may be set forward or back at any moment. */
  readonly wallMs: () => number
  /** Ms since some fixed point. */
  readonly monotonicMs: () => number
}

/** A clock of moments that can be compared with each other. */
export interface ServiceClock {
  /** Epoch ms, a whole number. It starts with the machine's time, counts elapsed time, and approaches a time that was set only slowly. */
  epochMs(): number
  /**
   * Follows the clock of a store that several nodes share instead of the machine's: at once the first time, slowly after that.
   * @param storeMs what the store's clock showed, epoch ms, at a moment between `sentAt` and `receivedAt` of the monotonic clock
   */
  followStore(storeMs: number, sentAt: number, receivedAt: number): void
}

/** `value`, or the end of the range that is nearest to it. */
const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)

export function createServiceClock({ wallMs, monotonicMs }: TimeSource): ServiceClock {
  /** The time shown is the monotonic clock plus this. */
  let offset = wallMs() - monotonicMs() + 0.5
  let readAt = monotonicMs()
  /** The offset that shows the store's clock, if there is such a store. */
  let storeOffset: number | undefined

  /** The nearest offset that agrees with the clock that is followed. The machine's time comes in whole milliseconds. */
  function wantedOffset(now: number): number {
    if (storeOffset !== undefined) return storeOffset
    const least = wallMs() - now
    return clamp(offset, least, least + 1)
  }

  return {
    epochMs() {
      const now = monotonicMs()
      const most = (now - readAt) * slewRate
      offset += clamp(wantedOffset(now) - offset, -most, most)
      readAt = now
      return Math.floor(now + offset)
    },
    followStore(storeMs, sentAt, receivedAt) {
      const next = clamp(storeOffset ?? offset, storeMs - receivedAt, storeMs - sentAt)
      // The first time is before this process has stored anything.
      if (storeOffset === undefined) offset = next
      storeOffset = next
    },
  }
}

/** Ms since the process started, for durations, pauses and caches. */
export const monotonicMs = (): number => performance.now()

/** The clock of this process. */
const serviceClock = createServiceClock({ wallMs: () => Date.now(), monotonicMs })

/** Epoch ms by the clock of this process, for moments that are stored, shown or compared with those. */
export const epochMs = (): number => serviceClock.epochMs()

/** Makes the clock of this process follow a store's (`ServiceClock.followStore`). */
export const followStore = (storeMs: number, sentAt: number, receivedAt: number): void =>
  serviceClock.followStore(storeMs, sentAt, receivedAt)
