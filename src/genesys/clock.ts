/** Time as the rest of this folder sees it, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since some fixed point; callers say which. */
  now(): number
  /** Runs `run` once, `ms` milliseconds from now. Returns what calls it off. A `background` one does not keep the process alive. */
  after(ms: number, run: () => void, background?: 'background'): () => void
}

/** A clock over any source of milliseconds, with the process's own timers. */
export const clockOver = (now: () => number): Clock => ({
  now,
  after(ms, run, background) {
    const timer = setTimeout(run, Math.max(0, ms))
    if (background) timer.unref()
    return () => clearTimeout(timer)
  },
})

/** Epoch milliseconds: for deadlines, which travel between programs. */
export const wallClock: Clock = clockOver(() => Date.now())

/** Never jumps when somebody sets the machine's time: for rates. */
export const steadyClock: Clock = clockOver(() => performance.now())
