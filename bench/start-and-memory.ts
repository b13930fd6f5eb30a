/** How long the service takes to be ready, compared with a bare Fastify, and how much memory it uses: idle, while it watches transfers, and after the requests of `npm run fuzz`. */
import type { Benchmark, Report } from './harness/benchmark.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { startSimulator, type Simulator } from './harness/simulator-process.ts'
import { startCommand } from './harness/start-command.ts'
import { median, round } from './harness/statistics.ts'
import { measureBareStart } from './start-and-memory/measure-bare-start.ts'
import { measureFuzz } from './start-and-memory/measure-fuzz.ts'
import { measureStart, settleMs, type Start } from './start-and-memory/measure-start.ts'
import { concurrency, measureWatching, watchOnlyMs } from './start-and-memory/measure-watching.ts'
import { watchSettings } from './start-and-memory/probed-service.ts'

const startCount = 7
const transfers = 10_000
/** Requests of `npm run fuzz`: malformed, or otherwise meant to cause a fault. */
const fuzzRequests = 100_000
const warmupFuzzRequests = 1_000
const targets = { startRatio: 2, idleMb: 110, watchingMb: 150, fuzzMb: 180 }

/** A start of the service, and one of the bare Fastify immediately before it, so that both find the machine equally busy. */
interface ComparedStart extends Start {
  bareMs: number
  ratio: number
}

async function compareStart(simulator: Simulator): Promise<ComparedStart> {
  const bareMs = await measureBareStart()
  const start = await measureStart(simulator)
  return { ...start, bareMs, ratio: start.readyMs / bareMs }
}

async function measure() {
  const simulator = await startSimulator()
  try {
    // Each fills the compile cache with modules that only it loads: the service, the memory probe, and the thread for long reads.
    await compareStart(simulator)
    await measureWatching(1, simulator)
    await measureFuzz(warmupFuzzRequests, simulator)
    const starts: ComparedStart[] = []
    for (let index = 0; index < startCount; index++) starts.push(await compareStart(simulator))
    const watching = await measureWatching(transfers, simulator)
    return { starts, watching, fuzzMb: await measureFuzz(fuzzRequests, simulator) }
  } finally {
    await simulator.stop()
  }
}

const createRow = (start: string, { readyMs, bareMs, ratio, readyMb, settledMb }: ComparedStart) => ({
  start,
  'ready ms': round(readyMs),
  'bare Fastify ms': round(bareMs),
  ratio: round(ratio, 2),
  'RSS MB': round(readyMb),
  [`RSS MB ${settleMs / 1000} s later`]: round(settledMb),
})

/** The median of each figure. */
function computeMedians(starts: readonly ComparedStart[]): ComparedStart {
  const medianOf = (figure: keyof ComparedStart) => median(starts.map((start) => start[figure]))
  return {
    readyMs: medianOf('readyMs'),
    bareMs: medianOf('bareMs'),
    ratio: medianOf('ratio'),
    readyMb: medianOf('readyMb'),
    settledMb: medianOf('settledMb'),
  }
}

async function run(): Promise<Report> {
  const { starts, watching, fuzzMb } = await measure()
  const { rows, mbAfterTransfers, mbWatching, mbAfterRestart, bytesPerTransfer } = watching
  const medianStart = computeMedians(starts)
  return {
    title: 'Start and memory',
    method: [
      `${['node', ...startCommand.nodeFlags].join(' ')} src/server.ts (as npm start runs it) with a simulator without latency and a new ledger file; from spawning the process until the first 200 of /ready, ${startCount} times, with a warm compile cache.`,
      'Bare Fastify: Fastify with @fastify/swagger, @fastify/swagger-ui, @fastify/helmet and @fastify/rate-limit, and one route; same flags and environment, one start before each start of the service.',
      `Under watch: ${transfers} calls, each moved by POST /v1/transfers into a queue without agents, ${concurrency} requests at once; PICKUP_TIMEOUT_MS ${watchSettings.PICKUP_TIMEOUT_MS}, PICKUP_POLL_INTERVAL_MS ${watchSettings.PICKUP_POLL_INTERVAL_MS}, GENESYS_REQUESTS_PER_MINUTE 100000, no CRM; all of them initiated.`,
      `Fuzz: ${fuzzRequests} requests of npm run fuzz over 8 connections, every response checked.`,
      'RSS is resident memory as Linux counts it (VmRSS), read before garbage is collected; 1 MB = 10⁶ bytes.',
      `The benchmark requests transfers much faster than the platform allows (300 calls a minute), which leaves garbage in the heap. So memory is read three times: after the last transfer, ${watchOnlyMs / 1000} s later, and after a restart of the service, which then watches the same transfers. The target is for the last two.`,
    ],
    tables: [[createRow('median', medianStart), ...starts.map((start, index) => createRow(String(index + 1), start))], rows],
    targets: [
      {
        target: `ready in ${targets.startRatio} times the time of a bare Fastify`,
        measured: `${round(medianStart.ratio, 2)} times (${round(medianStart.readyMs)} ms and ${round(medianStart.bareMs)} ms)`,
        isMet: medianStart.ratio <= targets.startRatio,
      },
      {
        target: `at most ${targets.idleMb} MB after the start`,
        measured: `${round(medianStart.settledMb)} MB`,
        isMet: medianStart.settledMb <= targets.idleMb,
      },
      {
        target: `at most ${targets.watchingMb} MB with ${transfers} transfers under watch`,
        measured: `${mbWatching} MB, after a restart ${mbAfterRestart} MB (${mbAfterTransfers} MB right after the last transfer), ${round(bytesPerTransfer)} bytes of live heap a transfer`,
        isMet: mbAfterRestart <= targets.watchingMb && mbWatching <= targets.watchingMb,
      },
      {
        target: `at most ${targets.fuzzMb} MB after ${fuzzRequests} requests of npm run fuzz`,
        measured: `${round(fuzzMb)} MB`,
        isMet: fuzzMb <= targets.fuzzMb,
      },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'start-and-memory',
  description:
    'time until ready beside a bare Fastify, and memory: idle, with 10,000 transfers under watch, after 100,000 requests of npm run fuzz',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/start-and-memory.ts')
