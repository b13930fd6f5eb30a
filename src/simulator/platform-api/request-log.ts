/** The log of the requests that clients have sent to the platform. */

/** One request of a client. */
export interface LoggedRequest {
  /** When it arrived, ISO 8601. */
  readonly at: string
  /** The name of the operation, such as `GET /conversations/{id}`. */
  readonly operation: string
  readonly path: string
  /** 0 until the request is answered; it stays 0 if a fault resets the connection or sends no response. */
  status: number
}

/** The requests since the start or the last `clear`. */
export interface RequestLogSummary {
  readonly total: number
  /** The number of requests by operation. */
  readonly counts: Readonly<Record<string, number>>
  /** The last 5,000 requests, oldest first. */
  readonly log: readonly LoggedRequest[]
}

const maxEntries = 5_000

/** Counts all requests of clients, and keeps the latest of them. */
export class RequestLog {
  #total = 0
  #counts = new Map<string, number>()
  /** A ring buffer: once it is full, the next entry overwrites the oldest. */
  #entries: LoggedRequest[] = []

  /** Records the arrival of a request at the instant `now`, epoch ms; the caller sets the status of the entry later. */
  record(operation: string, path: string, now: number): LoggedRequest {
    const entry = { at: new Date(now).toISOString(), operation, path, status: 0 }
    this.#entries[this.#total % maxEntries] = entry
    this.#total += 1
    this.#counts.set(operation, (this.#counts.get(operation) ?? 0) + 1)
    return entry
  }

  /** A copy of the log. */
  summarize(): RequestLogSummary {
    const oldest = this.#total > maxEntries ? this.#total % maxEntries : 0
    const log = [...this.#entries.slice(oldest), ...this.#entries.slice(0, oldest)].map((entry) => ({ ...entry }))
    return { total: this.#total, counts: Object.fromEntries(this.#counts), log }
  }

  clear(): void {
    this.#total = 0
    this.#counts = new Map()
    this.#entries = []
  }
}
