/** How many transfers a second Handoff accepts when the platform answers immediately, compared with a bare server that stores nothing. */
import type { Benchmark, Report } from './harness/benchmark.ts'
import { startBareServer } from './harness/bare-server-process.ts'
import { withProcesses, type RunningProcess } from './harness/child-process.ts'
import { runClosedLoop } from './load/closed-loop.ts'
import { createHandoffClient, type TransferClient } from './harness/handoff-client.ts'
import { createDispatcher, logIn } from './harness/http-client.ts'
import { readCpuMs } from './harness/process-usage.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { startService } from './harness/service-process.ts'
import { startSimulator } from './harness/simulator-process.ts'
import { median, round } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from './harness/test-calls.ts'

const rounds = 3
const seconds = 5
const concurrency = 32
const servers = ['bare server', 'Handoff'] as const
type Server = (typeof servers)[number]
/** More calls than each server can move in a round. They are added before the first round, because the simulator is busy while it adds them. */
const callsPerRound: Readonly<Record<Server, number>> = { 'bare server': 20_000, Handoff: 5_000 }
/** Keeps the rate limit and the pickup timeout from affecting the measurement. */
const settings = { GENESYS_TOKEN_POOL_SIZE: '10', PICKUP_TIMEOUT_MS: '3600000', PICKUP_POLL_INTERVAL_MS: '60000' }

interface Throughput {
  perSecond: number
  /** CPU time of the server per transfer. */
  cpuMs: number
}

/** @throws Error when a transfer is refused */
async function measureServer({ pid }: RunningProcess, calls: readonly TestCall[], transfer: TransferClient): Promise<Throughput> {
  const cpuBefore = await readCpuMs(pid)
  const { accepted, perSecond } = await runClosedLoop(concurrency, seconds, calls, async (call) => {
    const refusal = await transfer(call)
    if (refusal !== undefined) throw new Error(`a transfer was answered ${refusal}`)
    return undefined
  })
  return { perSecond, cpuMs: ((await readCpuMs(pid)) - cpuBefore) / accepted }
}

async function measure(): Promise<Record<Server, Throughput[]>> {
  const measured: Record<Server, Throughput[]> = { 'bare server': [], Handoff: [] }
  await withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator())
      const queue = await addQueue(simulator)
      const running: Record<Server, RunningProcess> = {
        'bare server': await track(startBareServer(simulator.url, await logIn(simulator.url))),
        Handoff: await track(startService(simulator.url, folder, { settings })),
      }
      const dispatcher = createDispatcher()
      const batches: TestCall[][] = []
      for (let index = 0; index <= rounds; index++)
        for (const server of servers) batches.push(await addCalls(simulator, queue, callsPerRound[server]))
      for (let index = 0; index <= rounds; index++)
        for (const server of servers) {
          const transfer = createHandoffClient(running[server].url, dispatcher)
          const throughput = await measureServer(running[server], batches.shift() ?? [], transfer)
          // The first round is a warm-up.
          if (index > 0) measured[server].push(throughput)
        }
      await dispatcher.destroy()
    }),
  )
  return measured
}

async function run(): Promise<Report> {
  const measured = await measure()
  const rows = servers.map((server) => ({
    server,
    'transfers/s': round(median(measured[server].map(({ perSecond }) => perSecond))),
    'CPU ms per transfer': round(median(measured[server].map(({ cpuMs }) => cpuMs)), 2),
  }))
  const [bareServer, handoff] = rows
  const ratio = Number(handoff?.['transfers/s']) / Number(bareServer?.['transfers/s'])
  return {
    title: 'Throughput without platform latency',
    method: [
      `${concurrency} requests at once for ${seconds} s, medians of ${rounds} rounds after a warm-up round; simulator, server and load share this machine's cores.`,
      'Bare server: Fastify with the same schemas and two platform calls by undici, without checks, storage or pickup watching. Handoff makes four calls a transfer and writes each step to disk (SQLite).',
    ],
    tables: [rows],
    targets: [{ target: 'at least 0.3× the bare server’s throughput', measured: `${ratio.toFixed(2)}×`, isMet: ratio >= 0.3 }],
  }
}

export const benchmark: Benchmark = {
  name: 'throughput',
  description: 'transfers a second without platform latency, compared with a bare server',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/throughput.ts')
