/** What a finished transfer costs the database: round trips, statements, commits, and flushes of its log. */
import { setTimeout } from 'node:timers/promises'
import type { TestPostgres } from '../../test/support/postgres.ts'
import type { Row } from '../harness/benchmark.ts'
import { withProcesses } from '../harness/child-process.ts'
import { createHandoffClient } from '../harness/handoff-client.ts'
import { createDispatcher } from '../harness/http-client.ts'
import { runOpenLoop } from '../load/open-loop.ts'
import { startService, type Service } from '../harness/service-process.ts'
import { startSimulator } from '../harness/simulator-process.ts'
import { median, round } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from '../harness/test-calls.ts'
import { createTrafficCounter, mapTraffic, type Traffic } from './count-messages.ts'
import type { Part } from './parts.ts'
import { readLogFlushes } from './server-usage.ts'
import { startTcpRelay } from './tcp-relay.ts'
import { withPostgres } from './with-postgres.ts'

const platformMs = 80
const perSecond = 50
const warmupCount = 50
/** An agent picks up a second after the command; some time later everything about the transfer is stored. */
const queueOptions = { agents: 200, offerDelayMs: 400, pickupAfterMs: 600, talkMs: 500 }
const finishedAfterMs = 4_000
const idleMs = 10_000
/** Processes of PostgreSQL report their statistics after ten seconds at the latest. */
const statisticsDelayMs = 11_000

const createRow = (what: string, traffic: Traffic, flushes: number | null): Row => ({
  'on the database': what,
  'round trips': round(traffic.roundTrips, 1),
  sends: round(traffic.sends, 1),
  statements: round(traffic.statements, 1),
  commits: round(traffic.commits, 1),
  'of them without waiting for the disk': round(traffic.asyncCommits, 1),
  'log flushes': flushes === null ? null : round(flushes, 1),
})

/** What was counted until a moment. */
interface Reading {
  /** Ms. */
  at: number
  traffic: Traffic
}

/** What an idle node does in one ms. */
interface Background {
  traffic: Traffic
  flushes: number
}
const nothing: Background = { traffic: mapTraffic(() => 0), flushes: 0 }

/** What happened between two readings without the node's work in the background, divided by `count`. */
const trafficBetween = (before: Reading, after: Reading, background: Background, count = 1): Traffic =>
  mapTraffic((name) => (after.traffic[name] - before.traffic[name] - background.traffic[name] * (after.at - before.at)) / count)

/** Runs `work`, and counts the flushes of the server's log meanwhile, without those of the node's work in the background. */
async function countFlushes<T>(
  server: TestPostgres,
  background: Background,
  work: () => Promise<T>,
): Promise<{ flushes: number; ms: number; value: T }> {
  const before = await readLogFlushes(server)
  const startedAt = performance.now()
  const value = await work()
  await setTimeout(statisticsDelayMs)
  const ms = performance.now() - startedAt
  return { flushes: (await readLogFlushes(server)) - before - background.flushes * ms, ms, value }
}

/** @throws Error when not so many transfers were picked up */
async function checkFinished(service: Service, count: number): Promise<void> {
  const { body } = await service.request<{ byState: Record<string, number> }>('GET', '/v1/transfers/summary')
  if (body.byState['picked_up'] !== count) throw new Error(`not ${count} picked up, but ${JSON.stringify(body.byState)}`)
}

async function measureIdle(server: TestPostgres, read: () => Reading): Promise<Background> {
  const { flushes, ms, value } = await countFlushes(server, nothing, async () => {
    const before = read()
    await setTimeout(idleMs)
    return trafficBetween(before, read(), nothing, idleMs)
  })
  return { traffic: value, flushes: flushes / ms }
}

async function measure(server: TestPostgres, databaseUrl: string, read: () => Reading, samples: number, seconds: number): Promise<Row[]> {
  return withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator(['--latency', String(platformMs)]))
      const service = await track(startService(simulator.url, folder, { settings: { DATABASE_URL: databaseUrl } }))
      const queue = await addQueue(simulator, queueOptions)
      const dispatcher = createDispatcher()
      const transfer = createHandoffClient(service.url, dispatcher)
      async function load(count: number): Promise<void> {
        const calls = await addCalls(simulator, queue, count)
        await runOpenLoop(perSecond, count / perSecond, (index) => transfer(calls[index] as TestCall))
        await setTimeout(finishedAfterMs)
      }
      await load(warmupCount)
      await setTimeout(statisticsDelayMs)
      const idle = await measureIdle(server, read)

      const single = await countFlushes(server, idle, async () => {
        const accepted: Traffic[] = []
        const finished: Traffic[] = []
        for (const call of await addCalls(simulator, queue, samples)) {
          const before = read()
          await transfer(call)
          accepted.push(trafficBetween(before, read(), idle))
          await setTimeout(finishedAfterMs)
          finished.push(trafficBetween(before, read(), idle))
        }
        const medianOf = (all: readonly Traffic[]): Traffic => mapTraffic((name) => median(all.map((traffic) => traffic[name])))
        return { accepted: medianOf(accepted), finished: medianOf(finished) }
      })
      const count = perSecond * seconds
      const loaded = await countFlushes(server, idle, async () => {
        const before = read()
        await load(count)
        return trafficBetween(before, read(), idle, count)
      })
      await checkFinished(service, warmupCount + samples + count)
      await dispatcher.destroy()
      return [
        createRow(
          'an idle node, in a second',
          mapTraffic((name) => idle.traffic[name] * 1_000),
          idle.flushes * 1_000,
        ),
        createRow('one transfer, until its 202', single.value.accepted, null),
        createRow('one transfer, until it is finished', single.value.finished, single.flushes / samples),
        createRow(`each of ${perSecond} a second, until it is finished`, loaded.value, loaded.flushes / count),
      ]
    }),
  )
}

async function measureThroughRelay(server: TestPostgres, samples: number, seconds: number): Promise<Row[]> {
  const counter = createTrafficCounter()
  const relay = await startTcpRelay(await server.createDatabase(), { observe: counter.observe })
  try {
    return await measure(server, relay.url, () => ({ at: performance.now(), traffic: counter.read() }), samples, seconds)
  } finally {
    relay.close()
  }
}

export const roundTrips: Part = async ({ rounds: samples = 10, seconds = 10 }) => ({
  method: [
    `Round trips, counted between a node and its database: medians of ${samples} transfers one after the other, and the average of ${seconds} s of load; agents pick up a second later. A round trip: the node sends after it has received, on one connection. Without what an idle node does in the same time.`,
  ],
  tables: [await withPostgres((server) => measureThroughRelay(server, samples, seconds))],
  targets: [],
})
