/** What one token's allowance is worth: platform calls per finished transfer, transfers a minute under the real limit, and that nobody ever meets a 429. */
import { setTimeout } from 'node:timers/promises'
import { connections, handoffClient, tokenOf, tutorialClient, type Wish } from './harness/clients.ts'
import { openLoop } from './harness/load.ts'
import { inFolder, type Simulator } from './harness/processes.ts'
import { report, round, type Bench, type Report, type Row } from './harness/report.ts'
import { callsFor, key, openQueue, startService, startSimulator, withAll } from './harness/stage.ts'

const platformMs = 80
const pickupAfterMs = 12_000
/** Calls per finished transfer: so many transfers at so many a second. */
const few = { perSecond: 2, seconds: 20 }
/** Under the limit, for so long; the first minute fills the window and does not count. */
const crowd = { seconds: 150, warmupSeconds: 60 }
/** Transfers asked for a minute: more than anybody can do, and what may suit the one or the other better. */
const tooMuch = 240
const loads = [10, 20, 30, 60, tooMuch]
const realLimit = ['--requests-per-minute', '300']
const kinds = ['tutorial', 'Handoff, polling', 'Handoff, events'] as const
type Kind = (typeof kinds)[number]
const agents = 120

interface Counts {
  total: number
  counts: Record<string, number>
}
const operationsOf = async (simulator: Simulator): Promise<Record<string, number>> => {
  const { counts } = await simulator.tell<Counts>('GET', '/calls')
  const { 'POST /oauth/token': _, ...operations } = counts
  return operations
}
const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, many) => all + many, 0)

interface Played {
  finished: () => Promise<number>
  send: (wish: Wish) => Promise<string | undefined>
  simulator: Simulator
  place: { skillId: string; queueId: string }
}

async function waitFor(reached: () => Promise<boolean>, mostMs: number): Promise<void> {
  for (const end = Date.now() + mostMs; !(await reached()) && Date.now() < end;) await setTimeout(250)
}

let starting: Promise<unknown> = Promise.resolve()
/** One process after the other: thirty that start at once would keep each other from being ready in time. */
function inTurn<T>(start: () => Promise<T>): Promise<T> {
  const started = starting.then(start)
  starting = started.catch(() => {})
  return started
}

/** A client on a simulator of its own. */
async function played<T>(kind: Kind, limited: boolean, work: (on: Played) => Promise<T>): Promise<T> {
  return withAll((keep) =>
    inFolder(async (folder) => {
      const simulator = await keep(inTurn(() => startSimulator(['--latency', String(platformMs), ...(limited ? realLimit : [])])))
      const place = await openQueue(simulator, { agents, pickupAfterMs: 1_000, offerDelayMs: pickupAfterMs - 1_000, talkMs: 2_000 })
      const dispatcher = connections()
      try {
        if (kind === 'tutorial') {
          const client = tutorialClient(simulator.url, await tokenOf(simulator.url), dispatcher)
          let finished = 0
          return await work({
            simulator,
            place,
            finished: async () => finished,
            async send(wish) {
              await client.transfer(wish)
              void client.poll(wish.conversationId).then(
                (picked) => picked && finished++,
                () => {},
              )
              return undefined
            },
          })
        }
        const service = await keep(
          inTurn(() =>
            startService(simulator.url, folder, {
              settings: {
                PICKUP_EVENTS: kind === 'Handoff, events' ? 'on' : 'off',
                ...(limited && { GENESYS_REQUESTS_PER_MINUTE: '300' }),
              },
            }),
          ),
        )
        const client = handoffClient(service.url, key, dispatcher)
        return await work({
          simulator,
          place,
          send: (wish) => client.transfer(wish),
          finished: async () =>
            (await service.ask<{ byState: Record<string, number> }>('GET', '/v1/transfers/summary')).body.byState['picked_up'] ?? 0,
        })
      } finally {
        await dispatcher.destroy()
      }
    }),
  )
}

const callsEach = (kind: Kind): Promise<Row> =>
  played(kind, false, async ({ simulator, place, send, finished }) => {
    const many = few.perSecond * few.seconds
    // One before the count: the skill is known, the queue is subscribed to.
    const [first, ...wishes] = await callsFor(simulator, place, many + 1)
    await send(first as Wish)
    await waitFor(async () => (await finished()) === 1, 30_000)
    await simulator.tell('DELETE', '/calls')
    await openLoop(few.perSecond, few.seconds, (index) => send(wishes[index] as Wish))
    await waitFor(async () => (await finished()) === many + 1, 45_000)
    const operations = await operationsOf(simulator)
    const done = (await finished()) - 1
    return {
      client: kind,
      finished: done,
      'calls each': round(sum(operations) / done, 2),
      which: Object.entries(operations)
        .map(([operation, count]) => `${round(count / done, 2)} ${operation}`)
        .join(', '),
    }
  })

interface Limited {
  kind: Kind
  load: number
  finishedAMinute: number
  row: Row
}

const underTheLimit = (kind: Kind, load: number): Promise<Limited> =>
  played(kind, true, async ({ simulator, place, send, finished }) => {
    const wishes = await callsFor(simulator, place, Math.ceil((load * crowd.seconds) / 60))
    const atWarmup = setTimeout(crowd.warmupSeconds * 1_000).then(finished)
    const atEnd = setTimeout(crowd.seconds * 1_000).then(finished)
    let [answered, refused] = [0, 0]
    // Who is told to come again in a minute does so long after the end: nobody waits for him here.
    void openLoop(load / 60, crowd.seconds, async (index) => {
      const wrong = await send(wishes[index] as Wish).catch((error: unknown) => (error as Error).message)
      if (wrong === undefined) answered++
      else refused++
      return undefined
    })
    const done = (await atEnd) - (await atWarmup)
    const { log } = await simulator.tell<{ log: Array<{ status: number }> }>('GET', '/calls')
    return {
      kind,
      load,
      finishedAMinute: round((done * 60) / (crowd.seconds - crowd.warmupSeconds), 1),
      row: {
        [`client, asked for ${load} a minute`]: kind,
        '429s of the last 5,000 calls': log.filter(({ status }) => status === 429).length,
        answered,
        refused,
      },
    }
  })

/** Four processes, each with a token of its own, all asked for more than they can do. */
const fourProcesses = (): Promise<Row> =>
  withAll((keep) =>
    inFolder(async (folder) => {
      const simulator = await keep(inTurn(() => startSimulator(['--latency', String(platformMs), ...realLimit])))
      const place = await openQueue(simulator, { agents, pickupAfterMs: 1_000, offerDelayMs: pickupAfterMs - 1_000, talkMs: 2_000 })
      const services = []
      for (const name of ['a', 'b', 'c', 'd'])
        services.push(
          await keep(
            inTurn(() =>
              startService(simulator.url, folder, {
                settings: { GENESYS_REQUESTS_PER_MINUTE: '300', DATABASE_URL: `sqlite:${folder}/${name}.db` },
              }),
            ),
          ),
        )
      const dispatcher = connections()
      const clients = services.map(({ url }) => handoffClient(url, key, dispatcher))
      const wishes = await callsFor(simulator, place, (tooMuch / 60) * clients.length * crowd.seconds)
      void openLoop((tooMuch / 60) * clients.length, crowd.seconds, async (index) => {
        await clients[index % clients.length]?.transfer(wishes[index] as Wish).catch(() => undefined)
        return undefined
      })
      await setTimeout(crowd.seconds * 1_000)
      const { total, log } = await simulator.tell<{ total: number; log: Array<{ status: number }> }>('GET', '/calls')
      await dispatcher.destroy()
      return {
        processes: clients.length,
        calls: total,
        'calls a minute and token': round((total * 60) / crowd.seconds / clients.length),
        '429s': log.filter(({ status }) => status === 429).length,
        'of the last': log.length,
      }
    }),
  )

async function run(): Promise<Report> {
  // All at once: each has a simulator of its own and asks it a few times a second.
  const [each, limited, four] = await Promise.all([
    Promise.all(kinds.map(callsEach)),
    Promise.all(kinds.flatMap((kind) => loads.map((load) => underTheLimit(kind, load)))),
    fourProcesses(),
  ])
  const callsOf = (kind: Kind): number => Number(each.find(({ client }) => client === kind)?.['calls each'])
  const of = (kind: Kind): Limited[] => limited.filter((one) => one.kind === kind)
  const minuteOf = (kind: Kind): number => Number(of(kind).find(({ load }) => load === tooMuch)?.finishedAMinute)
  const bestOf = (kind: Kind): Limited => of(kind).reduce((best, one) => (one.finishedAMinute > best.finishedAMinute ? one : best))
  const times = (ours: number, theirs: number): string => `${(ours / Math.max(theirs, 0.1)).toFixed(1)}× (${ours} to ${theirs} a minute)`
  const [mine, theirs] = [bestOf('Handoff, events'), bestOf('tutorial')]
  return {
    title: "What one token's allowance is worth",
    how: [
      `Calls go to a skill and are picked up after ${pickupAfterMs / 1000} s; a finished transfer is one whose pickup is known. Logins are not counted.`,
      `Under the limit: 300 calls a minute and token, enforced by the simulator; each load is asked for during ${crowd.seconds} s, of which the first ${crowd.warmupSeconds} do not count. The second table has the transfers finished a minute.`,
      `Best against best: Handoff by events asked for ${mine.load} a minute, the tutorial asked for ${theirs.load}: ${times(mine.finishedAMinute, theirs.finishedAMinute)}.`,
    ],
    tables: [
      each,
      kinds.map((kind) => ({
        client: kind,
        ...Object.fromEntries(of(kind).map(({ load, finishedAMinute }) => [`${load} a minute`, finishedAMinute])),
        best: bestOf(kind).finishedAMinute,
      })),
      limited.filter(({ load }) => load === tooMuch).map(({ row }) => row),
      [four],
    ],
    targets: [
      {
        target: 'at most 5 calls a finished transfer by events',
        measured: String(callsOf('Handoff, events')),
        met: callsOf('Handoff, events') <= 5,
      },
      {
        target: `at least 4× the tutorial’s transfers a minute under one token, both asked for ${tooMuch}`,
        measured: times(minuteOf('Handoff, events'), minuteOf('tutorial')),
        met: minuteOf('Handoff, events') >= 4 * Math.max(minuteOf('tutorial'), 0.1),
      },
      { target: 'no 429 with four saturated processes', measured: String(four['429s']), met: four['429s'] === 0 },
    ],
  }
}

export const bench: Bench = {
  name: 'capacity',
  does: 'platform calls per finished transfer, transfers a minute under the real limit, 429s of four processes',
  run,
}
if (import.meta.main) await report([bench], 'node bench/capacity.ts')
