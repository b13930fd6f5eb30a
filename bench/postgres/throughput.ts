/** How many transfers a second Handoff accepts on each ledger when the platform answers immediately. */
import type { TestPostgres } from '../../test/support/postgres.ts'
import type { Target } from '../harness/benchmark.ts'
import { withProcesses } from '../harness/child-process.ts'
import { runClosedLoop } from '../load/closed-loop.ts'
import { createDispatcher } from '../harness/http-client.ts'
import { readTotalCpuMs } from '../harness/process-usage.ts'
import { startSimulator, type Simulator } from '../harness/simulator-process.ts'
import { median, round } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from '../harness/test-calls.ts'
import type { Part, PartOptions } from './parts.ts'
import { readPostgresCpuMs } from './server-usage.ts'
import { oneNode, sqlite, startSystem, twoNodes, type System } from './systems.ts'
import { withPostgres } from './with-postgres.ts'

const concurrency = 32
/** How many calls are prepared for each second of a round: more than any system can accept. */
const preparedCallsPerSecond = 1_000
/** Keeps the rate limit of a token, the pickup timeout and polls from affecting the measurement. */
const settings = { GENESYS_TOKEN_POOL_SIZE: '10', PICKUP_TIMEOUT_MS: '3600000', PICKUP_POLL_INTERVAL_MS: '60000' }

/** CPU times are per transfer. */
interface Throughput {
  perSecond: number
  nodesCpuMs: number
  postgresCpuMs: number
  simulatorCpuMs: number
  loadCpuMs: number
  refusals: Record<string, number>
}

async function measureSystem(
  system: System,
  simulator: Simulator,
  postgres: TestPostgres,
  calls: readonly TestCall[],
  seconds: number,
): Promise<Throughput> {
  const readCpu = (): Promise<number[]> =>
    Promise.all([readTotalCpuMs(system.pids), readPostgresCpuMs(postgres), readTotalCpuMs([simulator.pid]), readTotalCpuMs([process.pid])])
  const before = await readCpu()
  const { accepted, perSecond, refusals } = await runClosedLoop(concurrency, seconds, calls, system.transfer)
  const [nodesCpuMs = 0, postgresCpuMs = 0, simulatorCpuMs = 0, loadCpuMs = 0] = (await readCpu()).map(
    (ms, index) => (ms - (before[index] ?? 0)) / accepted,
  )
  return { perSecond, nodesCpuMs, postgresCpuMs, simulatorCpuMs, loadCpuMs, refusals }
}

async function measure(names: readonly string[], rounds: number, seconds: number): Promise<Map<string, Throughput[]>> {
  const measured = new Map<string, Throughput[]>(names.map((name) => [name, []]))
  await withPostgres((postgres) =>
    withTemporaryFolder((folder) =>
      withProcesses(async (track) => {
        const simulator = await track(startSimulator())
        const queue = await addQueue(simulator)
        const dispatcher = createDispatcher()
        const systems: System[] = []
        for (const name of names)
          systems.push(await startSystem(name, { simulatorUrl: simulator.url, server: postgres, folder, dispatcher, settings, track }))
        // All calls are added before the first round, because the simulator is busy while it adds them.
        const batches: TestCall[][] = []
        for (let index = 0; index < (rounds + 1) * systems.length; index++)
          batches.push(await addCalls(simulator, queue, preparedCallsPerSecond * seconds))
        for (let index = 0; index <= rounds; index++)
          for (const system of systems) {
            const throughput = await measureSystem(system, simulator, postgres, batches.shift() ?? [], seconds)
            // The first round is a warm-up.
            if (index > 0) measured.get(system.name)?.push(throughput)
          }
        await dispatcher.destroy()
      }),
    ),
  )
  return measured
}

// The flag has one name for all parts; what it selects here are systems.
export const throughput: Part = async ({ clients: systems, rounds = 3, seconds = 5 }: PartOptions) => {
  const names = [sqlite, oneNode, twoNodes].filter((name) => systems?.includes(name) ?? true)
  const measured = await measure(names, rounds, seconds)
  const medianOf = (name: string, field: Exclude<keyof Throughput, 'refusals'>): number =>
    median((measured.get(name) ?? []).map((each) => each[field]))
  const ratioOf = (name: string, other: string): number => medianOf(name, 'perSecond') / medianOf(other, 'perSecond')
  const [oneNodeToSqlite, twoNodesToOne] = [ratioOf(oneNode, sqlite), ratioOf(twoNodes, oneNode)]
  const targets: Target[] = [
    {
      target: 'throughput of PostgreSQL, one node, at least 0.6× SQLite’s',
      measured: `${oneNodeToSqlite.toFixed(2)}×`,
      isMet: oneNodeToSqlite >= 0.6,
    },
    { target: 'throughput of two nodes relative to one (no target)', measured: `${twoNodesToOne.toFixed(2)}×`, isMet: true },
  ]
  return {
    method: [
      `Throughput: ${concurrency} requests at once for ${seconds} s, medians of ${rounds} rounds after a warm-up round; the platform answers at once. CPU times are per transfer.`,
    ],
    tables: [
      names.map((name) => ({
        system: name,
        'transfers/s': round(medianOf(name, 'perSecond')),
        'nodes CPU ms': round(medianOf(name, 'nodesCpuMs'), 2),
        'PostgreSQL CPU ms': round(medianOf(name, 'postgresCpuMs'), 2),
        'simulator CPU ms': round(medianOf(name, 'simulatorCpuMs'), 2),
        'load CPU ms': round(medianOf(name, 'loadCpuMs'), 2),
        refusals: [...new Set(measured.get(name)?.map(({ refusals }) => JSON.stringify(refusals)))]
          .filter((text) => text !== '{}')
          .join('; '),
      })),
    ],
    // A ratio is NaN if one of its systems was not measured.
    targets: targets.filter(({ measured: ratio }) => ratio !== 'NaN×'),
  }
}
