/** When a request may be sent while the platform throttles its family of operations for the whole organization. */
import type { Clock } from '../clock.ts'
import { GenesysError } from '../errors.ts'
import { families, type Family } from './families.ts'
import { FamilyThrottle } from './family-throttle.ts'
import type { Lane } from './lanes.ts'

export interface FamilyRequest {
  family: Family
  lane: Lane
  /** Ms of the limiter's clock. */
  deadline: number
  signal?: AbortSignal | undefined
  /** Whether the request waits while the family is throttled; otherwise it fails at once. Default true. */
  canWait?: boolean | undefined
}

/** Limits the families of operations. One instance serves all tokens of the client, because these limits are the organization's. */
export class FamilyLimiter {
  readonly #clock: Clock
  /** Only families that were throttled before have an entry. */
  readonly #throttles = new Map<Family, FamilyThrottle>()
  /** Rejects one waiting request each. */
  readonly #rejectWaiting = new Set<(error: GenesysError) => void>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Resolves when a request of the family may be sent: at once, unless the platform throttles it.
   * @throws GenesysError `rate_limited` with `retryAfterMs` if it would have to wait longer than it can; `expired` if `signal` aborts
   *   meanwhile; `unavailable` once closed
   */
  async admit({ family, lane, deadline, signal, canWait = true }: FamilyRequest): Promise<void> {
    const throttle = this.#throttles.get(family)
    if (!throttle) return
    for (;;) {
      const now = this.#clock.now()
      const sendAt = throttle.roomAt(lane, now)
      if (sendAt > now && (!canWait || sendAt > deadline)) throw createFamilyError('rate_limited', sendAt - now)
      throttle.reserve(lane, sendAt)
      if (sendAt <= now) return
      await this.#sleep(sendAt - now, signal)
      if (this.#clock.now() >= throttle.pausedUntil) return
    }
  }

  /** Pauses a family after a 429 about it: nothing is sent for `retryAfterMs`, and requests are spaced after that. */
  pause(family: Family, retryAfterMs: number): void {
    const throttle = this.#throttles.get(family) ?? new FamilyThrottle()
    this.#throttles.set(family, throttle)
    throttle.pause(retryAfterMs, this.#clock.now())
  }

  /** Ms until the pause of the family ends; 0 if there is none. */
  pausedMs(family: Family): number {
    return Math.max(0, (this.#throttles.get(family)?.pausedUntil ?? -Infinity) - this.#clock.now())
  }

  /** The remaining pause of each family. */
  pauses(): Array<{ family: Family; pausedMs: number }> {
    return families.map((family) => ({ family, pausedMs: this.pausedMs(family) }))
  }

  /** Refuses every request that waits or would have to. */
  close(): void {
    this.#isClosed = true
    for (const reject of this.#rejectWaiting) reject(createFamilyError('unavailable'))
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stopWaiting = () => {
        cancelTimer()
        this.#rejectWaiting.delete(fail)
        signal?.removeEventListener('abort', onAbort)
      }
      const fail = (error: GenesysError) => (stopWaiting(), reject(error))
      const onAbort = () => fail(createFamilyError('expired'))
      const cancelTimer = this.#clock.schedule(ms, () => (stopWaiting(), resolve()))
      this.#rejectWaiting.add(fail)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      else if (this.#isClosed) fail(createFamilyError('unavailable'))
    })
  }
}

const createFamilyError = (reason: 'expired' | 'rate_limited' | 'unavailable', waitMs?: number): GenesysError =>
  new GenesysError({
    operation: 'admission',
    reason,
    effect: 'none',
    ...(reason === 'rate_limited' && { limitScope: 'family' as const, retryAfterMs: Math.ceil(waitMs ?? 0) }),
  })
