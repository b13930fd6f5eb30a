/** How long a webhook takes from the write to the ledger until the CRM has it, and how fast a queue of webhooks drains. */
import type { Benchmark, Report, Row } from './harness/benchmark.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { percentile, computePercentiles, round } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { measureDrain, measureLatency, pickupAfterMs } from './webhooks/measure-delivery.ts'

/** Each transfer causes two events: initiated, and picked up a second later. */
const eventsPerSecond = 100
const seconds = 30
const queuedEvents = 5_000
const slowAnswerMs = 50
/** The p95 that Outpost, another webhook service, reaches at the same rate. */
const targetMs = 1_000

async function run(): Promise<Report> {
  const { latenciesMs, longestStartDelayMs } = await withTemporaryFolder((folder) => measureLatency(folder, eventsPerSecond, seconds))
  const fast = await withTemporaryFolder((folder) => measureDrain(folder, queuedEvents, 0))
  const slow = await withTemporaryFolder((folder) => measureDrain(folder, queuedEvents, slowAnswerMs))
  const { p50, p95, p99 } = computePercentiles(latenciesMs)
  const drain: Row[] = [
    { 'receiver answers': 'at once', 'events a second': round(fast) },
    { 'receiver answers': `after ${slowAnswerMs} ms`, 'events a second': round(slow) },
  ]
  return {
    title: 'Webhooks',
    method: [
      'Ledger (a new SQLite file), delivery worker and webhook sender of the service in one process; the receiver on loopback in another. No platform, no log.',
      `Latency: from the call of writeChange with the event until the receiver has its last byte. ${eventsPerSecond} events a second for ${seconds} s, whether or not earlier ones have arrived: ${eventsPerSecond / 2} transfers a second, each accepted, executing, initiated, and picked up ${pickupAfterMs / 1000} s later. Longest start delay: how late, at most, the benchmark itself was in starting a transfer.`,
      `Drain: ${queuedEvents} events of as many transfers, queued less than a minute before delivery starts. Older events would be sent at only 50 a second, to protect the receiver (src/webhooks/token-bucket.ts).`,
    ],
    tables: [
      [
        {
          events: latenciesMs.length,
          'p50 ms': p50,
          'p95 ms': p95,
          'p99 ms': p99,
          'slowest ms': round(Number(latenciesMs.at(-1)), 1),
          'longest start delay ms': round(longestStartDelayMs, 1),
        },
      ],
      drain,
    ],
    targets: [
      {
        target: `p95 below ${targetMs} ms at ${eventsPerSecond} events a second`,
        measured: `${p95} ms`,
        isMet: percentile(latenciesMs, 95) < targetMs,
      },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'webhooks',
  description: 'time until the CRM has a webhook, at 100 events a second, and how fast a queue drains',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/webhooks.ts')
