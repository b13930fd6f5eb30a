/** How much work a transfer causes in the database: round trips, statements, commits, and flushes of the write-ahead log. */
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
/** An agent picks up a second after the command. */
const queueOptions = { agents: 200, offerDelayMs: 400, pickupAfterMs: 600, talkMs: 500 }
/** By this time after the request, everything about a transfer has been stored. */
const finishedAfterMs = 4_000
const idleMs = 10_000
/** PostgreSQL's processes report their statistics within ten seconds. */
const statisticsDelayMs = 11_000

const createRow = (cause: string, traffic: Traffic, flushes: number | null): Row => ({
  'caused by': cause,
  'round trips': round(traffic.roundTrips, 1),
  sends: round(traffic.sends, 1),
  statements: round(traffic.statements, 1),
  commits: round(traffic.commits, 1),
  'log flushes': flushes === null ? null : round(flushes, 1),
})

/** The counts at a moment. */
interface Reading {
  /** Time of `performance.now()`, ms. */
  at: number
  traffic: Traffic
}

/** The work of an idle node in one ms. */
interface Background {
  traffic: Traffic
  flushes: number
}
const noBackground: Background = { traffic: mapTraffic(() => 0), flushes: 0 }

/** The traffic between two readings without the background work of the node, divided by `count`. */
const trafficBetween = (before: Reading, after: Reading, background: Background, count = 1): Traffic =>
  mapTraffic((name) => (after.traffic[name] - before.traffic[name] - background.traffic[name] * (after.at - before.at)) / count)

/** Runs `work`, and counts the flushes of the server's log meanwhile, without those of the node's background work. */
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

/** @throws Error unless exactly `count` transfers were picked up */
async function checkFinished(service: Service, count: number): Promise<void> {
  const { body } = await service.request<{ byState: Record<string, number> }>('GET', '/v1/transfers/summary')
  if (body.byState['picked_up'] !== count) throw new Error(`not ${count} picked up, but ${JSON.stringify(body.byState)}`)
}

async function measureIdle(server: TestPostgres, read: () => Reading): Promise<Background> {
  const { flushes, ms, value } = await countFlushes(server, noBackground, async () => {
    const before = read()
    await setTimeout(idleMs)
    return trafficBetween(before, read(), noBackground, idleMs)
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
    `Round trips between a node and its database: medians of ${samples} transfers one after the other, and the average of ${seconds} s of load; agents pick up after a second. A round trip counts when the node sends data after it has received data on the same connection. The work of an idle node is subtracted.`,
  ],
  tables: [await withPostgres((server) => measureThroughRelay(server, samples, seconds))],
  targets: [],
})
