/**
 * Open-loop load: each request is sent when it is due, whether or not earlier ones have been answered, and its latency counts from that moment.
 * A closed loop would send less to a slow server and hide how long callers wait.
 */
import { setTimeout } from 'node:timers/promises'

export interface OpenLoopResult {
  /** From the moment a request was due until it was answered, sorted, ms. Only of requests that did not fail. */
  latenciesMs: number[]
  /** How often each failure happened. */
  failures: Record<string, number>
}

/** The delay before the first request, so that it is not already late. */
const leadMs = 20

/** Runs the load. @param send resolves with undefined, or with the reason of a failure */
export async function runOpenLoop(
  perSecond: number,
  seconds: number,
  send: (index: number) => Promise<string | undefined>,
): Promise<OpenLoopResult> {
  const count = Math.round(perSecond * seconds)
  const latenciesMs: number[] = []
  const failures: Record<string, number> = {}
  const running: Array<Promise<void>> = []
  const startedAt = performance.now() + leadMs
  async function sendAndRecord(index: number, dueAt: number): Promise<void> {
    const failure = await send(index).catch((error: unknown) => (error as Error).message)
    if (failure === undefined) latenciesMs.push(performance.now() - dueAt)
    else failures[failure] = (failures[failure] ?? 0) + 1
  }
  for (let index = 0; index < count; index++) {
    const dueAt = startedAt + (index * 1000) / perSecond
    const waitMs = dueAt - performance.now()
    if (waitMs > 0) await setTimeout(waitMs)
    running.push(sendAndRecord(index, dueAt))
  }
  await Promise.all(running)
  return { latenciesMs: latenciesMs.toSorted((a, b) => a - b), failures }
}

/** The failures with their counts, as text; empty when there were none. */
export const describeFailures = ({ failures }: OpenLoopResult): string =>
  Object.entries(failures)
    .map(([failure, count]) => `${count} × ${failure}`)
    .join(', ')
