/** When each watched transfer is polled next: one timer for all of them (docs/decisions/0009-pickup-by-one-scheduler.md). */
import TinyQueue from 'tinyqueue'

interface ScheduledPoll {
  id: string
  /** Epoch ms. */
  at: number
}

export interface PollScheduler {
  /** Schedules the next poll of this transfer in `ms`, in place of the poll that is scheduled already, if any. */
  scheduleIn(id: string, ms: number): void
  /** Schedules the next poll of this transfer within `ms`: a poll that is due sooner stays. */
  scheduleBy(id: string, ms: number): void
  /** Cancels the poll that is scheduled, if there is one. */
  cancel(id: string): void
  /** For how long the poll that is most overdue, or has been running for the longest time, has been so, ms; 0: none is. */
  overdueMs(): number
  /** Starts no further poll, and waits for those that run. */
  close(): Promise<void>
}

/** The most polls that run at the same time. They mostly wait for the platform, so many of them cost little. */
const maxConcurrentPolls = 100

/**
 * @param poll must not reject
 * @param clock epoch ms
 * @param onLatePoll is called with how many ms later than scheduled a poll begins
 */
export function createPollScheduler(
  poll: (id: string) => Promise<void>,
  clock: () => number,
  onLatePoll: (delayMs: number) => void = () => {},
): PollScheduler {
  /** Replaced and canceled polls stay in the queue: only the entry whose time is in `scheduledAt` counts. */
  const queue = new TinyQueue<ScheduledPoll>([], (a, b) => a.at - b.at)
  const scheduledAt = new Map<string, number>()
  /** When each poll that runs was started. */
  const running = new Map<Promise<void>, number>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  function startTimer(): void {
    clearTimeout(timer)
    const next = queue.peek()
    if (isClosed || !next || running.size >= maxConcurrentPolls) return
    timer = setTimeout(runDue, Math.max(0, next.at - clock()))
  }
  function runDue(): void {
    for (let next = queue.peek(); next && next.at <= clock() && running.size < maxConcurrentPolls; next = queue.peek()) {
      queue.pop()
      if (scheduledAt.get(next.id) !== next.at) continue
      scheduledAt.delete(next.id)
      onLatePoll(clock() - next.at)
      const polling = poll(next.id).finally(() => {
        running.delete(polling)
        startTimer()
      })
      running.set(polling, clock())
    }
    startTimer()
  }
  function schedule(id: string, at: number): void {
    scheduledAt.set(id, at)
    queue.push({ id, at })
    if (queue.peek()?.at === at) startTimer()
  }
  return {
    scheduleIn: (id, ms) => schedule(id, clock() + ms),
    scheduleBy(id, ms) {
      const at = clock() + ms
      if ((scheduledAt.get(id) ?? Infinity) > at) schedule(id, at)
    },
    cancel: (id) => void scheduledAt.delete(id),
    overdueMs: () => [...scheduledAt.values(), ...running.values()].reduce((longest, since) => Math.max(longest, clock() - since), 0),
    async close() {
      isClosed = true
      clearTimeout(timer)
      await Promise.allSettled(running.keys())
    },
  }
}
