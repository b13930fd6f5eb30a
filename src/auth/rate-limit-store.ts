/** Counts the requests of each caller in fixed windows for `@fastify/rate-limit`, whose own store would use the wall clock, which can be set. */
import { monotonicMs } from '../model/clock.ts'

/** With more callers than this, the windows that began first are forgotten. */
const maxCallers = 5_000

/** A store for `@fastify/rate-limit`, with the methods that it calls. */
export class RateLimitStore {
  readonly #windows = new Map<string, { count: number; endsAt: number }>()

  /** Counts one request, and reports how many there were in this window and how long the window still lasts, ms. */
  incr(key: string, callback: (error: null, result: { current: number; ttl: number }) => void, windowMs: number): void {
    const now = monotonicMs()
    const previous = this.#windows.get(key)
    const window = previous && now < previous.endsAt ? previous : { count: 0, endsAt: now + windowMs }
    window.count += 1
    if (window !== previous) {
      // Deleting the entry first moves the caller to the end of the map, so that the first entry is always the oldest.
      this.#windows.delete(key)
      this.#windows.set(key, window)
      const [oldest] = this.#windows.keys()
      if (this.#windows.size > maxCallers && oldest !== undefined) this.#windows.delete(oldest)
    }
    callback(null, { current: window.count, ttl: window.endsAt - now })
  }

  /** Returns the store for a route with limits of its own: the same one, because no route has any. */
  child(): RateLimitStore {
    return this
  }
}
