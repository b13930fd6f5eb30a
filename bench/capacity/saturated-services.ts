/** Whether four overloaded services, each with its own token, ever get a 429. */
import { setTimeout } from 'node:timers/promises'
import type { Row } from '../harness/benchmark.ts'
import { withProcesses } from '../harness/child-process.ts'
import { createHandoffClient, type TransferClient } from '../harness/handoff-client.ts'
import { createDispatcher } from '../harness/http-client.ts'
import { runOpenLoop } from '../load/open-loop.ts'
import { startService } from '../harness/service-process.ts'
import { round } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { addCalls, type TestCall } from '../harness/test-calls.ts'
import { limitedLoad, overloadPerMinute, realLimitPerMinute } from './settings.ts'
import { addServedQueue, startInTurn, startPlatform } from './test-system.ts'

const names = ['a', 'b', 'c', 'd']

/** Runs the services on one simulator that enforces the real rate limit for each token. */
export const measureSaturatedServices = (): Promise<Row> =>
  withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startPlatform({ isLimited: true }))
      const queue = await addServedQueue(simulator)
      const dispatcher = createDispatcher()
      const clients: TransferClient[] = []
      for (const name of names) {
        const settings = { GENESYS_REQUESTS_PER_MINUTE: String(realLimitPerMinute), DATABASE_URL: `sqlite:${folder}/${name}.db` }
        const { url } = await track(startInTurn(() => startService(simulator.url, folder, { settings })))
        clients.push(createHandoffClient(url, dispatcher))
      }
      const perSecond = (overloadPerMinute / 60) * clients.length
      const calls = await addCalls(simulator, queue, perSecond * limitedLoad.seconds)
      void runOpenLoop(perSecond, limitedLoad.seconds, async (index) => {
        await clients[index % clients.length]?.(calls[index] as TestCall).catch(() => undefined)
        return undefined
      })
      await setTimeout(limitedLoad.seconds * 1_000)
      const { total, log } = await simulator.readRequests()
      await dispatcher.destroy()
      return {
        services: clients.length,
        calls: total,
        'calls a minute and token': round((total * 60) / limitedLoad.seconds / clients.length),
        '429s': log.filter(({ status }) => status === 429).length,
        'calls in the log': log.length,
      }
    }),
  )
