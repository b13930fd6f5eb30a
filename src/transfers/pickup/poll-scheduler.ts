/** When to look at which transfer: one timer for all of them (engine.md: ten thousand watched transfers are no jobs). */
import TinyQueue from 'tinyqueue'

interface Due {
  id: string
  at: number
}

export interface PollScheduler {
  /** Looks at this transfer in `ms`; a later call replaces an earlier one. */
  scheduleIn(id: string, ms: number): void
  /** Looks at it in `ms` at the latest: what is due sooner stays. */
  scheduleBy(id: string, ms: number): void
  drop(id: string): void
  readonly size: number
  /** Starts no further look and waits for those under way. */
  close(): Promise<void>
}

/** Looks under way at once: the platform's answers are waited for, not worked for. */
const mostAtOnce = 100

/** @param late told how many ms after its time each look began */
export function createPollScheduler(
  look: (id: string) => Promise<void>,
  clock: () => number,
  late: (ms: number) => void = () => {},
): PollScheduler {
  const due = new TinyQueue<Due>([], (a, b) => a.at - b.at)
  const current = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function arm(): void {
    clearTimeout(timer)
    const next = due.peek()
    if (closed || !next || underWay.size >= mostAtOnce) return
    timer = setTimeout(round, Math.max(0, next.at - clock()))
  }
  function round(): void {
    for (let next = due.peek(); next && next.at <= clock() && underWay.size < mostAtOnce; next = due.peek()) {
      due.pop()
      if (current.get(next.id) !== next.at) continue
      current.delete(next.id)
      late(clock() - next.at)
      const looking = look(next.id).finally(() => {
        underWay.delete(looking)
        arm()
      })
      underWay.add(looking)
    }
    arm()
  }
  function add(id: string, at: number): void {
    current.set(id, at)
    due.push({ id, at })
    if (due.peek()?.at === at) arm()
  }
  return {
    scheduleIn: (id, ms) => add(id, clock() + ms),
    scheduleBy(id, ms) {
      const at = clock() + ms
      if ((current.get(id) ?? Infinity) > at) add(id, at)
    },
    drop: (id) => void current.delete(id),
    get size() {
      return current.size
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await Promise.allSettled(underWay)
    },
  }
}
