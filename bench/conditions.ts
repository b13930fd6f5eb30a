/** How much conditions add to the latency of a transfer request when their data is already cached. */
import type { Agent } from 'undici'
import { createNoFailuresTarget, type Benchmark, type Report, type Row } from './harness/benchmark.ts'
import { withProcesses } from './harness/child-process.ts'
import type { TransferClient } from './harness/handoff-client.ts'
import { createDispatcher, sendJson } from './harness/http-client.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { apiKey, startService } from './harness/service-process.ts'
import { startSimulator, type Simulator } from './harness/simulator-process.ts'
import { round } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { measureInRounds, type Measurements, type Rate } from './load/latency-rounds.ts'

const platformMs = 80
const rounds = 5
const warmup: Rate = { perSecond: 50, seconds: 10 }
const rates: readonly Rate[] = [
  { perSecond: 5, seconds: 8 },
  { perSecond: 50, seconds: 5 },
]
type Kind = 'without conditions' | 'with conditions'

/** Adds a schedule group that is always open, with a holiday that is over, and an emergency group that is not enabled. */
async function addOpenHours(simulator: Simulator): Promise<{ scheduleGroupId: string; emergencyGroupId: string }> {
  const add = async (path: string, body: object): Promise<string> => (await simulator.control<{ id: string }>('POST', path, body)).id
  const day = { start: '2026-01-01T00:00:00', end: '2026-01-02T00:00:00' }
  const everyDay = await add('/schedules', { ...day, rrule: 'FREQ=DAILY;INTERVAL=1' })
  const holiday = await add('/schedules', day)
  return {
    scheduleGroupId: await add('/schedule-groups', {
      timeZone: 'Europe/Berlin',
      openScheduleIds: [everyDay],
      holidayScheduleIds: [holiday],
    }),
    emergencyGroupId: await add('/emergency-groups', {}),
  }
}

/** Creates a client that transfers calls to a skill. @param conditions fields of the target */
function createClient(url: string, dispatcher: Agent, conditions: object): TransferClient {
  const headers = { authorization: `Bearer ${apiKey}` }
  return async ({ conversationId, skillId, queueId }) => {
    const { status, body } = await sendJson(dispatcher, 'POST', `${url}/v1/transfers`, headers, {
      conversationId,
      target: { type: 'skill', skillId, queueId, ...conditions },
      priority: 10,
    })
    return status === 202 ? undefined : `${status} ${String(body['code'])}`
  }
}

const measure = (): Promise<Measurements<Kind>> =>
  withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator(['--latency', String(platformMs)]))
      const service = await track(startService(simulator.url, folder))
      const dispatcher = createDispatcher()
      const conditions = { openHours: await addOpenHours(simulator), maxWaitSeconds: 600 }
      const createNamed = (name: Kind, fields: object) => ({
        name,
        transfer: createClient(service.url, dispatcher, fields),
        pids: [service.pid],
      })
      const clients = [createNamed('without conditions', {}), createNamed('with conditions', conditions)]
      const measured = await measureInRounds({ clients, services: [service], simulator, rates, rounds, warmup })
      await dispatcher.destroy()
      return measured
    }),
  )

async function run(): Promise<Report> {
  const measured = await measure()
  const ratios = [...measured.values()].map(
    (byKind) => Number(byKind.get('with conditions')?.p50) / Number(byKind.get('without conditions')?.p50),
  )
  const rows: Row[] = [...measured].flatMap(([perSecond, byKind]) =>
    [...byKind].map(([kind, { p50, p95, p99, cpuMs, failures }]) => ({
      'transfers/s': perSecond,
      request: kind,
      'p50 ms': p50,
      'p95 ms': p95,
      'p99 ms': p99,
      'CPU ms per transfer': cpuMs,
      failures,
    })),
  )
  return {
    title: 'Conditions',
    method: [
      `Open loop: each request is sent when it is due, and timed from then. Every platform call takes ${platformMs} ms. Medians of ${rounds} rounds, after a warm-up. Both kinds of request go to the same service, one kind after the other.`,
      'with conditions: openHours with a schedule group of two schedules and an emergency group, and maxWaitSeconds. The first request to a queue reads them and is not measured.',
    ],
    tables: [rows],
    targets: [
      {
        target: 'p50 with conditions at most 1.05× without',
        measured: ratios.map((ratio) => String(round(ratio, 3))).join(', '),
        isMet: ratios.every((ratio) => ratio <= 1.05),
      },
      createNoFailuresTarget(rows),
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'conditions',
  description: 'request latency with and without conditions on the target, whose data is cached',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/conditions.ts')
