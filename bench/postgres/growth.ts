/** Whether a PostgreSQL ledger becomes slower as it grows, and while old transfers are deleted from it. */
import type { Row } from '../harness/benchmark.ts'
import { withProcesses } from '../harness/child-process.ts'
import { startSimulator } from '../harness/simulator-process.ts'
import { median, round, type Percentiles } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { addCalls, addQueue } from '../harness/test-calls.ts'
import { createLedger, measureLatency, type LedgerSetup } from '../growth/load-ledger.ts'
import { fillDatabase } from './fill-database.ts'
import { deleteOldTransfersDuring } from './old-transfers.ts'
import type { Part } from './parts.ts'
import { withPostgres } from './with-postgres.ts'

const platformMs = 80
const warmup = { perSecond: 20, seconds: 2 }
const perSecond = 50
const ratioLimit = 1.3

interface GrowthResults {
  /** The percentiles of each round. */
  alone: Percentiles[]
  /** The percentiles of each round while old transfers are deleted; empty for all ledgers but the largest. */
  duringDeletion: Percentiles[]
  /** How many transfers were deleted in all rounds. */
  deleted: number
}

async function measure(sizes: readonly number[], rounds: number, seconds: number): Promise<Map<number, GrowthResults>> {
  const measured = new Map<number, GrowthResults>(sizes.map((size) => [size, { alone: [], duringDeletion: [], deleted: 0 }]))
  await withPostgres((server) =>
    withTemporaryFolder((folder) =>
      withProcesses(async (track) => {
        const simulator = await track(startSimulator(['--latency', String(platformMs)]))
        const queue = await addQueue(simulator)
        const setups = new Map<GrowthResults, LedgerSetup>()
        for (const [size, results] of measured) {
          const setup = {
            simulatorUrl: simulator.url,
            addCalls: (count: number) => addCalls(simulator, queue, count),
            folder,
            databaseUrl: await server.createDatabase(),
          }
          await createLedger(setup)
          await fillDatabase(server, setup.databaseUrl, size)
          setups.set(results, setup)
        }
        for (let index = 0; index < rounds; index++) {
          for (const [results, setup] of setups) results.alone.push(await measureLatency(setup, warmup, { perSecond, seconds }))
          // Old transfers are deleted from the largest ledger only.
          const [results, setup] = [...setups].at(-1) ?? []
          if (!results || !setup) continue
          const { deleted, value } = await deleteOldTransfersDuring(setup.databaseUrl, () =>
            measureLatency(setup, warmup, { perSecond, seconds }),
          )
          results.duringDeletion.push(value)
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
  const rows = measured.flatMap(([size, { alone, duringDeletion, deleted }]) => [
    createRow(String(size), alone),
    ...(duringDeletion.length > 0 ? [createRow(`${size}, while ${deleted} old ones are deleted`, duringDeletion)] : []),
  ])
  const ratio = medianOf(largest?.[1].alone ?? [], 'p99') / medianOf(smallest?.[1].alone ?? [], 'p99')
  return {
    method: [
      `Growth: ${perSecond} transfers a second for ${seconds} s on a PostgreSQL ledger with this many finished transfers, each with a webhook and an audit row; medians of ${rounds} rounds; every platform call takes ${platformMs} ms.`,
    ],
    tables: [rows],
    targets: [
      {
        target: `p99 with ${largest?.[0]} stored transfers within ${ratioLimit}× of that with ${smallest?.[0]}`,
        measured: `${ratio.toFixed(2)}×`,
        isMet: ratio <= ratioLimit,
      },
    ],
  }
}
