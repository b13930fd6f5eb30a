/** When a request may go out while the platform throttles its family of operations for the whole organization, whichever token it uses. */
import type { Clock } from '../clock.ts'
import { GenesysError } from '../errors.ts'
import { families, type Family } from './families.ts'
import { FamilyThrottle } from './family-throttle.ts'
import type { Lane } from './lanes.ts'

export interface FamilyTurn {
  family: Family
  lane: Lane
  /** Ms of the limiter's clock. */
  deadline: number
  signal?: AbortSignal | undefined
  /** False: fails at once while the family is throttled, instead of waiting. Default true. */
  canWait?: boolean | undefined
}

/** One for all tokens of the client. */
export class FamilyLimiter {
  readonly #clock: Clock
  /** Only families that were throttled before have an entry. */
  readonly #throttles = new Map<Family, FamilyThrottle>()
  readonly #waiting = new Set<(error: GenesysError) => void>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Resolves when a request of the family may go out: at once, unless the platform throttles it.
   * @throws GenesysError `rate_limited` with `retryAfterMs` if it would have to wait longer than it can; `expired` if `signal` aborts
   *   meanwhile; `unavailable` once closed
   */
  async admit({ family, lane, deadline, signal, canWait = true }: FamilyTurn): Promise<void> {
    const throttle = this.#throttles.get(family)
    if (!throttle) return
    for (;;) {
      const now = this.#clock.now()
      const at = throttle.roomAt(lane, now)
      if (at > now && (!canWait || at > deadline)) throw familyError('rate_limited', at - now)
      throttle.reserve(lane, at)
      if (at <= now) return
      await this.#sleep(at - now, signal)
      if (this.#clock.now() >= throttle.pausedUntil) return
    }
  }

  /** A 429 about the family came: nothing of it goes out for `retryAfterMs`, and slowly after that. */
  pause(family: Family, retryAfterMs: number): void {
    const throttle = this.#throttles.get(family) ?? new FamilyThrottle()
    this.#throttles.set(family, throttle)
    throttle.pause(retryAfterMs, this.#clock.now())
  }

  /** Ms until the pause of the family ends; 0 if there is none. */
  pausedMs(family: Family): number {
    return Math.max(0, (this.#throttles.get(family)?.pausedUntil ?? -Infinity) - this.#clock.now())
  }

  /** The pause of each family, ms. */
  pauses(): Array<{ family: Family; pausedMs: number }> {
    return families.map((family) => ({ family, pausedMs: this.pausedMs(family) }))
  }

  /** Refuses every request that waits or would have to. */
  close(): void {
    this.#isClosed = true
    for (const reject of this.#waiting) reject(familyError('unavailable'))
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stopWaiting = () => {
        cancelTimer()
        this.#waiting.delete(fail)
        signal?.removeEventListener('abort', onAbort)
      }
      const fail = (error: GenesysError) => (stopWaiting(), reject(error))
      const onAbort = () => fail(familyError('expired'))
      const cancelTimer = this.#clock.schedule(ms, () => (stopWaiting(), resolve()))
      this.#waiting.add(fail)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      else if (this.#isClosed) fail(familyError('unavailable'))
    })
  }
}

const familyError = (reason: 'expired' | 'rate_limited' | 'unavailable', waitMs?: number): GenesysError =>
  new GenesysError({
    operation: 'admission',
    reason,
    effect: 'none',
    ...(reason === 'rate_limited' && { limitScope: 'family' as const, retryAfterMs: Math.ceil(waitMs ?? 0) }),
  })
