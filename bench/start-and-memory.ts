/** How long the service takes to be ready, and how much memory it holds: idle, and with 10,000 transfers under watch. */
import type { Benchmark, Report } from './harness/benchmark.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { startSimulator } from './harness/simulator-process.ts'
import { startCommand } from './harness/start-command.ts'
import { median, round } from './harness/statistics.ts'
import { measureStart, settleMs, type Start } from './start-and-memory/measure-start.ts'
import { concurrency, measureWatching } from './start-and-memory/measure-watching.ts'
import { watchSettings } from './start-and-memory/probed-service.ts'

const startCount = 5
const transfers = 10_000
const targetStartMs = 1_000
const targetMb = 150

async function measure() {
  const simulator = await startSimulator()
  try {
    const starts: Start[] = []
    for (let index = 0; index < startCount; index++) starts.push(await measureStart(simulator))
    return { starts, watching: await measureWatching(transfers, simulator) }
  } finally {
    await simulator.stop()
  }
}

const createRow = (start: string, { readyMs, readyMb, settledMb }: Start) => ({
  start,
  'ready ms': round(readyMs),
  'RSS MB': round(readyMb),
  [`RSS MB ${settleMs / 1000} s later`]: round(settledMb),
})

async function run(): Promise<Report> {
  const { starts, watching } = await measure()
  const { rows, filledMb, restartedMb, bytesPerTransfer } = watching
  const typical: Start = {
    readyMs: median(starts.map(({ readyMs }) => readyMs)),
    readyMb: median(starts.map(({ readyMb }) => readyMb)),
    settledMb: median(starts.map(({ settledMb }) => settledMb)),
  }
  return {
    title: 'Start and memory',
    method: [
      `${['node', ...startCommand.nodeFlags].join(' ')} src/server.ts (as npm start runs it) with a simulator without latency and a new ledger file; from spawning the process until the first 200 of /ready, ${startCount} times.`,
      `Under watch: ${transfers} calls, each moved by POST /v1/transfers into a queue without agents, ${concurrency} requests at once; PICKUP_TIMEOUT_MS ${watchSettings.PICKUP_TIMEOUT_MS}, PICKUP_POLL_INTERVAL_MS ${watchSettings.PICKUP_POLL_INTERVAL_MS}, GENESYS_REQUESTS_PER_MINUTE 100000, no CRM; all of them initiated.`,
      'RSS is resident memory as Linux counts it (VmRSS), read before garbage is collected; 1 MB = 10⁶ bytes.',
      'Filling goes many times faster than the platform allows (300 calls a minute), so the heap grows with garbage; the restarted service watches the same transfers without it.',
    ],
    tables: [[createRow('median', typical), ...starts.map((start, index) => createRow(String(index + 1), start))], rows],
    targets: [
      {
        target: `ready in less than ${targetStartMs} ms`,
        measured: `${round(typical.readyMs)} ms`,
        met: typical.readyMs < targetStartMs,
      },
      {
        target: `less than ${targetMb} MB after the start`,
        measured: `${round(typical.settledMb)} MB`,
        met: typical.settledMb < targetMb,
      },
      {
        target: `less than ${targetMb} MB with ${transfers} transfers under watch`,
        measured: `${restartedMb} MB (${filledMb} MB just filled), ${round(bytesPerTransfer)} bytes of live heap a transfer`,
        met: restartedMb < targetMb && filledMb < targetMb,
      },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'start-and-memory',
  description: 'time until ready, and memory with 10,000 transfers under watch',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/start-and-memory.ts')
