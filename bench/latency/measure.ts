/** Measures the request latency of every client at every rate, in several rounds. */
import { withProcesses } from '../harness/child-process.ts'
import { createDispatcher } from '../harness/http-client.ts'
import { measureInRounds, type Measurements, type Rate } from '../load/latency-rounds.ts'
import { startSimulator } from '../harness/simulator-process.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { startClients } from './clients.ts'
import type { ClientKind } from './kinds.ts'

/** Measures all clients. @param warmup a load before the measurements, so that the code is compiled and optimized as in production */
export async function measureLatencies(
  platformMs: number,
  rates: readonly Rate[],
  rounds: number,
  warmup: Rate,
): Promise<Measurements<ClientKind>> {
  return withTemporaryFolder((pollingFolder) =>
    withTemporaryFolder((eventsFolder) =>
      withProcesses(async (track) => {
        const simulator = await track(startSimulator(['--latency', String(platformMs)]))
        const dispatcher = createDispatcher()
        const { clients, services } = await startClients(simulator.url, { polling: pollingFolder, events: eventsFolder }, dispatcher, track)
        const measured = await measureInRounds({ clients, services, simulator, rates, rounds, warmup })
        await dispatcher.destroy()
        return measured
      }),
    ),
  )
}
