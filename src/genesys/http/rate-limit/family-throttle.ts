/** How a family of operations is slowed down after a 429 about it: a pause first, then spaced requests until a minute without a 429. */
import { LANES, type Lane } from './lanes.ts'

/** The time between two requests of a lane after the pause. It doubles with each further 429, because the family's limit is not known. */
const spacing = { shortestMs: 250, longestMs: 4_000 }
/** A family is slowed down until this long after the pause, unless another 429 comes. */
const calmAfterMs = 60_000

/** All times are ms of one clock, which the caller reads. */
export class FamilyThrottle {
  #pausedUntil = -Infinity
  #spacingMs = 0
  readonly #nextAt = Object.fromEntries(LANES.map((lane) => [lane, -Infinity])) as Record<Lane, number>

  /** Nothing may be sent before this. */
  get pausedUntil(): number {
    return this.#pausedUntil
  }

  /** Records a 429. Further ones during the pause lengthen it, but do not widen the spacing: they answer requests sent before it. */
  pause(retryAfterMs: number, now: number): void {
    if (now >= this.#pausedUntil) this.#spacingMs = this.isCalm(now) ? spacing.shortestMs : Math.min(this.#spacingMs * 2, spacing.longestMs)
    this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs)
  }

  /** Whether the family is not slowed down. */
  isCalm(now: number): boolean {
    return now >= this.#pausedUntil + calmAfterMs
  }

  /** When the next request of a lane may be sent. */
  roomAt(lane: Lane, now: number): number {
    return this.isCalm(now) ? now : Math.max(now, this.#pausedUntil, this.#nextAt[lane])
  }

  /** Reserves the slot of a request that will be sent at `at`. Each lane has its own slots, so that watching does not delay callers. */
  reserve(lane: Lane, at: number): void {
    this.#nextAt[lane] = at + this.#spacingMs
  }
}
