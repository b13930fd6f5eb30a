/** When the task of a channel runs: once at a time, and never sooner than the backoff allows. */
import type { Clock } from '../http/clock.ts'
import type { Backoff } from './backoff.ts'

export interface TaskLoop {
  /** Runs the task in `ms`, earlier if it is due earlier anyway, or later if the backoff demands it. */
  runIn(ms: number): void
  /** Never starts the task again. */
  stop(): void
}

export interface TaskLoopOptions {
  clock: Clock
  backoff: Backoff
  /** If it rejects, it runs again after a backoff. */
  task: () => Promise<void>
  /** When the task is due without `runIn`, in ms of the clock; Infinity for never. Called after each run. */
  nextDueAt: () => number
  onSuccess: () => void
  onFailure: (error: unknown, waitMs: number) => void
}

/** Creates a loop in which nothing is due yet. */
export function createTaskLoop({ clock, backoff, task, nextDueAt, onSuccess, onFailure }: TaskLoopOptions): TaskLoop {
  let dueAt = Infinity
  let isRunning = false
  let isStopped = false
  let cancelTimer = () => {}

  const runIn = (ms: number) => {
    if (isStopped) return
    dueAt = Math.min(dueAt, clock.now() + ms)
    if (isRunning) return
    cancelTimer()
    cancelTimer = clock.schedule(Math.max(dueAt, backoff.notBefore()) - clock.now(), () => void run(), 'background')
  }
  const run = async () => {
    isRunning = true
    dueAt = Infinity
    try {
      await task()
      backoff.recordSuccess()
      onSuccess()
    } catch (error) {
      if (!isStopped) {
        onFailure(error, backoff.recordFailure(error))
        dueAt = clock.now()
      }
    }
    isRunning = false
    const next = Math.min(dueAt, nextDueAt())
    if (next < Infinity) runIn(next - clock.now())
  }
  return {
    runIn,
    stop() {
      isStopped = true
      cancelTimer()
    },
  }
}
