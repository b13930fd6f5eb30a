/** How long a request waits: the tutorial's sequence, Handoff with polling and with events, and the two platform calls that no transfer can do without. */
import { noRequestFails, type Benchmark, type Report, type Row } from './harness/benchmark.ts'
import type { Measurement, Rate } from './load/latency-rounds.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { round } from './harness/statistics.ts'
import { isServer, type ClientKind } from './latency/kinds.ts'
import { measureLatencies } from './latency/measure.ts'

const platformMs = 80
const rounds = 3
const warmup = { perSecond: 50, seconds: 10 }
const rates: readonly Rate[] = [
  { perSecond: 1, seconds: 6 },
  { perSecond: 20, seconds: 5 },
  { perSecond: 50, seconds: 5 },
  { perSecond: 100, seconds: 5 },
]

async function run(): Promise<Report> {
  const measured = await measureLatencies(platformMs, rates, rounds, warmup)
  const at = (perSecond: number, kind: ClientKind): Measurement => measured.get(perSecond)?.get(kind) as Measurement
  const rows: Row[] = [...measured].flatMap(([perSecond, byKind]) =>
    [...byKind].map(([kind, { p50, p95, p99, cpuMs, failures }]) => ({
      'transfers/s': perSecond,
      client: kind,
      'p50 ms': p50,
      'p95 ms': p95,
      'p99 ms': p99,
      'of tutorial': round(p50 / at(perSecond, 'tutorial').p50, 2),
      'own ms p50': isServer(kind) ? round(p50 - at(perSecond, 'two calls').p50, 1) : null,
      'own ms p99': isServer(kind) ? round(p99 - at(perSecond, 'two calls').p99, 1) : null,
      'CPU ms each': cpuMs,
      failures,
    })),
  )
  const ratios = rates.map(({ perSecond }) => at(perSecond, 'Handoff, events').p50 / at(perSecond, 'tutorial').p50)
  const ownP50 = at(50, 'Handoff, events').p50 - at(50, 'two calls').p50
  const ownP99 = at(50, 'Handoff, events').p99 - at(50, 'two calls').p99
  return {
    title: 'Request latency',
    method: [
      `Open loop (timed from when each request was due), ${platformMs} ms a platform call, medians of ${rounds} rounds in turn after ${warmup.seconds} s at ${warmup.perSecond} a second; simulator, services and load share this machine's cores.`,
      'tutorial: conversation, conversation again, skill, agents, transfer, one after the other. two calls: conversation and transfer without any server: the critical path.',
      'bare server: the same two calls by a Fastify server with the same schemas, without checks, storage or pickup watching. own: what a server adds to the two calls at the same percentile. CPU: of the server for each transfer, pickup watching included.',
    ],
    tables: [rows],
    targets: [
      {
        target: 'at most 0.45× of the tutorial, at every rate',
        measured: ratios.map((ratio) => ratio.toFixed(2)).join(', '),
        met: ratios.every((ratio) => ratio <= 0.45),
      },
      { target: 'own p50 ≤ 3 ms at 50/s', measured: `${ownP50.toFixed(1)} ms`, met: ownP50 <= 3 },
      { target: 'own p99 ≤ 15 ms at 50/s', measured: `${ownP99.toFixed(1)} ms`, met: ownP99 <= 15 },
      noRequestFails(rows),
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'latency',
  description: 'request latency, compared with the tutorial’s sequence and the bare platform calls, at 1 to 100 transfers a second',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/latency.ts')
