import { steadyClock } from '../clock.ts'
import type { Clock } from '../clock.ts'
import { GenesysError } from './errors.ts'

/** In order of precedence: what moves a call, what a waiting caller's answer needs, what only watches. */
export const LANES = ['command', 'read', 'watch'] as const
export type Lane = (typeof LANES)[number]

export interface RateLimiterOptions {
  /** The platform's allowance per minute and token (genesys-api §6: 300). */
  requestsPerMinute: number
  clock?: Clock
}

/** 60 s and a millisecond: the platform's clock ticks need not be ours. */
const WINDOW_MS = 60_001
const USABLE = 0.95
/** How full the window may be for a lane to go on taking; what is left is for the lanes above. */
const CEILING: Record<Lane, number> = { command: 1, read: 0.9, watch: 0.7 }
/** What the lanes above may never take from a lane, so that it cannot starve. */
const FLOOR: Record<Lane, number> = { command: 0, read: 0.1, watch: 0.05 }
const AFTER_429 = { factor: 0.7, least: 0.1, step: 0.05, everyMs: 10_000 }

type PerLane = Record<Lane, number>
interface Waiter {
  lane: Lane
  go: () => void
  refuse: (error: GenesysError) => void
}
interface Sum {
  limit: number
  total: number
  used: PerLane
}

/**
 * Keeps one token from ever meeting 429: at most 95 % of the allowance goes out in any 60 s, whichever 60 s one looks at
 * (reliability §5: fixed windows and token buckets let twice the allowance through).
 */
export class RateLimiter {
  readonly #clock: Clock
  readonly #most: number
  readonly #sent: Array<{ at: number; lane: Lane }> = []
  readonly #used: PerLane = { command: 0, read: 0, watch: 0 }
  readonly #waiting: Record<Lane, Set<Waiter>> = { command: new Set(), read: new Set(), watch: new Set() }
  #allowance = { limit: Infinity, until: -Infinity }
  #foreign = { count: 0, until: -Infinity }
  #brake = { factor: 1, pausedUntil: -Infinity }
  #disarm: (() => void) | undefined
  #closed = false

  constructor({ requestsPerMinute, clock = steadyClock }: RateLimiterOptions) {
    this.#clock = clock
    this.#most = usable(requestsPerMinute)
  }

  /**
   * Resolves when a call in `lane` may go out; the slot is then taken, whether or not the call follows. `deadline` is in this
   * governor's own clock. Rejects with GenesysError rate_limited and `retryAfterMs` at once if the wait would outlast the
   * deadline, and later if calls in a higher lane came first; with expired when `signal` aborts or the deadline is over already.
   */
  admit(lane: Lane, deadline: number, signal?: AbortSignal): Promise<void> {
    const now = this.#clock.now()
    if (this.#closed) return Promise.reject(refusal('unavailable'))
    if (signal?.aborted || now >= deadline) return Promise.reject(refusal('expired'))
    const wait = this.waitMs(lane)
    if (now + wait > deadline) return Promise.reject(refusal('rate_limited', wait))
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting[lane].delete(waiter)
        cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = { lane, go: () => (leave(), resolve()), refuse: (error) => (leave(), reject(error)) }
      const onAbort = () => waiter.refuse(refusal('expired'))
      const cancel = this.#clock.after(deadline - now, () => waiter.refuse(refusal('rate_limited', this.waitMs(lane))))
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting[lane].add(waiter)
      this.#serve()
    })
  }

  /** How long, in ms, a newcomer in `lane` would wait behind those who wait already; 0 if it may go now. */
  waitMs(lane: Lane): number {
    const ahead: PerLane = { command: 0, read: 0, watch: 0 }
    for (const other of LANES.slice(0, LANES.indexOf(lane) + 1)) ahead[other] = this.#waiting[other].size
    return this.#waitBehind(lane, ahead)
  }

  /** The platform's own count, from `inin-ratelimit-*`. It can only tighten: somebody else may be using the same token. */
  observe({ count, allowed, resetSeconds }: { count: number; allowed: number; resetSeconds: number }): void {
    const now = this.#forget()
    const until = now + Math.min(Math.max(resetSeconds, 0) * 1000, WINDOW_MS)
    const limit = usable(allowed)
    if (allowed > 0 && (limit <= this.#allowance.limit || now >= this.#allowance.until)) this.#allowance = { limit, until }
    const foreign = count - this.#sent.length
    if (foreign > this.#foreignNow(now)) this.#foreign = { count: foreign, until }
  }

  /** A 429: nothing goes out for `retryAfterMs`; after that evenly spaced and slower, recovering by steps. */
  pause(retryAfterMs: number): void {
    const now = this.#clock.now()
    const factor = now < this.#brake.pausedUntil ? this.#brake.factor : Math.max(this.#factor(now) * AFTER_429.factor, AFTER_429.least)
    this.#brake = { factor, pausedUntil: Math.max(this.#brake.pausedUntil, now + retryAfterMs) }
    this.#serve()
  }

  /** For metrics: calls allowed and used in the last 60 s, and ms until a pause ends. */
  headroom(): { limit: number; used: number; pausedMs: number } {
    const now = this.#forget()
    return {
      limit: this.#limit(now),
      used: this.#sent.length + this.#foreignNow(now),
      pausedMs: Math.max(0, this.#brake.pausedUntil - now),
    }
  }

  /** How many wait, by lane. */
  waiting(): Record<Lane, number> {
    return { command: this.#waiting.command.size, read: this.#waiting.read.size, watch: this.#waiting.watch.size }
  }

  /** Refuses everybody who waits or comes. */
  close(): void {
    this.#closed = true
    this.#disarm?.()
    for (const lane of LANES) for (const waiter of this.#waiting[lane]) waiter.refuse(refusal('unavailable'))
  }

  #serve(): void {
    this.#disarm?.()
    this.#disarm = undefined
    let soonest = Infinity
    for (let index = 0; index < LANES.length; index++) {
      const lane = LANES[index]!
      const [first] = this.#waiting[lane]
      if (!first) continue
      const wait = this.#waitBehind(lane, { command: 0, read: 0, watch: 0 })
      if (wait > 0) {
        soonest = Math.min(soonest, wait)
        continue
      }
      this.#sent.push({ at: this.#clock.now(), lane })
      this.#used[lane]++
      first.go()
      soonest = Infinity
      index = -1
    }
    if (soonest < Infinity) this.#disarm = this.#clock.after(soonest, () => this.#serve())
  }

  #waitBehind(lane: Lane, ahead: PerLane): number {
    const now = this.#forget()
    const limit = this.#limit(now)
    const foreign = this.#foreignNow(now)
    const crowd = ahead.command + ahead.read + ahead.watch
    const sum: Sum = { limit, total: this.#sent.length + foreign + crowd, used: add(this.#used, ahead) }
    let free = Math.max(now, this.#brake.pausedUntil)
    for (let gone = 0; !fits(lane, sum, crowd - ahead[lane]); gone++) {
      const oldest = this.#sent[gone]
      if (!oldest) return Math.max(free, this.#foreign.until, now + (crowd ? WINDOW_MS : 1)) - now
      free = Math.max(free, oldest.at + WINDOW_MS)
      sum.total--
      sum.used[oldest.lane]--
    }
    return Math.max(free, this.#spacedAt(limit, crowd)) - now
  }

  /** While recovering from a 429, when the next call may go with `crowd` calls before it. */
  #spacedAt(limit: number, crowd: number): number {
    if (this.#factor(this.#clock.now()) >= 1) return -Infinity
    const spacing = WINDOW_MS / limit
    return Math.max((this.#sent.at(-1)?.at ?? -Infinity) + spacing, this.#brake.pausedUntil) + crowd * spacing
  }

  #forget(): number {
    const now = this.#clock.now()
    while (this.#sent[0] && this.#sent[0].at + WINDOW_MS <= now) this.#used[this.#sent.shift()!.lane]--
    return now
  }

  #limit(now: number): number {
    return Math.max(1, Math.floor(Math.min(this.#most, this.#allowance.limit) * this.#factor(now)))
  }

  #foreignNow(now: number): number {
    return now < this.#foreign.until ? this.#foreign.count : 0
  }

  #factor(now: number): number {
    const { factor, pausedUntil } = this.#brake
    if (factor >= 1 || now < pausedUntil) return factor
    return Math.min(1, factor + Math.floor((now - pausedUntil) / AFTER_429.everyMs) * AFTER_429.step)
  }
}

const usable = (perMinute: number): number => Math.max(1, Math.floor(perMinute * USABLE))

const add = (a: PerLane, b: PerLane): PerLane => ({ command: a.command + b.command, read: a.read + b.read, watch: a.watch + b.watch })

const floorOf = (lane: Lane, limit: number): number => Math.floor(FLOOR[lane] * limit)

/** Whether one more call in `lane` may go; `strangers` are those counted in `sum` who wait in other lanes and cannot take this lane's floor. */
function fits(lane: Lane, { limit, total, used }: Sum, strangers: number): boolean {
  if (used[lane] < floorOf(lane, limit)) return total - strangers < limit
  const kept = LANES.filter((other) => other !== lane).reduce((sum, other) => sum + Math.max(0, floorOf(other, limit) - used[other]), 0)
  return total + kept < Math.max(1, Math.floor(CEILING[lane] * limit))
}

const refusal = (reason: 'expired' | 'rate_limited' | 'unavailable', wait?: number): GenesysError =>
  new GenesysError({ operation: 'admission', reason, effect: 'none', retryAfterMs: wait === undefined ? undefined : Math.ceil(wait) })
