/** One request that a client made; `status` 0 until it is answered, and for ever where it never is. */
export interface LoggedCall {
  readonly at: string
  readonly operation: string
  readonly path: string
  status: number
}

/** What clients asked of the platform since the start or the last clearing. */
export interface Calls {
  readonly total: number
  /** By operation template, such as `GET /conversations/{id}`. */
  readonly counts: Readonly<Record<string, number>>
  /** The last 5,000, oldest first. */
  readonly log: readonly LoggedCall[]
}

const KEPT = 5_000

export class CallLog {
  #total = 0
  #counts = new Map<string, number>()
  /** A ring: the next entry overwrites the oldest. */
  #entries: LoggedCall[] = []

  /** Notes the arrival of a request at the instant `now` (ms); the answer's status is filled in later. */
  arrived(operation: string, path: string, now: number): LoggedCall {
    const entry = { at: new Date(now).toISOString(), operation, path, status: 0 }
    this.#entries[this.#total % KEPT] = entry
    this.#total += 1
    this.#counts.set(operation, (this.#counts.get(operation) ?? 0) + 1)
    return entry
  }

  calls(): Calls {
    const oldest = this.#total > KEPT ? this.#total % KEPT : 0
    const log = [...this.#entries.slice(oldest), ...this.#entries.slice(0, oldest)].map((entry) => ({ ...entry }))
    return { total: this.#total, counts: Object.fromEntries(this.#counts), log }
  }

  clear(): void {
    this.#total = 0
    this.#counts = new Map()
    this.#entries = []
  }
}
