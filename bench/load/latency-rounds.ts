/** Measures the request latency of several clients at several rates, in rounds, so that a slow phase of the machine affects all clients alike. */
import type { RunningProcess } from '../harness/child-process.ts'
import type { TransferClient } from '../harness/handoff-client.ts'
import { describeFailures, runOpenLoop } from './open-loop.ts'
import { readTotalCpuMs } from '../harness/process-usage.ts'
import { waitUntilIdle } from '../harness/service-process.ts'
import type { Simulator } from '../harness/simulator-process.ts'
import { median, computePercentiles, round, type Percentiles } from '../harness/statistics.ts'
import { addCalls, addQueue, type TestCall } from '../harness/test-calls.ts'

export interface LatencyClient<Name extends string = string> {
  name: Name
  transfer: TransferClient
  /** Process ids of the servers behind it; none for a client without a server. */
  pids: readonly number[]
}

export interface Rate {
  perSecond: number
  seconds: number
}

export interface Measurement extends Percentiles {
  /** CPU time of the servers per transfer, pickup watching included; null without a server. */
  cpuMs: number | null
  /** The failures with their counts; empty if there were none. */
  failures: string
}

/** The measurements by transfers a second, and then by client. */
export type Measurements<Name extends string = string> = ReadonlyMap<number, ReadonlyMap<Name, Measurement>>

/** Callers hang up this long after the load ends, so that all calls of a measurement are over before the next one. */
const callersStayMs = 3_000

/** Measures one client under load, with a new queue, so that no service gets events about the calls of an earlier measurement. */
async function measureClient({ transfer, pids }: LatencyClient, simulator: Simulator, { perSecond, seconds }: Rate): Promise<Measurement> {
  const queue = await addQueue(simulator)
  const callerHangsUpAfter = seconds * 1_000 + callersStayMs
  // One transfer is not measured: after it, the data of the new queue is cached.
  const [firstCall] = await addCalls(simulator, queue, 1, { callerHangsUpAfter })
  await transfer(firstCall as TestCall)
  const calls = await addCalls(simulator, queue, Math.round(perSecond * seconds), { callerHangsUpAfter })
  const cpuBefore = await readTotalCpuMs(pids)
  const load = await runOpenLoop(perSecond, seconds, (index) => transfer(calls[index] as TestCall))
  const cpuMs = pids.length === 0 ? null : ((await readTotalCpuMs(pids)) - cpuBefore) / calls.length
  return { ...computePercentiles(load.latenciesMs), cpuMs, failures: describeFailures(load) }
}

/** The median of several rounds, value by value. */
const medianOf = (rounds: readonly Measurement[]): Measurement => ({
  p50: round(median(rounds.map(({ p50 }) => p50)), 1),
  p95: round(median(rounds.map(({ p95 }) => p95)), 1),
  p99: round(median(rounds.map(({ p99 }) => p99)), 1),
  cpuMs: rounds[0]?.cpuMs === null ? null : round(median(rounds.map(({ cpuMs }) => cpuMs ?? 0)), 2),
  failures: [...new Set(rounds.map(({ failures }) => failures))].filter(Boolean).join('; '),
})

/** The plan of the measurements. */
export interface LatencyRounds<Name extends string> {
  clients: ReadonlyArray<LatencyClient<Name>>
  /** All running services. Each measurement begins when none of them watches transfers any more. */
  services: readonly RunningProcess[]
  simulator: Simulator
  rates: readonly Rate[]
  rounds: number
  /** A load before the measurements, so that the code is compiled and optimized as in production. */
  warmup: Rate
}

/** Measures every client at every rate, in every round. Returns the medians of the rounds. */
export async function measureInRounds<Name extends string>(plan: LatencyRounds<Name>): Promise<Measurements<Name>> {
  const { clients, services, simulator, rates, rounds, warmup } = plan
  const waitForAll = () => Promise.all(services.map(waitUntilIdle))
  for (const client of clients) await measureClient(client, simulator, warmup)
  await waitForAll()

  const measured = new Map(rates.map(({ perSecond }) => [perSecond, new Map<Name, Measurement[]>()]))
  for (let index = 0; index < rounds; index++)
    for (const rate of rates)
      for (const client of clients) {
        const byName = measured.get(rate.perSecond)
        byName?.set(client.name, [...(byName.get(client.name) ?? []), await measureClient(client, simulator, rate)])
        await waitForAll()
      }
  return new Map([...measured].map(([perSecond, byName]) => [perSecond, new Map([...byName].map(([name, all]) => [name, medianOf(all)]))]))
}
