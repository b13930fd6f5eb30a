/** How a token is slowed down after a 429: a pause first, then a lower limit that recovers step by step. */

/** One 429 multiplies the limit by `factor`, but never to less than `minimum` of the full limit. */
const reduction = { factor: 0.7, minimum: 0.1 }
const recovery = { step: 0.05, everyMs: 10_000 }

/** All times are ms of one clock, which the caller reads. */
export class Throttle {
  #factor = 1
  #pausedUntil = -Infinity

  /** Nothing may be sent before this. */
  get pausedUntil(): number {
    return this.#pausedUntil
  }

  /** Records a 429. Further ones during the pause lengthen it but do not lower the limit again: they answer requests sent before it. */
  pause(retryAfterMs: number, now: number): void {
    if (now >= this.#pausedUntil) this.#factor = Math.max(this.factor(now) * reduction.factor, reduction.minimum)
    this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs)
  }

  /** The factor that the limit is multiplied by; 1 when fully recovered. */
  factor(now: number): number {
    if (this.#factor >= 1 || now < this.#pausedUntil) return this.#factor
    return Math.min(1, this.#factor + Math.floor((now - this.#pausedUntil) / recovery.everyMs) * recovery.step)
  }
}
