/** Which requests count against the platform's limit at a moment: ours of the last minute, and those of other programs with the token. */
import { addByLane, hasRoom, sumOfLanes, zeroByLane, type CountByLane, type Lane, type Usage } from './lanes.ts'

/** A minute and one millisecond, because the platform's clock does not tick together with ours. */
export const windowMs = 60_001
/** The share of the platform's limit that is used; the rest is a margin, so that no 429 comes. */
const usableShare = 0.95

const computeUsable = (requestsPerMinute: number): number => Math.max(1, Math.floor(requestsPerMinute * usableShare))

/** What the platform says about the current minute of a token (`inin-ratelimit-*` headers). */
export interface RateLimitStatus {
  count: number
  allowed: number
  resetSeconds: number
}

/** All times are ms of one clock, which the caller reads. */
export class RequestWindow {
  readonly #configuredLimit: number
  readonly #sent: Array<{ at: number; lane: Lane }> = []
  readonly #sentByLane = zeroByLane()
  #platformLimit = { limit: Infinity, until: -Infinity }
  #others = { count: 0, until: -Infinity }

  constructor(requestsPerMinute: number) {
    this.#configuredLimit = computeUsable(requestsPerMinute)
  }

  /** How many requests may go out in any minute. */
  get limit(): number {
    return Math.min(this.#configuredLimit, this.#platformLimit.limit)
  }

  get lastSentAt(): number {
    return this.#sent.at(-1)?.at ?? -Infinity
  }

  record(lane: Lane, now: number): void {
    this.#sent.push({ at: now, lane })
    this.#sentByLane[lane]++
  }

  /** Applies the platform's own count. Within its minute, it can only tighten the limit, because other programs may use the same token. */
  observe({ count, allowed, resetSeconds }: RateLimitStatus, now: number): void {
    this.#dropExpired(now)
    const until = now + Math.min(Math.max(resetSeconds, 0) * 1000, windowMs)
    const limit = computeUsable(allowed)
    if (allowed > 0 && (limit <= this.#platformLimit.limit || now >= this.#platformLimit.until)) this.#platformLimit = { limit, until }
    const sentByOthers = count - this.#sent.length
    if (sentByOthers > this.#countOfOthers(now)) this.#others = { count: sentByOthers, until }
  }

  /** How many requests count now. */
  used(now: number): number {
    this.#dropExpired(now)
    return this.#sent.length + this.#countOfOthers(now)
  }

  /**
   * When one more request in `lane` will fit under `limit`, if those in `ahead` are sent first.
   * `isEstimate`: the time depends on requests that have not been sent yet, so call this again at that time.
   */
  roomAt(lane: Lane, ahead: Readonly<CountByLane>, limit: number, now: number): { at: number; isEstimate: boolean } {
    const aheadTotal = sumOfLanes(ahead)
    const usage: Usage = { total: this.used(now) + aheadTotal, byLane: addByLane(this.#sentByLane, ahead) }
    let at = now
    for (let expired = 0; !hasRoom(lane, limit, usage, aheadTotal - ahead[lane]); expired++) {
      const oldest = this.#sent[expired]
      if (!oldest) return { at: Math.max(at, this.#others.until, now + (aheadTotal > 0 ? windowMs : 1)), isEstimate: true }
      at = Math.max(at, oldest.at + windowMs)
      usage.total--
      usage.byLane[oldest.lane]--
    }
    return { at, isEstimate: false }
  }

  #dropExpired(now: number): void {
    while (this.#sent[0] && this.#sent[0].at + windowMs <= now) this.#sentByLane[this.#sent.shift()!.lane]--
  }

  #countOfOthers(now: number): number {
    return now < this.#others.until ? this.#others.count : 0
  }
}
