/** The capacity of one token's rate limit: platform calls per transfer, transfers a minute, and whether Handoff ever gets a 429. */
import { measureCallsPerTransfer, usages } from './capacity/calls-per-transfer.ts'
import { measureLimitedThroughput, type LimitedThroughput } from './capacity/limited-throughput.ts'
import { measureSaturatedServices } from './capacity/saturated-services.ts'
import {
  clientKinds,
  limitedLoad,
  loadsPerMinute,
  overloadPerMinute,
  pickupAfterMs,
  realLimitPerMinute,
  type ClientKind,
} from './capacity/settings.ts'
import type { Benchmark, Report, Row } from './harness/benchmark.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'

const compare = (handoff: number, tutorial: number): string =>
  `${(handoff / Math.max(tutorial, 0.1)).toFixed(1)}× (${handoff} to ${tutorial} a minute)`

/** Creates one row for each client, with the transfers that it finished a minute at each load. */
function createThroughputRows(measured: readonly LimitedThroughput[], findBest: (kind: ClientKind) => LimitedThroughput): Row[] {
  return clientKinds.map((kind) => ({
    client: kind,
    ...Object.fromEntries(
      measured
        .filter((throughput) => throughput.kind === kind)
        .map(({ load, finishedPerMinute }) => [`${load} a minute`, finishedPerMinute]),
    ),
    best: findBest(kind).finishedPerMinute,
  }))
}

async function run(): Promise<Report> {
  // All at once, because each has a simulator of its own and sends it only a few requests a second.
  const [callsPerTransfer, throughputs, saturated] = await Promise.all([
    Promise.all([
      ...clientKinds.filter((kind) => kind !== 'Handoff, events').map((kind) => measureCallsPerTransfer(kind)),
      ...usages.map((usage) => measureCallsPerTransfer('Handoff, events', usage)),
    ]),
    Promise.all(clientKinds.flatMap((kind) => loadsPerMinute.map((load) => measureLimitedThroughput(kind, load)))),
    measureSaturatedServices(),
  ])
  const findBest = (kind: ClientKind): LimitedThroughput =>
    throughputs
      .filter((throughput) => throughput.kind === kind)
      .reduce((best, throughput) => (throughput.finishedPerMinute > best.finishedPerMinute ? throughput : best))
  const atOverload = throughputs.filter(({ load }) => load === overloadPerMinute)
  const finishedAtOverload = (kind: ClientKind): number =>
    Number(atOverload.find((throughput) => throughput.kind === kind)?.finishedPerMinute)
  const findCallsPerTransfer = (usageName: string): number =>
    Number(callsPerTransfer.find(({ client }) => client === `Handoff, events, ${usageName}`)?.['calls per transfer'])
  const [handoff, tutorial] = [findBest('Handoff, events'), findBest('tutorial')]
  const [overloadedHandoff, overloadedTutorial] = [finishedAtOverload('Handoff, events'), finishedAtOverload('tutorial')]
  return {
    title: 'Capacity of one token',
    method: [
      `Calls go to a skill, unless a row says otherwise, and are picked up after ${pickupAfterMs / 1000} s; a transfer is finished when its pickup is known. Logins are not counted.`,
      `Under the limit: the simulator enforces ${realLimitPerMinute} calls a minute and token. Each load lasts ${limitedLoad.seconds} s, of which the first ${limitedLoad.warmupSeconds} do not count. The second table shows the transfers finished a minute.`,
      `Best against best: Handoff with events at ${handoff.load} requests a minute, the tutorial at ${tutorial.load}: ${compare(handoff.finishedPerMinute, tutorial.finishedPerMinute)}.`,
    ],
    tables: [callsPerTransfer, createThroughputRows(throughputs, findBest), atOverload.map(({ row }) => row), [saturated]],
    targets: [
      ...usages.map(({ name, target }) => ({
        target: `at most ${target} platform calls per finished transfer with events, ${name}`,
        measured: String(findCallsPerTransfer(name)),
        isMet: findCallsPerTransfer(name) <= target,
      })),
      {
        target: `at least 4× the tutorial’s transfers a minute with one token, both at ${overloadPerMinute} requests a minute`,
        measured: compare(overloadedHandoff, overloadedTutorial),
        isMet: overloadedHandoff >= 4 * Math.max(overloadedTutorial, 0.1),
      },
      { target: 'no 429 with four saturated services', measured: String(saturated['429s']), isMet: saturated['429s'] === 0 },
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'capacity',
  description: 'platform calls per finished transfer, transfers a minute under the real limit, 429s of four services',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/capacity.ts')
