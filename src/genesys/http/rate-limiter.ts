/** When a request may be sent, so that one token never exceeds the platform's rate limit. */
import { steadyClock, type Clock } from './clock.ts'
import { GenesysError } from './errors.ts'
import { capacityOf, LANES, zeroByLane, sumOfLanes, type CountByLane, type Lane } from './rate-limit/lanes.ts'
import { RequestWindow, windowMs, type RateLimitStatus } from './rate-limit/request-window.ts'
import { Throttle } from './rate-limit/throttle.ts'

export interface RateLimiterOptions {
  /** What the platform allows per minute and token: 300 (docs/genesys-cloud.md rule 66). */
  requestsPerMinute: number
  clock?: Clock
}

/** How many requests are allowed in 60 s, how many count in the last 60 s, and ms until a pause after a 429 ends. */
export interface RateLimitUsage {
  limit: number
  used: number
  pausedMs: number
}

interface Waiter {
  resolve: () => void
  reject: (error: GenesysError) => void
}

/**
 * Avoids 429 responses for one token: in any 60 s, at most 95 % of the platform's limit is sent. Fixed windows and token buckets would let
 * twice the limit through at the boundary of two windows (docs/reliability.md#rate-limits).
 */
export class RateLimiter {
  readonly #clock: Clock
  readonly #window: RequestWindow
  readonly #throttle = new Throttle()
  readonly #waiting: Record<Lane, Set<Waiter>> = { command: new Set(), read: new Set(), watch: new Set(), bulk: new Set() }
  #cancelTimer: (() => void) | undefined
  #isClosed = false

  constructor({ requestsPerMinute, clock = steadyClock }: RateLimiterOptions) {
    this.#clock = clock
    this.#window = new RequestWindow(requestsPerMinute)
  }

  /**
   * Resolves when a request in `lane` may be sent. Its slot is then used up, whether or not it is sent.
   * @param deadline ms of the limiter's own clock
   * @throws GenesysError `rate_limited` with `retryAfterMs`: at once if the wait would outlast the deadline, or at the deadline if
   *   requests in a higher lane went first; `expired` if `signal` aborts or the deadline has already passed; `unavailable` once closed
   */
  admit(lane: Lane, deadline: number, signal?: AbortSignal): Promise<void> {
    const now = this.#clock.now()
    if (this.#isClosed) return Promise.reject(createAdmissionError('unavailable'))
    if (signal?.aborted || now >= deadline) return Promise.reject(createAdmissionError('expired'))
    const waitMs = this.waitMs(lane)
    if (now + waitMs > deadline) return Promise.reject(createAdmissionError('rate_limited', waitMs))
    return new Promise((resolve, reject) => {
      const leaveQueue = () => {
        this.#waiting[lane].delete(waiter)
        cancelTimeout()
        signal?.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        resolve: () => (leaveQueue(), resolve()),
        reject: (error) => (leaveQueue(), reject(error)),
      }
      const onAbort = () => waiter.reject(createAdmissionError('expired'))
      const onTimeout = () => waiter.reject(createAdmissionError('rate_limited', this.waitMs(lane)))
      const cancelTimeout = this.#clock.schedule(deadline - now, onTimeout)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting[lane].add(waiter)
      this.#admitWaiting()
    })
  }

  /**
   * How long, in ms, new requests in `lane` would wait behind those that are waiting, until the last of them is sent; 0 if all may be sent now.
   * @param requests how many there are; of more than the lane may send in a minute, those of one minute count
   */
  waitMs(lane: Lane, requests = 1): number {
    const ahead = zeroByLane()
    for (const other of LANES.slice(0, LANES.indexOf(lane) + 1)) ahead[other] = this.#waiting[other].size
    ahead[lane] += Math.min(requests, capacityOf(lane, this.#limit(this.#clock.now()))) - 1
    return this.#waitBehind(lane, ahead)
  }

  /** Applies the platform's own count of this minute. */
  observe(status: RateLimitStatus): void {
    this.#window.observe(status, this.#clock.now())
  }

  /** Pauses after a 429: nothing is sent for `retryAfterMs`. After that requests are spaced evenly, and the limit recovers step by step. */
  pause(retryAfterMs: number): void {
    this.#throttle.pause(retryAfterMs, this.#clock.now())
    this.#admitWaiting()
  }

  usage(): RateLimitUsage {
    const now = this.#clock.now()
    return {
      limit: this.#limit(now),
      used: this.#window.used(now),
      pausedMs: Math.max(0, this.#throttle.pausedUntil - now),
    }
  }

  /** How many requests are waiting, by lane. */
  waiting(): CountByLane {
    const { command, read, watch, bulk } = this.#waiting
    return { command: command.size, read: read.size, watch: watch.size, bulk: bulk.size }
  }

  /** Refuses every request that is waiting or comes later. */
  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    for (const lane of LANES) for (const waiter of this.#waiting[lane]) waiter.reject(createAdmissionError('unavailable'))
  }

  #admitWaiting(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    let soonestMs = Infinity
    for (let index = 0; index < LANES.length; index++) {
      const lane = LANES[index]!
      const [first] = this.#waiting[lane]
      if (!first) continue
      const waitMs = this.#waitBehind(lane, zeroByLane())
      if (waitMs > 0) {
        soonestMs = Math.min(soonestMs, waitMs)
        continue
      }
      this.#window.record(lane, this.#clock.now())
      first.resolve()
      // Every admission changes what fits in all lanes, so start again from the highest one.
      soonestMs = Infinity
      index = -1
    }
    if (soonestMs < Infinity) this.#cancelTimer = this.#clock.schedule(soonestMs, () => this.#admitWaiting())
  }

  #waitBehind(lane: Lane, ahead: CountByLane): number {
    const now = this.#clock.now()
    const limit = this.#limit(now)
    const { at, isEstimate } = this.#window.roomAt(lane, ahead, limit, now)
    // An estimate is computed again when its time comes, and the spacing is applied then.
    const spacedAt = isEstimate ? -Infinity : this.#spacedAt(limit, sumOfLanes(ahead), now)
    return Math.max(at, this.#throttle.pausedUntil, spacedAt) - now
  }

  /** When a request may be sent after `aheadTotal` others, given the even spacing after a 429; -Infinity without spacing. */
  #spacedAt(limit: number, aheadTotal: number, now: number): number {
    if (this.#throttle.factor(now) >= 1) return -Infinity
    const spacingMs = windowMs / limit
    return Math.max(this.#window.lastSentAt + spacingMs, this.#throttle.pausedUntil) + aheadTotal * spacingMs
  }

  #limit(now: number): number {
    return Math.max(1, Math.floor(this.#window.limit * this.#throttle.factor(now)))
  }
}

const createAdmissionError = (reason: 'expired' | 'rate_limited' | 'unavailable', waitMs?: number): GenesysError =>
  new GenesysError({ operation: 'admission', reason, effect: 'none', retryAfterMs: waitMs === undefined ? undefined : Math.ceil(waitMs) })
