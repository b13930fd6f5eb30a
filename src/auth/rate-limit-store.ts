/** Counts the requests of each caller in fixed windows for `@fastify/rate-limit`, by monotonic time: its own store counts by the wall clock. */
import { monotonicMs } from '../model/clock.ts'

/** With more callers than this, those that came first are forgotten. */
const maximumCallers = 5_000

/** What `@fastify/rate-limit` needs of a store. */
export class RateLimitStore {
  readonly #windows = new Map<string, { count: number; endsAt: number }>()

  /** Counts one request, and reports how many there were in the window and how long it lasts, ms. */
  incr(key: string, callback: (error: null, result: { current: number; ttl: number }) => void, windowMs: number): void {
    const now = monotonicMs()
    const known = this.#windows.get(key)
    const window = known && now < known.endsAt ? known : { count: 0, endsAt: now + windowMs }
    window.count += 1
    if (window !== known) {
      // Deleting first moves the caller to the end, so that the first one is the oldest.
      this.#windows.delete(key)
      this.#windows.set(key, window)
      const [oldest] = this.#windows.keys()
      if (this.#windows.size > maximumCallers && oldest !== undefined) this.#windows.delete(oldest)
    }
    callback(null, { current: window.count, ttl: window.endsAt - now })
  }

  /** No route has limits of its own. */
  child(): RateLimitStore {
    return this
  }
}
