/** Measures the request latency of every client at every rate, in several rounds. */
import { withProcesses } from '../harness/child-process.ts'
import { createDispatcher } from '../harness/http-client.ts'
import { describeFailures, runOpenLoop } from '../harness/open-loop.ts'
import { readCpuMs } from '../harness/process-usage.ts'
import { waitUntilIdle } from '../harness/service-process.ts'
import { startSimulator, type Simulator } from '../harness/simulator-process.ts'
import { median, percentilesOf, round, type Percentiles } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from '../harness/test-calls.ts'
import { startClients, type LatencyClients } from './clients.ts'
import { clientKinds, type ClientKind } from './kinds.ts'

export interface Rate {
  perSecond: number
  seconds: number
}

export interface Measurement extends Percentiles {
  /** CPU time of the server for each transfer, pickup watching included; null without a server. */
  cpuMs: number | null
  failures: string
}

/** By transfers a second, then by client. */
export type Measurements = ReadonlyMap<number, ReadonlyMap<ClientKind, Measurement>>

/** Callers hang up this long after they called, ms, so that the calls of one measurement are over before the next one. */
const callerHangsUpAfter = 8_000

async function measureClient(
  clients: LatencyClients,
  simulator: Simulator,
  kind: ClientKind,
  { perSecond, seconds }: Rate,
): Promise<Measurement> {
  // A new queue each time, so that no service gets events about the calls of an earlier measurement.
  const queue = await addQueue(simulator)
  const transfer = clients.transfer[kind]
  const [firstCall] = await addCalls(simulator, queue, 1, { callerHangsUpAfter })
  await transfer(firstCall as TestCall)
  const calls = await addCalls(simulator, queue, perSecond * seconds, { callerHangsUpAfter })
  const pid = clients.pids[kind]
  const cpuBefore = pid === undefined ? 0 : await readCpuMs(pid)
  const load = await runOpenLoop(perSecond, seconds, (index) => transfer(calls[index] as TestCall))
  const cpuMs = pid === undefined ? null : ((await readCpuMs(pid)) - cpuBefore) / calls.length
  await Promise.all(clients.services.map(waitUntilIdle))
  return { ...percentilesOf(load.latenciesMs), cpuMs, failures: describeFailures(load) }
}

/** The median of several rounds, value by value. */
const medianOf = (rounds: readonly Measurement[]): Measurement => ({
  p50: round(median(rounds.map(({ p50 }) => p50)), 1),
  p95: round(median(rounds.map(({ p95 }) => p95)), 1),
  p99: round(median(rounds.map(({ p99 }) => p99)), 1),
  cpuMs: rounds[0]?.cpuMs === null ? null : round(median(rounds.map(({ cpuMs }) => cpuMs ?? 0)), 2),
  failures: [...new Set(rounds.map(({ failures }) => failures))].filter(Boolean).join('; '),
})

/** @param warmup a load before the measurements, so that the code is compiled as it is for real callers */
export async function measureLatencies(platformMs: number, rates: readonly Rate[], rounds: number, warmup: Rate): Promise<Measurements> {
  return withTemporaryFolder((pollingFolder) =>
    withTemporaryFolder((eventsFolder) =>
      withProcesses(async (track) => {
        const simulator = await track(startSimulator(['--latency', String(platformMs)]))
        const dispatcher = createDispatcher()
        const clients = await startClients(simulator.url, { polling: pollingFolder, events: eventsFolder }, dispatcher, track)
        for (const kind of clientKinds) await measureClient(clients, simulator, kind, warmup)

        const measured = new Map(rates.map(({ perSecond }) => [perSecond, new Map<ClientKind, Measurement[]>()]))
        for (let turn = 0; turn < rounds; turn++)
          for (const rate of rates)
            for (const kind of clientKinds) {
              const byKind = measured.get(rate.perSecond)
              byKind?.set(kind, [...(byKind.get(kind) ?? []), await measureClient(clients, simulator, kind, rate)])
            }
        await dispatcher.destroy()
        return new Map(
          [...measured].map(([perSecond, byKind]) => [perSecond, new Map([...byKind].map(([kind, all]) => [kind, medianOf(all)]))]),
        )
      }),
    ),
  )
}
