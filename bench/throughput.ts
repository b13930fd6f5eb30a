/** How much can be asked at once when the platform answers immediately: Handoff beside a bare server that stores nothing. */
import { connections, handoffClient, tokenOf, type Wish } from './harness/clients.ts'
import { cpuMs } from './harness/load.ts'
import { inFolder, type Running } from './harness/processes.ts'
import { median, report, round, type Bench, type Report } from './harness/report.ts'
import { callsFor, key, openQueue, startFloor, startService, startSimulator, withAll } from './harness/stage.ts'

const rounds = 3
const seconds = 5
const atOnce = 32
/** More calls than each can ask for in that time; made before the first round, since the platform stands still while it makes them. */
const enough = { floor: 20_000, Handoff: 5_000 } as const

interface Counted {
  perSecond: number
  cpuMsEach: number
}

async function closedLoop(server: Running, wishes: Wish[], send: (wish: Wish) => Promise<string | undefined>): Promise<Counted> {
  const before = await cpuMs(server.pid)
  const began = performance.now()
  let next = 0
  let done = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() - began < seconds * 1_000) {
        const wish = wishes[next++]
        if (!wish) throw new Error('there are not enough calls')
        const wrong = await send(wish)
        if (wrong !== undefined) throw new Error(`a transfer was answered ${wrong}`)
        done++
      }
    }),
  )
  const perSecond = done / ((performance.now() - began) / 1_000)
  return { perSecond, cpuMsEach: ((await cpuMs(server.pid)) - before) / done }
}

const names = ['floor', 'Handoff'] as const

async function run(): Promise<Report> {
  const found: Record<(typeof names)[number], Counted[]> = { floor: [], Handoff: [] }
  await withAll((keep) =>
    inFolder(async (folder) => {
      const simulator = await keep(startSimulator())
      const place = await openQueue(simulator)
      const floor = await keep(startFloor(simulator.url, await tokenOf(simulator.url)))
      // Neither the governor's own limit is what is measured here, nor what becomes of calls that nobody picks up.
      const settings = { GENESYS_TOKEN_POOL_SIZE: '10', PICKUP_TIMEOUT_MS: '3600000', PICKUP_POLL_INTERVAL_MS: '60000' }
      const service = await keep(startService(simulator.url, folder, { settings }))
      const dispatcher = connections()
      const servers = { floor, Handoff: service }
      const calls: Wish[][] = []
      for (let made = 0; made <= rounds; made++) for (const name of names) calls.push(await callsFor(simulator, place, enough[name]))
      for (let made = 0; made <= rounds; made++)
        for (const name of names) {
          const client = handoffClient(servers[name].url, key, dispatcher)
          const counted = await closedLoop(servers[name], calls.shift() ?? [], (wish) => client.transfer(wish))
          // The first round warms up.
          if (made > 0) found[name].push(counted)
        }
      await dispatcher.destroy()
    }),
  )
  const rows = names.map((name) => ({
    server: name,
    'transfers/s': round(median(found[name].map(({ perSecond }) => perSecond))),
    'CPU ms each': round(median(found[name].map(({ cpuMsEach }) => cpuMsEach)), 2),
  }))
  const [floor, handoff] = rows
  const ratio = Number(handoff?.['transfers/s']) / Number(floor?.['transfers/s'])
  return {
    title: 'Throughput at zero platform delay',
    how: [
      `${atOnce} requests at once for ${seconds} s, ${rounds} rounds in turn, medians; simulator, server and load share this machine's cores.`,
      'floor: bare Fastify with the same schemas and two upstream calls by undici, nothing checked, stored or watched. Handoff makes four calls a transfer and writes each step to disk (SQLite).',
    ],
    tables: [rows],
    targets: [{ target: 'at least 0.3× of the floor', measured: `${ratio.toFixed(2)}×`, met: ratio >= 0.3 }],
  }
}

export const bench: Bench = { name: 'throughput', does: 'transfers a second at zero platform delay, beside a bare server', run }
if (import.meta.main) await report([bench], 'node bench/throughput.ts')
