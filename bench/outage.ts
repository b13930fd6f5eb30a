/** A platform that is down for a minute: how much it is asked meanwhile, how fast callers are told, and how soon all is well again. */
import { setTimeout } from 'node:timers/promises'
import { asks, connections } from './harness/clients.ts'
import { openLoop, percentile, spread } from './harness/load.ts'
import { inFolder } from './harness/processes.ts'
import { report, round, type Bench, type Report } from './harness/report.ts'
import { callsFor, key, openQueue, startService, startSimulator, withAll } from './harness/stage.ts'

const platformMs = 80
const perSecond = 50
const phases = { before: 15, outage: 60, after: 15 }
/** Normal: so many requests in a row are accepted. */
const inARow = 25

interface Asked {
  at: number
  ms: number
  status: number
  retryAfter: number
}

async function run(): Promise<Report> {
  return withAll((keep) =>
    inFolder(async (folder) => {
      const simulator = await keep(startSimulator(['--latency', String(platformMs)]))
      const place = await openQueue(simulator)
      const service = await keep(startService(simulator.url, folder))
      const dispatcher = connections()
      const headers = { authorization: `Bearer ${key}` }
      const total = phases.before + phases.outage + phases.after
      const wishes = await callsFor(simulator, place, perSecond * total)
      const asked: Asked[] = []
      const times = { down: 0, up: 0 }
      let calls = 0
      const outage = (async () => {
        await setTimeout(phases.before * 1_000)
        await simulator.tell('DELETE', '/calls')
        await simulator.tell('POST', '/faults', { times: 'always', fault: { kind: 'status', status: 503 } })
        times.down = performance.now()
        await setTimeout(phases.outage * 1_000)
        calls = (await simulator.tell<{ total: number }>('GET', '/calls')).total
        await simulator.tell('DELETE', '/faults')
        times.up = performance.now()
      })()
      await openLoop(perSecond, total, async (index) => {
        const at = performance.now()
        const { conversationId, ...target } = wishes[index] as (typeof wishes)[number]
        const { status, retryAfter } = await asks(dispatcher, 'POST', `${service.url}/v1/transfers`, headers, {
          conversationId,
          target: { type: 'skill', ...target },
        })
        asked.push({ at, ms: performance.now() - at, status, retryAfter })
        return undefined
      })
      await outage
      await dispatcher.destroy()
      const sorted = asked.toSorted((a, b) => a.at - b.at)
      const during = sorted.filter(({ at }) => at >= times.down && at < times.up)
      const refused = during.filter(({ status }) => status === 503)
      const ms = refused.map((one) => one.ms).toSorted((a, b) => a - b)
      const since = sorted.filter(({ at }) => at >= times.up)
      const well = since.findIndex((_, index) => since.slice(index, index + inARow).every(({ status }) => status === 202))
      const recovery = well < 0 ? Infinity : ((since[well]?.at ?? 0) - times.up) / 1_000
      const amplification = calls / during.length
      const unadvised = refused.filter(({ retryAfter }) => retryAfter <= 0).length
      return {
        title: 'A platform outage of a minute',
        how: [
          `${perSecond} transfers a second, open loop; ${phases.before} s of health, ${phases.outage} s in which every platform call is answered 503, then health again.`,
        ],
        tables: [
          [
            {
              'asked in the outage': during.length,
              'refused with 503': refused.length,
              'platform calls': calls,
              amplification: round(amplification, 3),
              'refusal p50 ms': spread(ms).p50,
              'refusal p99 ms': spread(ms).p99,
              'slowest ms': round(ms.at(-1) ?? 0),
              'back to normal s': round(recovery, 1),
            },
          ],
        ],
        targets: [
          { target: 'amplification ≤ 1.1', measured: amplification.toFixed(3), met: amplification <= 1.1 },
          { target: 'refusals p99 ≤ 50 ms', measured: `${percentile(ms, 99).toFixed(1)} ms`, met: percentile(ms, 99) <= 50 },
          { target: 'back to normal ≤ 5 s', measured: `${recovery.toFixed(1)} s`, met: recovery <= 5 },
          { target: 'every refusal says when to come again', measured: `${unadvised} do not`, met: refused.length > 0 && unadvised === 0 },
        ],
      }
    }),
  )
}

export const bench: Bench = { name: 'outage', does: 'a platform outage of a minute at 50 requests a second', run }
if (import.meta.main) await report([bench], 'node bench/outage.ts')
