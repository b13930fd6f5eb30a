/** How many transfers a second Handoff can do on each ledger when the platform answers immediately. */
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
import { readServerCpuMs } from './server-usage.ts'
import { oneNode, sqlite, startSystem, twoNodes, type System } from './systems.ts'
import { withPostgres } from './with-postgres.ts'

const concurrency = 32
/** More transfers a second than any of the systems can do. */
const callsPerSecond = 1_000
/** Neither the rate limit nor the timeout of calls that no agent picks up is to be measured. */
const settings = { GENESYS_TOKEN_POOL_SIZE: '10', PICKUP_TIMEOUT_MS: '3600000', PICKUP_POLL_INTERVAL_MS: '60000' }

/** CPU times are for each transfer. */
interface Throughput {
  perSecond: number
  nodesCpuMs: number
  serverCpuMs: number
  simulatorCpuMs: number
  loadCpuMs: number
  refusals: Record<string, number>
}

async function measureSystem(
  system: System,
  simulator: Simulator,
  server: TestPostgres,
  calls: readonly TestCall[],
  seconds: number,
): Promise<Throughput> {
  const readCpu = (): Promise<number[]> =>
    Promise.all([readTotalCpuMs(system.pids), readServerCpuMs(server), readTotalCpuMs([simulator.pid]), readTotalCpuMs([process.pid])])
  const before = await readCpu()
  const { done, perSecond, refusals } = await runClosedLoop(concurrency, seconds, calls, system.transfer)
  const [nodesCpuMs = 0, serverCpuMs = 0, simulatorCpuMs = 0, loadCpuMs = 0] = (await readCpu()).map(
    (ms, index) => (ms - (before[index] ?? 0)) / done,
  )
  return { perSecond, nodesCpuMs, serverCpuMs, simulatorCpuMs, loadCpuMs, refusals }
}

async function measure(names: readonly string[], rounds: number, seconds: number): Promise<Map<string, Throughput[]>> {
  const measured = new Map<string, Throughput[]>(names.map((name) => [name, []]))
  await withPostgres((server) =>
    withTemporaryFolder((folder) =>
      withProcesses(async (track) => {
        const simulator = await track(startSimulator())
        const queue = await addQueue(simulator)
        const dispatcher = createDispatcher()
        const systems: System[] = []
        for (const name of names)
          systems.push(await startSystem(name, { simulatorUrl: simulator.url, server, folder, dispatcher, settings, track }))
        // They are added before the first round, because the simulator is busy while it adds them.
        const batches: TestCall[][] = []
        for (let added = 0; added < (rounds + 1) * systems.length; added++)
          batches.push(await addCalls(simulator, queue, callsPerSecond * seconds))
        for (let turn = 0; turn <= rounds; turn++)
          for (const system of systems) {
            const throughput = await measureSystem(system, simulator, server, batches.shift() ?? [], seconds)
            // The first round is a warm-up.
            if (turn > 0) measured.get(system.name)?.push(throughput)
          }
        await dispatcher.destroy()
      }),
    ),
  )
  return measured
}

export const throughput: Part = async ({ clients, rounds = 3, seconds = 5 }: PartOptions) => {
  const names = [sqlite, oneNode, twoNodes].filter((name) => clients?.includes(name) ?? true)
  const measured = await measure(names, rounds, seconds)
  const medianOf = (name: string, field: Exclude<keyof Throughput, 'refusals'>): number =>
    median((measured.get(name) ?? []).map((each) => each[field]))
  const ratioOf = (name: string, other: string): number => medianOf(name, 'perSecond') / medianOf(other, 'perSecond')
  const [toSqlite, toOneNode] = [ratioOf(oneNode, sqlite), ratioOf(twoNodes, oneNode)]
  const targets: Target[] = [
    { target: 'throughput of PostgreSQL, one node, at least 0.6× SQLite’s', measured: `${toSqlite.toFixed(2)}×`, met: toSqlite >= 0.6 },
    { target: 'throughput of two nodes to that of one, as measured', measured: `${toOneNode.toFixed(2)}×`, met: true },
  ]
  return {
    method: [
      `Throughput: ${concurrency} requests at once for ${seconds} s, medians of ${rounds} rounds in turn after one that does not count; the platform answers at once. CPU: ms for each transfer; PostgreSQL’s is that of its processes.`,
    ],
    tables: [
      names.map((name) => ({
        throughput: name,
        'transfers/s': round(medianOf(name, 'perSecond')),
        'CPU nodes': round(medianOf(name, 'nodesCpuMs'), 2),
        'CPU PostgreSQL': round(medianOf(name, 'serverCpuMs'), 2),
        'CPU simulator': round(medianOf(name, 'simulatorCpuMs'), 2),
        'CPU load': round(medianOf(name, 'loadCpuMs'), 2),
        refusals: [...new Set(measured.get(name)?.map(({ refusals }) => JSON.stringify(refusals)))]
          .filter((text) => text !== '{}')
          .join('; '),
      })),
    ],
    // Without those of systems that were not measured.
    targets: targets.filter(({ measured: ratio }) => ratio !== 'NaN×'),
  }
}
