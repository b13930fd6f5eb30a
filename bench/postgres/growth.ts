/** Whether a PostgreSQL ledger becomes slower as it grows, and while old transfers are deleted from it. */
import type { Row } from '../harness/benchmark.ts'
import { withProcesses } from '../harness/child-process.ts'
import { startSimulator } from '../harness/simulator-process.ts'
import { median, round, type Percentiles } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { addCalls, addQueue } from '../harness/test-calls.ts'
import { createLedger, measureLatency, type LedgerPlace } from '../growth/load-ledger.ts'
import { fillDatabase } from './fill-database.ts'
import { deleteBeside } from './old-transfers.ts'
import type { Part } from './parts.ts'
import { withPostgres } from './with-postgres.ts'

const platformMs = 80
const warmup = { perSecond: 20, seconds: 2 }
const perSecond = 50
const ratioLimit = 1.3

interface Measured {
  /** Percentiles of each round. */
  alone: Percentiles[]
  besideDeletion: Percentiles[]
  /** In all rounds. */
  deleted: number
}

async function measure(sizes: readonly number[], rounds: number, seconds: number): Promise<Map<number, Measured>> {
  const measured = new Map<number, Measured>(sizes.map((size) => [size, { alone: [], besideDeletion: [], deleted: 0 }]))
  await withPostgres((server) =>
    withTemporaryFolder((folder) =>
      withProcesses(async (track) => {
        const simulator = await track(startSimulator(['--latency', String(platformMs)]))
        const queue = await addQueue(simulator)
        const places = new Map<Measured, LedgerPlace>()
        for (const [size, results] of measured) {
          const place = {
            simulatorUrl: simulator.url,
            addCalls: (count: number) => addCalls(simulator, queue, count),
            folder,
            databaseUrl: await server.createDatabase(),
          }
          await createLedger(place)
          await fillDatabase(server, place.databaseUrl, size)
          places.set(results, place)
        }
        for (let turn = 0; turn < rounds; turn++) {
          for (const [results, place] of places) results.alone.push(await measureLatency(place, warmup, { perSecond, seconds }))
          const [results, place] = [...places].at(-1) ?? []
          if (!results || !place) continue
          const { deleted, value } = await deleteBeside(place.databaseUrl, () => measureLatency(place, warmup, { perSecond, seconds }))
          results.besideDeletion.push(value)
          results.deleted += deleted
        }
      }),
    ),
  )
  return measured
}

const medianOf = (all: readonly Percentiles[], name: keyof Percentiles): number => round(median(all.map((each) => each[name])), 1)

const createRow = (stored: string, all: readonly Percentiles[]): Row => ({
  'stored transfers': stored,
  'p50 ms': medianOf(all, 'p50'),
  'p95 ms': medianOf(all, 'p95'),
  'p99 ms': medianOf(all, 'p99'),
})

export const growth: Part = async ({ rounds = 3, seconds = 6, sizes = [10_000, 1_000_000] }) => {
  const measured = [...(await measure(sizes, rounds, seconds))]
  const [smallest, largest] = [measured[0], measured.at(-1)]
  const rows = measured.flatMap(([size, { alone, besideDeletion, deleted }]) => [
    createRow(String(size), alone),
    ...(besideDeletion.length > 0 ? [createRow(`${size}, while ${deleted} old ones are deleted`, besideDeletion)] : []),
  ])
  const ratio = medianOf(largest?.[1].alone ?? [], 'p99') / medianOf(smallest?.[1].alone ?? [], 'p99')
  return {
    method: [
      `Growth: ${perSecond} transfers a second for ${seconds} s on a PostgreSQL ledger with this many finished transfers, each with a webhook and an audit row; medians of ${rounds} rounds in turn, ${platformMs} ms a platform call.`,
    ],
    tables: [rows],
    targets: [
      {
        target: `p99 with ${largest?.[0]} stored transfers within ${ratioLimit}× of that with ${smallest?.[0]}`,
        measured: `${ratio.toFixed(2)}×`,
        met: ratio <= ratioLimit,
      },
    ],
  }
}
