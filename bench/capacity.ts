/** What can be done with the rate limit of one token: platform calls per transfer, transfers a minute, and whether Handoff ever meets a 429. */
import { measureCallsPerTransfer, usages } from './capacity/calls-per-transfer.ts'
import { measureLimitedThroughput, type LimitedThroughput } from './capacity/limited-throughput.ts'
import { measureSaturatedServices } from './capacity/saturated-services.ts'
import { clientKinds, limited, loads, overload, pickupAfterMs, realLimit, type ClientKind } from './capacity/settings.ts'
import type { Benchmark, Report, Row } from './harness/benchmark.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'

const compare = (handoff: number, tutorial: number): string =>
  `${(handoff / Math.max(tutorial, 0.1)).toFixed(1)}× (${handoff} to ${tutorial} a minute)`

/** One row for each client, with the transfers it finished a minute at each load. */
function tabulateThroughput(measured: readonly LimitedThroughput[], bestOf: (kind: ClientKind) => LimitedThroughput): Row[] {
  return clientKinds.map((kind) => ({
    client: kind,
    ...Object.fromEntries(
      measured
        .filter((throughput) => throughput.kind === kind)
        .map(({ load, finishedPerMinute }) => [`${load} a minute`, finishedPerMinute]),
    ),
    best: bestOf(kind).finishedPerMinute,
  }))
}

async function run(): Promise<Report> {
  // All at once, because each has a simulator of its own and sends it only a few requests a second.
  const [callsPerTransfer, throughputs, saturated] = await Promise.all([
    Promise.all([
      ...clientKinds.filter((kind) => kind !== 'Handoff, events').map((kind) => measureCallsPerTransfer(kind)),
      ...usages.map((usage) => measureCallsPerTransfer('Handoff, events', usage)),
    ]),
    Promise.all(clientKinds.flatMap((kind) => loads.map((load) => measureLimitedThroughput(kind, load)))),
    measureSaturatedServices(),
  ])
  const bestOf = (kind: ClientKind): LimitedThroughput =>
    throughputs
      .filter((throughput) => throughput.kind === kind)
      .reduce((best, throughput) => (throughput.finishedPerMinute > best.finishedPerMinute ? throughput : best))
  const atOverload = throughputs.filter(({ load }) => load === overload)
  const overloadedOf = (kind: ClientKind): number => Number(atOverload.find((throughput) => throughput.kind === kind)?.finishedPerMinute)
  const callsOf = (name: string): number =>
    Number(callsPerTransfer.find(({ client }) => client === `Handoff, events, ${name}`)?.['calls each'])
  const [handoff, tutorial] = [bestOf('Handoff, events'), bestOf('tutorial')]
  const [overloadedHandoff, overloadedTutorial] = [overloadedOf('Handoff, events'), overloadedOf('tutorial')]
  return {
    title: 'Capacity of one token',
    method: [
      `Calls go to a skill, unless a row says otherwise, and are picked up after ${pickupAfterMs / 1000} s; a transfer is finished when its pickup is known. Logins are not counted.`,
      `Under the limit: ${realLimit} calls a minute and token, enforced by the simulator; each load lasts ${limited.seconds} s, of which the first ${limited.warmupSeconds} do not count. The second table shows the transfers finished a minute.`,
      `Best against best: Handoff with events at ${handoff.load} requests a minute, the tutorial at ${tutorial.load}: ${compare(handoff.finishedPerMinute, tutorial.finishedPerMinute)}.`,
    ],
    tables: [callsPerTransfer, tabulateThroughput(throughputs, bestOf), atOverload.map(({ row }) => row), [saturated]],
    targets: [
      ...usages.map(({ name, target }) => ({
        target: `at most ${target} calls a finished transfer with events, ${name}`,
        measured: String(callsOf(name)),
        met: callsOf(name) <= target,
      })),
      {
        target: `at least 4× the tutorial’s transfers a minute under one token, both at ${overload} requests a minute`,
        measured: compare(overloadedHandoff, overloadedTutorial),
        met: overloadedHandoff >= 4 * Math.max(overloadedTutorial, 0.1),
      },
      { target: 'no 429 with four saturated services', measured: String(saturated['429s']), met: saturated['429s'] === 0 },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'capacity',
  description: 'platform calls per finished transfer, transfers a minute under the real limit, 429s of four services',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/capacity.ts')
