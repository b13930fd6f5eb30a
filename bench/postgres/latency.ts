/** How much Handoff adds to the platform's round trips on each ledger: on an idle machine, beside other work, and with a distant database. */
import type { Row, Target } from '../harness/benchmark.ts'
import { noRequestFails } from '../harness/benchmark.ts'
import { withProcesses } from '../harness/child-process.ts'
import { createDispatcher, logIn } from '../harness/http-client.ts'
import { measureInRounds, type LatencyClient, type Measurement, type Measurements } from '../load/latency-rounds.ts'
import { startSimulator } from '../harness/simulator-process.ts'
import { round, type Percentiles } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { createTutorialClient } from '../harness/tutorial-client.ts'
import { createTwoCallsClient } from '../latency/clients.ts'
import { startBusyProcess } from './busy-process.ts'
import { ratesOf, type Part, type PartOptions } from './parts.ts'
import { distanceMs, distant, oneNode, sqlite, startSystem, twoNodes, type System } from './systems.ts'
import { withPostgres } from './with-postgres.ts'

const platformMs = 80
/** Reading the conversation and moving the call: no transfer can do without them. */
const platformRoundTrips = 2
const floor = 'two calls'
const tutorial = 'tutorial'
const warmupPerSecond = 50

interface LatencyPart {
  /** The first sentence of the report. */
  about: string
  clients: readonly string[]
  perSecond: readonly number[]
  busyProcesses: number
  /** Compared with SQLite. */
  compared: { name: string; perSecond: number; limits: { p50: number; p99: number } }
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
          if (name === floor) clients.push({ name, transfer: createTwoCallsClient(simulator.url, token, dispatcher), pids: [] })
          else if (name === tutorial) clients.push({ name, transfer: (call) => tutorialClient.transfer(call), pids: [] })
          else {
            const system = await startSystem(name, { simulatorUrl: simulator.url, server, folder, dispatcher, track })
            systems.push(system)
            clients.push(system)
          }
        }
        for (let started = 0; started < part.busyProcesses; started++) await track(startBusyProcess())
        const measured = await measureInRounds({
          clients,
          services: systems.flatMap(({ nodes }) => nodes),
          simulator,
          rates: ratesOf(options.rates ?? part.perSecond, seconds),
          rounds,
          warmup: { perSecond: warmupPerSecond, seconds: options.warmup ?? 10 },
        })
        await dispatcher.destroy()
        return measured
      }),
    ),
  )
}

/** What is left of a latency without the platform's round trips. */
const ownMs = (latencyMs: number): number => round(latencyMs - platformRoundTrips * platformMs, 1)

/** Undefined when one of them was not measured. */
function compareOwn(measured: Measurements, perSecond: number, name: string, percentile: keyof Percentiles): number | undefined {
  const byName = measured.get(perSecond)
  const [own, other] = [byName?.get(name), byName?.get(sqlite)]
  return own && other && ownMs(own[percentile]) / ownMs(other[percentile])
}

function createRow(measured: Measurements, perSecond: number, name: string, { p50, p95, p99, cpuMs, failures }: Measurement): Row {
  const compare = (percentile: keyof Percentiles): number | null => {
    const ratio = compareOwn(measured, perSecond, name, percentile)
    return ratio === undefined || name === floor || name === tutorial ? null : round(ratio, 2)
  }
  return {
    'transfers/s': perSecond,
    client: name,
    'own ms p50': ownMs(p50),
    'own ms p95': ownMs(p95),
    'own ms p99': ownMs(p99),
    'p50 ÷ SQLite': compare('p50'),
    'p99 ÷ SQLite': compare('p99'),
    'CPU ms each': cpuMs,
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
    const { name, perSecond, limits } = part.compared
    const targets = (['p50', 'p99'] as const).flatMap((percentile): Target[] => {
      const ratio = compareOwn(measured, perSecond, name, percentile)
      if (ratio === undefined) return []
      const target = `own ${percentile} at ${perSecond}/s, ${name} at most ${limits[percentile]}× SQLite’s`
      return [{ target, measured: `${ratio.toFixed(2)}×`, met: ratio <= limits[percentile] }]
    })
    return {
      method: [
        `${part.about}: open loop, ${seconds} s each, medians of ${rounds} rounds in turn, ${platformMs} ms a platform call. own: the latency without ${platformRoundTrips} × ${platformMs} ms; ${floor}: these two calls without any server.`,
      ],
      tables: [rows],
      targets: [...targets, noRequestFails(rows)],
    }
  }

export const latency = createLatencyPart({
  about: 'Latency',
  clients: [tutorial, floor, sqlite, oneNode, twoNodes],
  perSecond: [20, 50, 100],
  busyProcesses: 0,
  compared: { name: oneNode, perSecond: 100, limits: { p50: 2, p99: 3 } },
})

export const busy = createLatencyPart({
  about: 'Latency beside two processes that use all the time they get',
  clients: [floor, sqlite, oneNode],
  perSecond: [50],
  busyProcesses: 2,
  compared: { name: oneNode, perSecond: 50, limits: { p50: 2, p99: 3 } },
})

export const distance = createLatencyPart({
  about: `Latency with a database at a distance: each message to it takes ${distanceMs} ms more`,
  clients: [floor, sqlite, oneNode, distant],
  perSecond: [50],
  busyProcesses: 0,
  compared: { name: distant, perSecond: 50, limits: { p50: 4, p99: 4 } },
})
