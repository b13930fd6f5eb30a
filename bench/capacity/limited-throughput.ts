/** How many transfers a minute a client finishes under the platform's real rate limit. */
import { setTimeout } from 'node:timers/promises'
import type { Row } from '../harness/benchmark.ts'
import { runOpenLoop } from '../load/open-loop.ts'
import { round } from '../harness/statistics.ts'
import { addCalls, type TestCall } from '../harness/test-calls.ts'
import { limitedLoad, type ClientKind } from './settings.ts'
import { withCapacitySystem } from './test-system.ts'

export interface LimitedThroughput {
  kind: ClientKind
  /** Transfers requested a minute. */
  load: number
  finishedPerMinute: number
  row: Row
}

/** Measures one client under one load. @param load transfers requested a minute */
export const measureLimitedThroughput = (kind: ClientKind, load: number): Promise<LimitedThroughput> =>
  withCapacitySystem({ kind, isLimited: true }, async ({ simulator, queue, transfer, countFinished }) => {
    const { seconds, warmupSeconds } = limitedLoad
    const calls = await addCalls(simulator, queue, Math.ceil((load * seconds) / 60))
    const finishedAtWarmup = setTimeout(warmupSeconds * 1_000).then(countFinished)
    const finishedAtEnd = setTimeout(seconds * 1_000).then(countFinished)
    let accepted = 0
    let refused = 0
    // The load is not awaited, because a client may wait a minute after a 429, until long after the end of the measurement.
    void runOpenLoop(load / 60, seconds, async (index) => {
      const failure = await transfer(calls[index] as TestCall).catch((error: unknown) => (error as Error).message)
      if (failure === undefined) accepted++
      else refused++
      return undefined
    })
    const finished = (await finishedAtEnd) - (await finishedAtWarmup)
    const { log } = await simulator.readRequests()
    return {
      kind,
      load,
      finishedPerMinute: round((finished * 60) / (seconds - warmupSeconds), 1),
      row: {
        [`client, at ${load} requests a minute`]: kind,
        '429s in the last 5,000 calls': log.filter(({ status }) => status === 429).length,
        accepted,
        refused,
      },
    }
  })
