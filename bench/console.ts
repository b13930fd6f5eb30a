/** The console in a real browser with ten thousand live transfers: when it can be used, and how smoothly it scrolls. */
import { measureVisits, type PageFigures } from './console/measure-page.ts'
import type { Benchmark, Flags, Report } from './harness/benchmark.ts'
import { withProcesses } from './harness/child-process.ts'
import { createHandoffClient } from './harness/handoff-client.ts'
import { createDispatcher } from './harness/http-client.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { apiKey, startService } from './harness/service-process.ts'
import { startSimulator } from './harness/simulator-process.ts'
import { median, round } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from './harness/test-calls.ts'

const visits = 5
const scrollSeconds = 8
const clients = 16
/** The calls wait for as long as it takes, and nothing is asked of the platform meanwhile. */
const settings = { GENESYS_TOKEN_POOL_SIZE: '10', PICKUP_TIMEOUT_MS: '3600000', PICKUP_POLL_INTERVAL_MS: '60000' }

/** Transfers every call, a few at a time. @throws Error when one is refused */
async function transferAll(url: string, calls: readonly TestCall[]): Promise<void> {
  const dispatcher = createDispatcher()
  const transfer = createHandoffClient(url, dispatcher, 'queue')
  const left = calls.values()
  async function work(): Promise<void> {
    for (const call of left) {
      const refusal = await transfer(call)
      if (refusal !== undefined) throw new Error(`a call was not transferred: ${refusal}`)
    }
  }
  await Promise.all(Array.from({ length: clients }, work))
  await dispatcher.destroy()
}

const measure = (rows: number): Promise<PageFigures[]> =>
  withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator())
      const queue = await addQueue(simulator)
      const service = await track(startService(simulator.url, folder, { settings }))
      await transferAll(service.url, await addCalls(simulator, queue, rows))
      return measureVisits(service.url, apiKey, rows, visits, scrollSeconds)
    }),
  )

async function run(flags: Flags): Promise<Report> {
  const rows = Number(flags['rows'] ?? 10_000)
  const figures = await measure(rows)
  const medianOf = (name: keyof PageFigures): number => median(figures.map((each) => each[name]))
  return {
    title: 'Console',
    method: [
      `Chromium without a GPU at 1440 × 900, ${rows} calls that wait, medians of ${visits} visits, each with an empty cache; simulator, service and browser share this machine’s cores.`,
      `The list is scrolled from its top to its end in ${scrollSeconds} s.`,
    ],
    tables: [
      [
        {
          'live transfers': medianOf('rows'),
          'sign-in usable after ms': round(medianOf('signInMs')),
          'Live usable after ms': round(medianOf('liveMs')),
          'frames/s': round(medianOf('framesPerSecond'), 1),
          'longest frame ms': round(medianOf('longestFrameMs')),
          'kB loaded': round(medianOf('loadedBytes') / 1_000),
          'heap MB': round(medianOf('heapBytes') / 1e6, 1),
        },
      ],
    ],
    targets: [
      {
        target: 'the first view is usable in under 1 s',
        measured: `sign-in ${round(medianOf('signInMs'))} ms, Live ${round(medianOf('liveMs'))} ms`,
        isMet: Math.max(medianOf('signInMs'), medianOf('liveMs')) < 1_000,
      },
      {
        target: 'at least 50 frames a second',
        measured: figures.map(({ framesPerSecond }) => round(framesPerSecond)).join(', '),
        isMet: medianOf('framesPerSecond') >= 50,
      },
      {
        target: 'under 200 kB in all',
        measured: `${round(medianOf('loadedBytes') / 1_000)} kB`,
        isMet: medianOf('loadedBytes') < 200_000,
      },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'console',
  description: 'the console in Chromium with ten thousand live transfers: when it is usable, and how it scrolls',
  flags: { rows: 'how many live transfers; 10000 if absent' },
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/console.ts')
