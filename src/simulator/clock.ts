/** What the simulator lives by: the real time, or a time that only moves when it is told to. */
export type ClockKind = 'real' | 'manual'

interface DueEvent {
  readonly due: number
  readonly act: () => void
}

const LONGEST_TIMER_MS = 2_147_483_647

/**
 * Time in milliseconds since 1970 and one queue of due events.
 * The real clock holds a single unref'd timer for all events; the manual one holds none.
 */
export class Clock {
  readonly kind: ClockKind
  /** The latest first, so that the next one due is popped from the end. */
  #events: DueEvent[] = []
  #manualNow = Date.now()
  #timer: NodeJS.Timeout | undefined
  #armedFor = Infinity

  constructor(kind: ClockKind) {
    this.kind = kind
  }

  now(): number {
    return this.kind === 'manual' ? this.#manualNow : Date.now()
  }

  /** Runs `act` when `ms` milliseconds have passed; events of one instant run in the order in which they were set. */
  after(ms: number, act: () => void): void {
    const due = this.now() + ms
    this.#events.splice(this.#placeOf(due), 0, { due, act })
    if (this.kind === 'real') this.#arm()
  }

  /** Moves a manual clock on, running every event at its own instant. Throws on a real clock. */
  advance(ms: number): void {
    if (this.kind === 'real') throw new Error('The clock is real: only a manual clock can be advanced')
    const target = this.#manualNow + ms
    for (let next = this.#events.at(-1); next !== undefined && next.due <= target; next = this.#events.at(-1)) {
      this.#events.pop()
      this.#manualNow = next.due
      next.act()
    }
    this.#manualNow = target
  }

  /** Forgets every event. */
  clear(): void {
    this.#events = []
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#armedFor = Infinity
  }

  #placeOf(due: number): number {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.due ?? due) > due) low = middle + 1
      else high = middle
    }
    return low
  }

  #arm(): void {
    const next = this.#events.at(-1)
    if (next === undefined || next.due >= this.#armedFor) return
    clearTimeout(this.#timer)
    this.#armedFor = next.due
    const wait = Math.min(Math.max(next.due - Date.now(), 0), LONGEST_TIMER_MS)
    this.#timer = setTimeout(() => this.#runDue(), wait).unref()
  }

  #runDue(): void {
    this.#armedFor = Infinity
    for (let next = this.#events.at(-1); next !== undefined && next.due <= Date.now(); next = this.#events.at(-1)) {
      this.#events.pop()
      next.act()
    }
    this.#arm()
  }
}
