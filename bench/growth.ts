/** Whether a ledger becomes slower as it grows: the same load with ten thousand, a hundred thousand and a million stored transfers. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillLedger } from './growth/fill-ledger.ts'
import type { Benchmark, Report, Row } from './harness/benchmark.ts'
import { withProcesses } from './harness/child-process.ts'
import { createHandoffClient } from './harness/handoff-client.ts'
import { createDispatcher } from './harness/http-client.ts'
import { runOpenLoop } from './harness/open-loop.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { startService } from './harness/service-process.ts'
import { startSimulator } from './harness/simulator-process.ts'
import { median, percentilesOf, round, type Percentiles } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from './harness/test-calls.ts'

const platformMs = 80
const sizes = [10_000, 100_000, 1_000_000]
const warmup = { perSecond: 20, seconds: 2 }
const load = { perSecond: 50, seconds: 6 }
const rounds = 3
const ratioLimit = 1.3

/** Adds calls in the IVR. */
type AddCalls = (count: number) => Promise<TestCall[]>

/** Creates a ledger as the service does, with one transfer in it. */
async function createLedger(simulatorUrl: string, addCallsToQueue: AddCalls, folder: string, file: string): Promise<void> {
  await withProcesses(async (track) => {
    const service = await track(startService(simulatorUrl, folder, { settings: { DATABASE_URL: `sqlite:${file}` } }))
    const dispatcher = createDispatcher()
    const [call] = await addCallsToQueue(1)
    await createHandoffClient(service.url, dispatcher)(call as TestCall)
    await dispatcher.destroy()
  })
}

/** Latency of requests to a service on this ledger. @throws Error when a transfer fails */
async function measureLatency(simulatorUrl: string, addCallsToQueue: AddCalls, folder: string, file: string): Promise<Percentiles> {
  return withProcesses(async (track) => {
    const settings = { DATABASE_URL: `sqlite:${file}`, RETENTION_DAYS: '0' }
    const service = await track(startService(simulatorUrl, folder, { settings }))
    const dispatcher = createDispatcher()
    const transfer = createHandoffClient(service.url, dispatcher)
    async function send({ perSecond, seconds }: typeof load) {
      const calls = await addCallsToQueue(perSecond * seconds)
      return runOpenLoop(perSecond, seconds, (index) => transfer(calls[index] as TestCall))
    }
    await send(warmup)
    const { latenciesMs, failures } = await send(load)
    await dispatcher.destroy()
    if (Object.keys(failures).length > 0) throw new Error(`transfers failed: ${JSON.stringify(failures)}`)
    return percentilesOf(latenciesMs)
  })
}

/** The percentiles of each round, by number of stored transfers. */
async function measure(): Promise<Map<number, Percentiles[]>> {
  const measured = new Map<number, Percentiles[]>(sizes.map((size) => [size, []]))
  await withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator(['--latency', String(platformMs)]))
      const queue = await addQueue(simulator)
      const addCallsToQueue: AddCalls = (count) => addCalls(simulator, queue, count)
      const fileOf = (name: string | number): string => join(folder, `${name}.db`)
      await createLedger(simulator.url, addCallsToQueue, folder, fileOf('first'))
      for (const size of sizes) {
        await copyFile(fileOf('first'), fileOf(size))
        fillLedger(fileOf(size), size)
      }
      for (let turn = 0; turn < rounds; turn++)
        for (const size of sizes) measured.get(size)?.push(await measureLatency(simulator.url, addCallsToQueue, folder, fileOf(size)))
    }),
  )
  return measured
}

async function run(): Promise<Report> {
  const measured = await measure()
  const medianOf = (size: number, name: keyof Percentiles): number =>
    round(median((measured.get(size) ?? []).map((percentiles) => percentiles[name])), 1)
  const rows: Row[] = sizes.map((size) => ({
    'stored transfers': size,
    'p50 ms': medianOf(size, 'p50'),
    'p95 ms': medianOf(size, 'p95'),
    'p99 ms': medianOf(size, 'p99'),
  }))
  const ratio = medianOf(1_000_000, 'p99') / medianOf(10_000, 'p99')
  return {
    title: 'Growth',
    method: [
      `${load.perSecond} transfers a second for ${load.seconds} s on a SQLite ledger with this many finished transfers, each with a webhook and an audit row; medians of ${rounds} rounds in turn, ${platformMs} ms a platform call.`,
    ],
    tables: [rows],
    targets: [
      {
        target: `p99 with a million within ${ratioLimit}× of that with ten thousand`,
        measured: `${ratio.toFixed(2)}×`,
        met: ratio <= ratioLimit,
      },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'growth',
  description: 'request latency with ten thousand, a hundred thousand and a million stored transfers',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/growth.ts')
