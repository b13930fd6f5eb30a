/** Whether a ledger becomes slower as it grows: the same load with ten thousand, a hundred thousand and a million stored transfers. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillLedger } from './growth/fill-ledger.ts'
import { createLedger, measureLatency, type LedgerSetup } from './growth/load-ledger.ts'
import type { Benchmark, Report, Row } from './harness/benchmark.ts'
import { withProcesses } from './harness/child-process.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { startSimulator } from './harness/simulator-process.ts'
import { median, round, type Percentiles } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { addCalls, addQueue } from './harness/test-calls.ts'

const platformMs = 80
const sizes = [10_000, 100_000, 1_000_000]
const warmup = { perSecond: 20, seconds: 2 }
const load = { perSecond: 50, seconds: 6 }
const rounds = 3
const ratioLimit = 1.3

/** The percentiles of each round, by number of stored transfers. */
async function measure(): Promise<Map<number, Percentiles[]>> {
  const measured = new Map<number, Percentiles[]>(sizes.map((size) => [size, []]))
  await withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator(['--latency', String(platformMs)]))
      const queue = await addQueue(simulator)
      const getFile = (name: string | number): string => join(folder, `${name}.db`)
      const createSetup = (name: string | number): LedgerSetup => ({
        simulatorUrl: simulator.url,
        addCalls: (count) => addCalls(simulator, queue, count),
        folder,
        databaseUrl: `sqlite:${getFile(name)}`,
      })
      await createLedger(createSetup('first'))
      for (const size of sizes) {
        await copyFile(getFile('first'), getFile(size))
        fillLedger(getFile(size), size)
      }
      for (let index = 0; index < rounds; index++)
        for (const size of sizes) measured.get(size)?.push(await measureLatency(createSetup(size), warmup, load))
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
      `${load.perSecond} transfers a second for ${load.seconds} s on a SQLite ledger with this many finished transfers, each with a webhook and an audit row; medians of ${rounds} rounds; every platform call takes ${platformMs} ms.`,
    ],
    tables: [rows],
    targets: [
      {
        target: `p99 with a million within ${ratioLimit}× of that with ten thousand`,
        measured: `${ratio.toFixed(2)}×`,
        isMet: ratio <= ratioLimit,
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
