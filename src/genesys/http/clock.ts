/** Time as the platform client sees it: a source of milliseconds with timers, which tests can drive. */
import { epochMs, monotonicMs } from '../../model/clock.ts'

export interface Clock {
  /** Milliseconds since some fixed point: the epoch for `epochClock`, an arbitrary one for `steadyClock`. */
  now(): number
  /** Calls `run` once, `ms` milliseconds from now. Returns a function that cancels it. A `background` timer does not keep the process alive. */
  schedule(ms: number, run: () => void, background?: 'background'): () => void
}

/** A clock over any source of milliseconds, with the timers of the process. */
export const createClock = (now: () => number): Clock => ({
  now,
  schedule(ms, run, background) {
    const timer = setTimeout(run, Math.max(0, ms))
    if (background) timer.unref()
    return () => clearTimeout(timer)
  },
})

/** Epoch milliseconds of the service's clock: for deadlines, which are compared across processes. */
export const epochClock: Clock = createClock(epochMs)

/** For rates and intervals. */
export const steadyClock: Clock = createClock(monotonicMs)
