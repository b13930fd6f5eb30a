/** Runs a service on a ledger, either with one transfer, which creates the tables, or with a load whose latency is measured. */
import { withProcesses } from '../harness/child-process.ts'
import { createHandoffClient } from '../harness/handoff-client.ts'
import { createDispatcher } from '../harness/http-client.ts'
import type { Rate } from '../load/latency-rounds.ts'
import { runOpenLoop } from '../load/open-loop.ts'
import { startService } from '../harness/service-process.ts'
import { computePercentiles, type Percentiles } from '../harness/statistics.ts'
import type { TestCall } from '../harness/test-calls.ts'

/** What a service on a ledger needs. */
export interface LedgerSetup {
  simulatorUrl: string
  /** Adds calls in the IVR. */
  addCalls: (count: number) => Promise<TestCall[]>
  /** The working directory of the service. */
  folder: string
  /** The DATABASE_URL setting. */
  databaseUrl: string
}

/** Creates a ledger as the service does, with one transfer in it. */
export async function createLedger({ simulatorUrl, addCalls, folder, databaseUrl }: LedgerSetup): Promise<void> {
  await withProcesses(async (track) => {
    const service = await track(startService(simulatorUrl, folder, { settings: { DATABASE_URL: databaseUrl } }))
    const dispatcher = createDispatcher()
    const [call] = await addCalls(1)
    await createHandoffClient(service.url, dispatcher)(call as TestCall)
    await dispatcher.destroy()
  })
}

/** Measures the latency of requests to a service on this ledger. The warm-up does not count. @throws Error when a transfer fails */
export async function measureLatency(setup: LedgerSetup, warmup: Rate, load: Rate): Promise<Percentiles> {
  const { simulatorUrl, addCalls, folder, databaseUrl } = setup
  return withProcesses(async (track) => {
    const settings = { DATABASE_URL: databaseUrl, RETENTION_DAYS: '0' }
    const service = await track(startService(simulatorUrl, folder, { settings }))
    const dispatcher = createDispatcher()
    const transfer = createHandoffClient(service.url, dispatcher)
    async function send({ perSecond, seconds }: Rate) {
      const calls = await addCalls(perSecond * seconds)
      return runOpenLoop(perSecond, seconds, (index) => transfer(calls[index] as TestCall))
    }
    await send(warmup)
    const { latenciesMs, failures } = await send(load)
    await dispatcher.destroy()
    if (Object.keys(failures).length > 0) throw new Error(`transfers failed: ${JSON.stringify(failures)}`)
    return computePercentiles(latenciesMs)
  })
}
