/** A platform outage of a minute: how many calls the platform still gets, how fast callers are refused, and when operation is normal again. */
import { setTimeout } from 'node:timers/promises'
import type { Benchmark, Report } from './harness/benchmark.ts'
import { withProcesses } from './harness/child-process.ts'
import { createDispatcher, sendJson } from './harness/http-client.ts'
import { runOpenLoop } from './load/open-loop.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { apiKey, startService } from './harness/service-process.ts'
import { startSimulator, type Simulator } from './harness/simulator-process.ts'
import { percentile, computePercentiles, round } from './harness/statistics.ts'
import { withTemporaryFolder } from './harness/temporary-folder.ts'
import { addCalls, addQueue, type TestCall } from './harness/test-calls.ts'

const platformMs = 80
const perSecond = 50
const phaseSeconds = { before: 15, outage: 60, after: 15 }
const totalSeconds = phaseSeconds.before + phaseSeconds.outage + phaseSeconds.after
/** Operation is normal again from the first of this many accepted requests in a row. */
const acceptedInARow = 25

/** A transfer request. Times are those of `performance.now()`. */
interface TimedRequest {
  sentAt: number
  latencyMs: number
  status: number
  retryAfterSeconds: number
}

/** An outage. Times are those of `performance.now()`. */
interface Outage {
  startedAt: number
  endedAt: number
  /** Requests that the platform received during the outage. */
  platformCalls: number
}

/** Makes the platform answer every request with 503 for the duration of the outage. */
async function causeOutage(simulator: Simulator): Promise<Outage> {
  await setTimeout(phaseSeconds.before * 1_000)
  await simulator.control('DELETE', '/calls')
  await simulator.control('POST', '/faults', { times: 'always', fault: { kind: 'status', status: 503 } })
  const startedAt = performance.now()
  await setTimeout(phaseSeconds.outage * 1_000)
  const { total: platformCalls } = await simulator.readRequests()
  await simulator.control('DELETE', '/faults')
  return { startedAt, endedAt: performance.now(), platformCalls }
}

async function measure(): Promise<{ requests: TimedRequest[]; outage: Outage }> {
  return withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startSimulator(['--latency', String(platformMs)]))
      const queue = await addQueue(simulator)
      const service = await track(startService(simulator.url, folder))
      const dispatcher = createDispatcher()
      const headers = { authorization: `Bearer ${apiKey}` }
      const calls = await addCalls(simulator, queue, perSecond * totalSeconds)
      const requests: TimedRequest[] = []
      const outageInProgress = causeOutage(simulator)
      await runOpenLoop(perSecond, totalSeconds, async (index) => {
        const sentAt = performance.now()
        const { conversationId, ...target } = calls[index] as TestCall
        const { status, retryAfterSeconds } = await sendJson(dispatcher, 'POST', `${service.url}/v1/transfers`, headers, {
          conversationId,
          target: { type: 'skill', ...target },
        })
        requests.push({ sentAt, latencyMs: performance.now() - sentAt, status, retryAfterSeconds })
        return undefined
      })
      const outage = await outageInProgress
      await dispatcher.destroy()
      return { requests: requests.toSorted((a, b) => a.sentAt - b.sentAt), outage }
    }),
  )
}

/** The seconds from the end of the outage until operation was normal again; Infinity if it never was. @param requests sorted by time */
function findRecoverySeconds(requests: readonly TimedRequest[], { endedAt }: Outage): number {
  const afterwards = requests.filter(({ sentAt }) => sentAt >= endedAt)
  const isNormalFrom = (index: number): boolean => afterwards.slice(index, index + acceptedInARow).every(({ status }) => status === 202)
  const recovered = afterwards.find((_, index) => isNormalFrom(index))
  return recovered ? (recovered.sentAt - endedAt) / 1_000 : Infinity
}

async function run(): Promise<Report> {
  const { requests, outage } = await measure()
  const during = requests.filter(({ sentAt }) => sentAt >= outage.startedAt && sentAt < outage.endedAt)
  const refused = during.filter(({ status }) => status === 503)
  const refusalMs = refused.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b)
  const recoverySeconds = findRecoverySeconds(requests, outage)
  const amplification = outage.platformCalls / during.length
  const withoutRetryAfter = refused.filter(({ retryAfterSeconds }) => retryAfterSeconds <= 0).length
  return {
    title: 'A platform outage of a minute',
    method: [
      `${perSecond} transfers a second, each sent when it is due (open loop): ${phaseSeconds.before} s of normal operation, ${phaseSeconds.outage} s in which every platform call is answered with 503, then normal operation again. Amplification: platform calls per request in the outage.`,
    ],
    tables: [
      [
        {
          'requests in the outage': during.length,
          'refused with 503': refused.length,
          'platform calls': outage.platformCalls,
          amplification: round(amplification, 3),
          'refusal p50 ms': computePercentiles(refusalMs).p50,
          'refusal p99 ms': computePercentiles(refusalMs).p99,
          'slowest refusal ms': round(refusalMs.at(-1) ?? 0),
          'normal again after s': round(recoverySeconds, 1),
        },
      ],
    ],
    targets: [
      { target: 'amplification ≤ 1.1', measured: amplification.toFixed(3), isMet: amplification <= 1.1 },
      {
        target: 'refusals p99 ≤ 50 ms',
        measured: `${percentile(refusalMs, 99).toFixed(1)} ms`,
        isMet: percentile(refusalMs, 99) <= 50,
      },
      { target: 'normal operation again within 5 s', measured: `${recoverySeconds.toFixed(1)} s`, isMet: recoverySeconds <= 5 },
      {
        target: 'every refusal has Retry-After',
        measured: `${withoutRetryAfter} have none`,
        isMet: refused.length > 0 && withoutRetryAfter === 0,
      },
    ],
  }
}

export const benchmark: Benchmark = { name: 'outage', description: 'a platform outage of a minute at 50 requests a second', run }
if (import.meta.main) await runBenchmarks([benchmark], 'node bench/outage.ts')
