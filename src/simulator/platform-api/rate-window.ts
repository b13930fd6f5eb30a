/** How requests are counted against a limit: in a fixed window of a minute that begins with a request (docs/genesys-cloud.md rule 66). */

const windowMs = 60_000

/** The requests of the current window. */
export class RateWindow {
  #count = 0
  #endsAt = 0

  /**
   * Counts a request.
   *
   * @returns How many requests the current window has, this one included, and the whole seconds until it ends.
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

  /** Ends the window, so that a new one begins with the next request. */
  clear(): void {
    this.#count = 0
    this.#endsAt = 0
  }
}
