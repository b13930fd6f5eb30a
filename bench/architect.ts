/** How long an Architect flow waits for the flat route, compared with the limits of data actions. */
import { createNoFailuresTarget, type Benchmark, type Report, type Row } from './harness/benchmark.ts'
import { withProcesses } from './harness/child-process.ts'
import { createDispatcher, sendJson } from './harness/http-client.ts'
import { describeFailures, runOpenLoop } from './load/open-loop.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { apiKey, startService } from './harness/service-process.ts'
import { startSimulator } from './harness/simulator-process.ts'
import { computePercentiles } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from './harness/test-calls.ts'

const platformMs = 80
const perSecond = 50
const seconds = 10
const warmupSeconds = 2
/**
 * An organization runs at most 50 data actions at once and 2,500 a minute (docs/genesys-cloud.md rule 89). Actions that take longer than this
 * reach the first limit before the second.
 */
const slotLimitMs = 1_200
const modes = ['execute', 'decide'] as const
type Mode = (typeof modes)[number]

async function measure(): Promise<Row[]> {
  return withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator(['--latency', String(platformMs)]))
      const queue = await addQueue(simulator)
      const { url } = await track(startService(simulator.url, folder))
      const dispatcher = createDispatcher()
      const headers = { 'x-api-key': apiKey }
      async function send({ conversationId, skillId, queueId }: TestCall, mode: Mode): Promise<string | undefined> {
        const { status, body } = await sendJson(dispatcher, 'POST', `${url}/v1/architect/transfers`, headers, {
          conversationId,
          targetType: 'skill',
          skillId,
          queueId,
          priority: '10',
          mode,
        })
        return status === 200 && body['ok'] === true ? undefined : `${status} ${String(body['code'])}`
      }
      async function measureMode(mode: Mode, loadSeconds: number): Promise<Row> {
        const calls = await addCalls(simulator, queue, perSecond * loadSeconds)
        const load = await runOpenLoop(perSecond, loadSeconds, (index) => send(calls[index] as TestCall, mode))
        const { p50, p95, p99 } = computePercentiles(load.latenciesMs)
        return { mode, 'p50 ms': p50, 'p95 ms': p95, 'p99 ms': p99, failures: describeFailures(load) }
      }
      await measureMode('execute', warmupSeconds)
      const rows: Row[] = []
      for (const mode of modes) rows.push(await measureMode(mode, seconds))
      await dispatcher.destroy()
      return rows
    }),
  )
}

async function run(): Promise<Report> {
  const rows = await measure()
  const slowest = Math.max(...rows.map((row) => Number(row['p99 ms'])))
  return {
    title: 'The flat route for data actions',
    method: [
      `${perSecond} requests a second for ${seconds} s in an open loop: each is sent when it is due, and timed from then. Every platform call takes ${platformMs} ms. Simulator, service and load share this machine's cores.`,
      `If data actions take less than ${slotLimitMs} ms, an organization's limit of 2,500 actions a minute is reached first; otherwise the limit of 50 actions at once.`,
    ],
    tables: [rows],
    targets: [
      { target: `p99 ≤ ${slotLimitMs} ms`, measured: `${slowest} ms`, isMet: slowest <= slotLimitMs },
      createNoFailuresTarget(rows),
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'architect',
  description: 'the flat route at 50 requests a second, compared with the limits of data actions',
  run,
}
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/architect.ts')
