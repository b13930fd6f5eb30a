/** How requests are counted against a limit: in a fixed window that begins with the first of them (docs/genesys-cloud.md rule 66). */

const windowMs = 60_000

/** The requests of the current window. */
export class RateWindow {
  #count = 0
  #endsAt = 0

  /**
   * Counts a request. Returns the requests of the current window, and the whole seconds until it ends.
   *
   * @param now Epoch ms.
   */
  countRequest(now: number): { count: number; resetSeconds: number } {
    if (this.#endsAt <= now) {
      this.#count = 0
      this.#endsAt = now + windowMs
    }
    this.#count += 1
    return { count: this.#count, resetSeconds: Math.max(1, Math.ceil((this.#endsAt - now) / 1000)) }
  }

  /** Lets a new window begin with the next request. */
  clear(): void {
    this.#count = 0
    this.#endsAt = 0
  }
}
