/** How much time Handoff adds to the platform's round trips with each ledger: on an idle machine, on a busy one, and with a distant database. */
import type { Row, Target } from '../harness/benchmark.ts'
import { createNoFailuresTarget } from '../harness/benchmark.ts'
import { withProcesses } from '../harness/child-process.ts'
import { createDispatcher, logIn } from '../harness/http-client.ts'
import { measureInRounds, type LatencyClient, type Measurement, type Measurements } from '../load/latency-rounds.ts'
import { startSimulator } from '../harness/simulator-process.ts'
import { round, type Percentiles } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { createTutorialClient } from '../harness/tutorial-client.ts'
import { createTwoCallsClient } from '../latency/clients.ts'
import { startBusyProcess } from './busy-process.ts'
import { createRates, type Part, type PartOptions } from './parts.ts'
import { distanceMs, distant, oneNode, sqlite, startSystem, twoNodes, type System } from './systems.ts'
import { withPostgres } from './with-postgres.ts'

const platformMs = 80
/** Reading the conversation and moving the call: no transfer can do without them. */
const platformRoundTrips = 2
const twoCalls = 'two calls'
const tutorial = 'tutorial'
const warmupPerSecond = 50

interface LatencyPart {
  /** How the description of the method begins. */
  title: string
  clients: readonly string[]
  perSecond: readonly number[]
  busyProcesses: number
  /** The client that is compared with SQLite, and how many times SQLite's added time it may add. */
  comparison: { name: string; perSecond: number; limits: { p50: number; p99: number } }
}

async function measure(part: LatencyPart, rounds: number, seconds: number, options: PartOptions): Promise<Measurements> {
  const names = part.clients.filter((name) => options.clients?.includes(name) ?? true)
  return withPostgres((server) =>
    withTemporaryFolder((folder) =>
      withProcesses(async (track) => {
        const simulator = await track(startSimulator(['--latency', String(platformMs)]))
        const dispatcher = createDispatcher()
        const token = await logIn(simulator.url)
        const tutorialClient = createTutorialClient(simulator.url, token, dispatcher)
        const systems: System[] = []
        const clients: LatencyClient[] = []
        for (const name of names) {
          if (name === twoCalls) clients.push({ name, transfer: createTwoCallsClient(simulator.url, token, dispatcher), pids: [] })
          else if (name === tutorial) clients.push({ name, transfer: (call) => tutorialClient.transfer(call), pids: [] })
          else {
            const system = await startSystem(name, { simulatorUrl: simulator.url, server, folder, dispatcher, track })
            systems.push(system)
            clients.push(system)
          }
        }
        for (let index = 0; index < part.busyProcesses; index++) await track(startBusyProcess())
        const measured = await measureInRounds({
          clients,
          services: systems.flatMap(({ nodes }) => nodes),
          simulator,
          rates: createRates(options.rates ?? part.perSecond, seconds),
          rounds,
          warmup: { perSecond: warmupPerSecond, seconds: options.warmupSeconds ?? 10 },
        })
        await dispatcher.destroy()
        return measured
      }),
    ),
  )
}

/** A latency without the platform's round trips. */
const computeAddedMs = (latencyMs: number): number => round(latencyMs - platformRoundTrips * platformMs, 1)

/** Divides the time that a client adds by the time that SQLite adds; undefined when one of them was not measured. */
function compareWithSqlite(measured: Measurements, perSecond: number, name: string, percentile: keyof Percentiles): number | undefined {
  const byName = measured.get(perSecond)
  const [client, reference] = [byName?.get(name), byName?.get(sqlite)]
  return client && reference && computeAddedMs(client[percentile]) / computeAddedMs(reference[percentile])
}

function createRow(measured: Measurements, perSecond: number, name: string, { p50, p95, p99, cpuMs, failures }: Measurement): Row {
  const compare = (percentile: keyof Percentiles): number | null => {
    const ratio = compareWithSqlite(measured, perSecond, name, percentile)
    return ratio === undefined || name === twoCalls || name === tutorial ? null : round(ratio, 2)
  }
  return {
    'transfers/s': perSecond,
    client: name,
    'added p50 ms': computeAddedMs(p50),
    'added p95 ms': computeAddedMs(p95),
    'added p99 ms': computeAddedMs(p99),
    'p50 ÷ SQLite': compare('p50'),
    'p99 ÷ SQLite': compare('p99'),
    'CPU ms per transfer': cpuMs,
    failures,
  }
}

const createLatencyPart =
  (part: LatencyPart): Part =>
  async (options) => {
    const { rounds = 3, seconds = 10 } = options
    const measured = await measure(part, rounds, seconds, options)
    const rows = [...measured].flatMap(([perSecond, byName]) =>
      [...byName].map(([name, measurement]) => createRow(measured, perSecond, name, measurement)),
    )
    const { name, perSecond, limits } = part.comparison
    const targets = (['p50', 'p99'] as const).flatMap((percentile): Target[] => {
      const ratio = compareWithSqlite(measured, perSecond, name, percentile)
      if (ratio === undefined) return []
      const target = `added ${percentile} of ${name} at ${perSecond} transfers a second at most ${limits[percentile]}× SQLite’s`
      return [{ target, measured: `${ratio.toFixed(2)}×`, isMet: ratio <= limits[percentile] }]
    })
    return {
      method: [
        `${part.title}: open loop, ${seconds} s each, medians of ${rounds} rounds; every platform call takes ${platformMs} ms. added: the latency without the ${platformRoundTrips} × ${platformMs} ms of two platform calls; ${twoCalls}: these calls without any server.`,
      ],
      tables: [rows],
      targets: [...targets, createNoFailuresTarget(rows)],
    }
  }

export const latency = createLatencyPart({
  title: 'Latency',
  clients: [tutorial, twoCalls, sqlite, oneNode, twoNodes],
  perSecond: [20, 50, 100],
  busyProcesses: 0,
  comparison: { name: oneNode, perSecond: 100, limits: { p50: 2, p99: 3 } },
})

export const busyLatency = createLatencyPart({
  title: 'Latency while two other processes keep the CPU busy',
  clients: [twoCalls, sqlite, oneNode],
  perSecond: [50],
  busyProcesses: 2,
  comparison: { name: oneNode, perSecond: 50, limits: { p50: 2, p99: 3 } },
})

export const distantLatency = createLatencyPart({
  title: `Latency with a distant database: each message to it takes ${distanceMs} ms longer`,
  clients: [twoCalls, sqlite, oneNode, distant],
  perSecond: [50],
  busyProcesses: 0,
  comparison: { name: distant, perSecond: 50, limits: { p50: 4, p99: 4 } },
})
