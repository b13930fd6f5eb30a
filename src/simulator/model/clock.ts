/** How time passes in the simulator: with the clock of the machine, or only when a test advances it. */

export type ClockKind = 'real' | 'manual'

interface ScheduledEvent {
  /** Epoch ms. */
  readonly dueAt: number
  readonly run: () => void
}

/** The longest delay that `setTimeout` accepts; a later event arms the timer again. */
const maxTimerMs = 2_147_483_647

/**
 * The time in epoch ms, and one queue of scheduled events.
 * A real clock has a single timer for all events, which does not keep the process alive; a manual clock has none.
 */
export class Clock {
  readonly kind: ClockKind
  /** The latest first, so that the next one is popped from the end. */
  #events: ScheduledEvent[] = []
  #manualNow = Date.now()
  #timer: NodeJS.Timeout | undefined
  #timerDueAt = Infinity

  constructor(kind: ClockKind) {
    this.kind = kind
  }

  /** Epoch ms. */
  now(): number {
    return this.kind === 'manual' ? this.#manualNow : Date.now()
  }

  /** Runs a function after `ms` milliseconds; events of the same instant run in the order in which they were scheduled. */
  after(ms: number, run: () => void): void {
    const dueAt = this.now() + ms
    this.#events.splice(this.#positionOf(dueAt), 0, { dueAt, run })
    if (this.kind === 'real') this.#armTimer()
  }

  /**
   * Advances a manual clock by `ms` milliseconds. Each event that becomes due meanwhile runs at its own instant.
   *
   * @throws {Error} On a real clock.
   */
  advance(ms: number): void {
    if (this.kind === 'real') throw new Error('The clock is real: only a manual clock can be advanced')
    const endsAt = this.#manualNow + ms
    for (let next = this.#events.at(-1); next !== undefined && next.dueAt <= endsAt; next = this.#events.at(-1)) {
      this.#events.pop()
      this.#manualNow = next.dueAt
      next.run()
    }
    this.#manualNow = endsAt
  }

  /** Drops all events. */
  clear(): void {
    this.#events = []
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerDueAt = Infinity
  }

  /** Where to insert an event; a binary search, because a load test schedules thousands. */
  #positionOf(dueAt: number): number {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.dueAt ?? dueAt) > dueAt) low = middle + 1
      else high = middle
    }
    return low
  }

  #armTimer(): void {
    const next = this.#events.at(-1)
    if (next === undefined || next.dueAt >= this.#timerDueAt) return
    clearTimeout(this.#timer)
    this.#timerDueAt = next.dueAt
    const delayMs = Math.min(Math.max(next.dueAt - Date.now(), 0), maxTimerMs)
    this.#timer = setTimeout(() => this.#runDueEvents(), delayMs).unref()
  }

  #runDueEvents(): void {
    this.#timerDueAt = Infinity
    for (let next = this.#events.at(-1); next !== undefined && next.dueAt <= Date.now(); next = this.#events.at(-1)) {
      this.#events.pop()
      next.run()
    }
    this.#armTimer()
  }
}
