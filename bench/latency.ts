/**
 * The latency of a transfer request: of the tutorial (README.md#where-the-tutorials-calls-went), of the two necessary platform calls alone, of
 * a bare server, and of Handoff, which learns of pickups by polling or by events (latency/kinds.ts).
 */
import { createNoFailuresTarget, type Benchmark, type Report, type Row } from './harness/benchmark.ts'
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
  const measurementOf = (kind: ClientKind, perSecond: number): Measurement => measured.get(perSecond)?.get(kind) as Measurement
  const computeAddedMs = (kind: ClientKind, perSecond: number, percentile: 'p50' | 'p99'): number =>
    measurementOf(kind, perSecond)[percentile] - measurementOf('two calls', perSecond)[percentile]
  const rows: Row[] = [...measured].flatMap(([perSecond, byKind]) =>
    [...byKind].map(([kind, { p50, p95, p99, cpuMs, failures }]) => ({
      'transfers/s': perSecond,
      client: kind,
      'p50 ms': p50,
      'p95 ms': p95,
      'p99 ms': p99,
      'p50 ÷ tutorial': round(p50 / measurementOf('tutorial', perSecond).p50, 2),
      'added p50 ms': isServer(kind) ? round(computeAddedMs(kind, perSecond, 'p50'), 1) : null,
      'added p99 ms': isServer(kind) ? round(computeAddedMs(kind, perSecond, 'p99'), 1) : null,
      'CPU ms per transfer': cpuMs,
      failures,
    })),
  )
  // The targets judge Handoff with events, because that is the default (PICKUP_EVENTS).
  const ratios = rates.map(({ perSecond }) => measurementOf('Handoff, events', perSecond).p50 / measurementOf('tutorial', perSecond).p50)
  const addedP50Ms = computeAddedMs('Handoff, events', 50, 'p50')
  const addedP99Ms = computeAddedMs('Handoff, events', 50, 'p99')
  return {
    title: 'Request latency',
    method: [
      `Open loop: each request is sent when it is due, and timed from then. Every platform call takes ${platformMs} ms. Medians of ${rounds} rounds, after a warm-up of ${warmup.seconds} s at ${warmup.perSecond} a second. Simulator, services and load share this machine's cores.`,
      'tutorial (README.md#where-the-tutorials-calls-went): conversation, conversation again, skill, agents, transfer, one after the other. Handoff, events: it learns of pickups by events of the platform, instead of by polling. two calls: conversation and transfer without any server, which no transfer can do without.',
      'bare server: the same two calls by a Fastify server with the same schemas, without checks, storage or pickup watching. added: the difference between a server and the two calls at the same percentile. CPU: the CPU time of the server, pickup watching included.',
    ],
    tables: [rows],
    targets: [
      {
        target: 'p50 of Handoff with events at most 0.45× the tutorial’s at every rate',
        measured: ratios.map((ratio) => ratio.toFixed(2)).join(', '),
        isMet: ratios.every((ratio) => ratio <= 0.45),
      },
      {
        target: 'added p50 of Handoff with events ≤ 3 ms at 50 transfers a second',
        measured: `${addedP50Ms.toFixed(1)} ms`,
        isMet: addedP50Ms <= 3,
      },
      {
        target: 'added p99 of Handoff with events ≤ 15 ms at 50 transfers a second',
        measured: `${addedP99Ms.toFixed(1)} ms`,
        isMet: addedP99Ms <= 15,
      },
      createNoFailuresTarget(rows),
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'latency',
  description:
    'request latency, compared with the tutorial’s sequence (README.md#where-the-tutorials-calls-went) and the bare platform calls, at 1 to 100 transfers a second',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/latency.ts')
