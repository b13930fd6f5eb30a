/** How long a request waits: the tutorial's sequence, Handoff by polling and by events, and the two platform calls that nobody can do without. */
import { asks, connections, handoffClient, tokenOf, tutorialClient, type Wish } from './harness/clients.ts'
import { cpuMs, failed, openLoop, spread, type Load } from './harness/load.ts'
import { inFolder } from './harness/processes.ts'
import { median, report, round, type Bench, type Report, type Row } from './harness/report.ts'
import { callsFor, idle, key, openQueue, startFloor, startService, startSimulator, withAll } from './harness/stage.ts'

const platformMs = 80
const rounds = 3
/** Callers give up so long after they have called, ms: what was measured is over before the next is. */
const callerHangsUpAfter = 8_000
/** Code that has run for a while is what callers meet. */
const warmup = { perSecond: 50, seconds: 10 }
const rates: ReadonlyArray<{ perSecond: number; seconds: number }> = [
  { perSecond: 1, seconds: 6 },
  { perSecond: 20, seconds: 5 },
  { perSecond: 50, seconds: 5 },
  { perSecond: 100, seconds: 5 },
]
const kinds = ['tutorial', 'two calls', 'bare server', 'Handoff, polling', 'Handoff, events'] as const
type Kind = (typeof kinds)[number]
const isServer = (kind: Kind): boolean => kind === 'bare server' || kind.startsWith('Handoff')
type Spread = ReturnType<typeof spread>

interface Measured extends Spread {
  cpuMsEach: number | null
  failures: string
}

const middle = (all: Measured[]): Measured => ({
  p50: round(median(all.map(({ p50 }) => p50)), 1),
  p95: round(median(all.map(({ p95 }) => p95)), 1),
  p99: round(median(all.map(({ p99 }) => p99)), 1),
  cpuMsEach: all[0]?.cpuMsEach === null ? null : round(median(all.map(({ cpuMsEach }) => cpuMsEach ?? 0)), 2),
  failures: [...new Set(all.map(({ failures }) => failures))].filter(Boolean).join('; '),
})

async function measure(): Promise<Map<number, Map<Kind, Measured>>> {
  return withAll(async (keep) =>
    inFolder(async (pollingFolder) =>
      inFolder(async (eventsFolder) => {
        const simulator = await keep(startSimulator(['--latency', String(platformMs)]))
        const polling = await keep(startService(simulator.url, pollingFolder, { settings: { PICKUP_EVENTS: 'off' } }))
        const events = await keep(startService(simulator.url, eventsFolder, { settings: { PICKUP_EVENTS: 'on' } }))
        const dispatcher = connections()
        const token = await tokenOf(simulator.url)
        const floor = await keep(startFloor(simulator.url, token))
        const headers = { authorization: `Bearer ${token}` }
        const tutorial = tutorialClient(simulator.url, token, dispatcher)
        const twoCalls = async ({ conversationId, queueId }: Wish): Promise<string | undefined> => {
          const at = `${simulator.url}/api/v2/conversations/${conversationId}`
          const { body } = await asks(dispatcher, 'GET', at, headers)
          const [holder] = (body['participants'] as Array<{ id: string; purpose: string }>).filter(({ purpose }) => purpose === 'ivr')
          const { status } = await asks(dispatcher, 'POST', `${at}/participants/${holder?.id}/replace/queue`, headers, {
            queueId,
            transferType: 'Unattended',
          })
          return status === 202 ? undefined : String(status)
        }
        const clients: Readonly<Record<Kind, { send: (wish: Wish) => Promise<string | undefined>; pid: number | null }>> = {
          tutorial: { send: (wish) => tutorial.transfer(wish), pid: null },
          'two calls': { send: twoCalls, pid: null },
          'bare server': { send: (wish) => handoffClient(floor.url, key, dispatcher).transfer(wish), pid: floor.pid },
          'Handoff, polling': { send: (wish) => handoffClient(polling.url, key, dispatcher).transfer(wish), pid: polling.pid },
          'Handoff, events': { send: (wish) => handoffClient(events.url, key, dispatcher).transfer(wish), pid: events.pid },
        }
        async function run(kind: Kind, perSecond: number, seconds: number): Promise<Measured> {
          // A queue of its own: nobody hears of another's calls.
          const place = await openQueue(simulator)
          await clients[kind].send((await callsFor(simulator, place, 1, { callerHangsUpAfter }))[0] as Wish)
          const wishes = await callsFor(simulator, place, perSecond * seconds, { callerHangsUpAfter })
          const { send, pid } = clients[kind]
          const before = pid === null ? 0 : await cpuMs(pid)
          const load: Load = await openLoop(perSecond, seconds, (index) => send(wishes[index] as Wish))
          const cpu = pid === null ? null : ((await cpuMs(pid)) - before) / wishes.length
          await Promise.all([idle(polling), idle(events)])
          return { ...spread(load.ms), cpuMsEach: cpu, failures: failed(load) }
        }
        for (const kind of kinds) await run(kind, warmup.perSecond, warmup.seconds)
        const found = new Map<number, Map<Kind, Measured[]>>()
        for (let made = 0; made < rounds; made++)
          for (const { perSecond, seconds } of rates)
            for (const kind of kinds) {
              const at = found.get(perSecond) ?? new Map<Kind, Measured[]>()
              found.set(perSecond, at)
              at.set(kind, [...(at.get(kind) ?? []), await run(kind, perSecond, seconds)])
            }
        await dispatcher.destroy()
        return new Map([...found].map(([rate, at]) => [rate, new Map([...at].map(([kind, all]) => [kind, middle(all)]))]))
      }),
    ),
  )
}

async function run(): Promise<Report> {
  const found = await measure()
  const of = (rate: number, kind: Kind): Measured => found.get(rate)?.get(kind) as Measured
  const rows: Row[] = [...found].flatMap(([rate, at]) =>
    [...at].map(([kind, { p50, p95, p99, cpuMsEach, failures }]) => ({
      'transfers/s': rate,
      client: kind,
      'p50 ms': p50,
      'p95 ms': p95,
      'p99 ms': p99,
      'of tutorial': round(p50 / of(rate, 'tutorial').p50, 2),
      'own ms p50': isServer(kind) ? round(p50 - of(rate, 'two calls').p50, 1) : null,
      'own ms p99': isServer(kind) ? round(p99 - of(rate, 'two calls').p99, 1) : null,
      'CPU ms each': cpuMsEach,
      failures,
    })),
  )
  const ratios = rates.map(({ perSecond }) => of(perSecond, 'Handoff, events').p50 / of(perSecond, 'tutorial').p50)
  const own = { p50: of(50, 'Handoff, events').p50 - of(50, 'two calls').p50, p99: of(50, 'Handoff, events').p99 - of(50, 'two calls').p99 }
  return {
    title: 'Request latency',
    how: [
      `Open loop (timed from when each request was due), ${platformMs} ms a platform call, medians of ${rounds} rounds in turn after ${warmup.seconds} s at ${warmup.perSecond} a second; simulator, services and load share this machine's cores.`,
      'tutorial: conversation, conversation again, skill, users, transfer, one after the other. two calls: conversation, transfer, without any service: the critical path.',
      'bare server: the same two calls made by a Fastify with the same schemas that checks, stores and watches nothing. own: what a server adds to the two calls at the same percentile. CPU: of the service, per transfer, watching included.',
    ],
    tables: [rows],
    targets: [
      {
        target: 'at most 0.45× of the tutorial, at every rate',
        measured: ratios.map((ratio) => ratio.toFixed(2)).join(', '),
        met: ratios.every((ratio) => ratio <= 0.45),
      },
      { target: 'own p50 ≤ 3 ms at 50/s', measured: `${own.p50.toFixed(1)} ms`, met: own.p50 <= 3 },
      { target: 'own p99 ≤ 15 ms at 50/s', measured: `${own.p99.toFixed(1)} ms`, met: own.p99 <= 15 },
      {
        target: 'no request fails',
        measured:
          rows
            .map((row) => row['failures'])
            .filter(Boolean)
            .join('; ') || 'none failed',
        met: rows.every((row) => row['failures'] === ''),
      },
    ],
  }
}

export const bench: Bench = {
  name: 'latency',
  does: 'request latency beside the tutorial’s sequence and the bare platform calls, at 1 to 100 transfers a second',
  run,
}
if (import.meta.main) await report([bench], 'node bench/latency.ts')
