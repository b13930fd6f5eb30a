/** A clock that only moves when the test says so. */
import type { Clock } from '../../../src/genesys/http/clock.ts'

export interface DrivenClock extends Clock {
  /** Moves the clock forward; timers run in order, and promises get time to settle between them. */
  drive(ms: number): Promise<void>
}

interface Timer {
  at: number
  run: () => void
}

/** Gives promises eight turns, which is enough for every chain of promises between two timers in these tests. */
async function settlePromises(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve()
}

/** `start` is what `now()` returns first, in ms. */
export function createDrivenClock(start = 1_000_000): DrivenClock {
  let now = start
  let timers: Timer[] = []

  const takeNextTimer = (end: number): Timer | undefined => {
    const due = timers.filter(({ at }) => at <= end)
    if (due.length === 0) return undefined
    const next = due.reduce((soonest, timer) => (timer.at < soonest.at ? timer : soonest))
    timers = timers.filter((timer) => timer !== next)
    return next
  }
  return {
    now: () => now,
    schedule(ms, run) {
      const timer = { at: now + Math.max(0, ms), run }
      timers.push(timer)
      return () => void (timers = timers.filter((other) => other !== timer))
    },
    async drive(ms) {
      const end = now + ms
      await settlePromises()
      for (let timer = takeNextTimer(end); timer; timer = takeNextTimer(end)) {
        now = Math.max(now, timer.at)
        timer.run()
        await settlePromises()
      }
      now = end
      await settlePromises()
    },
  }
}
