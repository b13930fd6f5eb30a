/** What readers of the event stream cost: how many transfers a second Handoff accepts with 500 readers, compared with none, in one run. */
import type { Benchmark, Report } from './harness/benchmark.ts'
import { withProcesses } from './harness/child-process.ts'
import { createHandoffClient } from './harness/handoff-client.ts'
import { createDispatcher } from './harness/http-client.ts'
import { readCpuMs } from './harness/process-usage.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { startService } from './harness/service-process.ts'
import { startSimulator } from './harness/simulator-process.ts'
import { median, round } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from './harness/test-calls.ts'
import { runClosedLoop } from './load/closed-loop.ts'
import { startReaders, type ReadersResult } from './stream/readers.ts'

const readers = 500
const rounds = 5
const seconds = 4
const concurrency = 32
const callsPerRound = 4_000
/** Keeps the rate limit and the pickup timeout from affecting the measurement. */
const settings = { GENESYS_TOKEN_POOL_SIZE: '10', PICKUP_TIMEOUT_MS: '3600000', PICKUP_POLL_INTERVAL_MS: '60000' }

interface Round {
  perSecond: number
  /** CPU time of the service per transfer. */
  cpuMs: number
}

async function measure(): Promise<{ rounds: Array<{ without: Round; with: Round }>; read: ReadersResult[] }> {
  const measured: Array<{ without: Round; with: Round }> = []
  const read: ReadersResult[] = []
  await withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator())
      const queue = await addQueue(simulator)
      const service = await track(startService(simulator.url, folder, { settings }))
      const dispatcher = createDispatcher()
      const batches: TestCall[][] = []
      for (let index = 0; index < 2 * (rounds + 1); index++) batches.push(await addCalls(simulator, queue, callsPerRound))
      const transfer = createHandoffClient(service.url, dispatcher)
      async function runRound(): Promise<Round> {
        const cpuBefore = await readCpuMs(service.pid)
        const { accepted, perSecond } = await runClosedLoop(concurrency, seconds, batches.shift() ?? [], transfer)
        return { perSecond, cpuMs: ((await readCpuMs(service.pid)) - cpuBefore) / accepted }
      }
      for (let index = 0; index <= rounds; index++) {
        const without = await runRound()
        const stopReaders = await startReaders(service.url, readers)
        const withReaders = await runRound()
        const result = await stopReaders()
        // The first round is a warm-up.
        if (index === 0) continue
        measured.push({ without, with: withReaders })
        read.push(result)
      }
      await dispatcher.destroy()
    }),
  )
  return { rounds: measured, read }
}

async function run(): Promise<Report> {
  const { rounds: measured, read } = await measure()
  const createRow = (name: 'without' | 'with') => ({
    readers: name === 'with' ? readers : 0,
    'transfers/s': round(median(measured.map((each) => each[name].perSecond))),
    'CPU ms per transfer': round(median(measured.map((each) => each[name].cpuMs)), 2),
    'MB read': name === 'with' ? round(median(read.map(({ bytes }) => bytes)) / 1e6) : 0,
    'readers left': name === 'with' ? Math.min(...read.map(({ open }) => open)) : 0,
    'told that changes were left out': name === 'with' ? median(read.map(({ skipped }) => skipped)) : 0,
  })
  const ratio = median(measured.map((each) => each.with.perSecond / each.without.perSecond))
  return {
    title: 'Readers of the event stream',
    method: [
      `${concurrency} requests at once for ${seconds} s, without readers and then with ${readers}, ${rounds} times after a warm-up; the ratio is the median of the pairs.`,
      'Simulator, service, load and readers share this machine’s cores, so the cost includes that of reading.',
    ],
    tables: [[createRow('without'), createRow('with')]],
    targets: [
      {
        target: `with ${readers} readers, at least 0.9× the throughput without`,
        measured: `${ratio.toFixed(2)}×`,
        isMet: ratio >= 0.9,
      },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'stream',
  description: 'transfers a second with 500 readers of the event stream, compared with none',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/stream.ts')
