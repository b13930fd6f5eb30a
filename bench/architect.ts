/** How long a flow waits: the flat route for data actions, beside the time from which an organisation's 50 slots are the limit. */
import { asks, connections, type Wish } from './harness/clients.ts'
import { failed, openLoop, spread } from './harness/load.ts'
import { inFolder } from './harness/processes.ts'
import { report, type Bench, type Report, type Row } from './harness/report.ts'
import { callsFor, key, openQueue, startService, startSimulator, withAll } from './harness/stage.ts'

const platformMs = 80
const perSecond = 50
const seconds = 10
/** 50 data actions at once and 2 500 a minute: slower than this, and the slots run out before the minute does (architect-and-peers §1.6). */
const slotLimitMs = 1_200
const modes = ['execute', 'decide'] as const

async function run(): Promise<Report> {
  const rows = await withAll(async (keep) =>
    inFolder(async (folder) => {
      const simulator = await keep(startSimulator(['--latency', String(platformMs)]))
      const place = await openQueue(simulator)
      const { url } = await keep(startService(simulator.url, folder))
      const dispatcher = connections()
      const headers = { 'x-api-key': key }
      const send = async ({ conversationId, skillId, queueId }: Wish, mode: string): Promise<string | undefined> => {
        const { status, body } = await asks(dispatcher, 'POST', `${url}/v1/architect/transfers`, headers, {
          conversationId,
          targetType: 'skill',
          skillId,
          queueId,
          priority: '10',
          mode,
        })
        return status === 200 && body['ok'] === true ? undefined : `${status} ${String(body['code'])}`
      }
      async function measured(mode: (typeof modes)[number], forSeconds: number): Promise<Row> {
        const wishes = await callsFor(simulator, place, perSecond * forSeconds)
        const load = await openLoop(perSecond, forSeconds, (index) => send(wishes[index] as Wish, mode))
        const { p50, p95, p99 } = spread(load.ms)
        return { mode, 'p50 ms': p50, 'p95 ms': p95, 'p99 ms': p99, failures: failed(load) }
      }
      await measured('execute', 2)
      const found: Row[] = []
      for (const mode of modes) found.push(await measured(mode, seconds))
      await dispatcher.destroy()
      return found
    }),
  )
  const slowest = Math.max(...rows.map((row) => Number(row['p99 ms'])))
  return {
    title: 'The flat route for data actions',
    how: [
      `${perSecond} requests a second in open loop for ${seconds} s (timed from when each was due), ${platformMs} ms a platform call; simulator, service and load share this machine's cores.`,
      `At ${slotLimitMs} ms a data action an organisation's 50 slots stop being the limit: below it the 2 500 actions a minute are.`,
    ],
    tables: [rows],
    targets: [
      { target: `p99 ≤ ${slotLimitMs} ms`, measured: `${slowest} ms`, met: slowest <= slotLimitMs },
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
  name: 'architect',
  does: 'the flat route at 50 requests a second beside the limits of data actions',
  run,
}
if (import.meta.main) await report([bench], 'node bench/architect.ts')
