/** When the work for a channel is done: one task at a time, never faster than the backoff allows. */
import type { Clock } from '../http/clock.ts'
import type { Backoff } from './backoff.ts'

export interface TaskLoop {
  /** Runs the task in `ms`, or earlier if it is due earlier anyway; later if the backoff demands it. */
  runIn(ms: number): void
  /** No task is started any more. */
  stop(): void
}

export interface TaskLoopOptions {
  clock: Clock
  backoff: Backoff
  /** If it rejects, it is repeated after a backoff. */
  task: () => Promise<void>
  /** When the task is due by itself, in ms of the clock; Infinity for never. Asked after each run. */
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
