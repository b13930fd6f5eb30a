/** A service that reports its own memory usage, by the probe in `memory-probe.ts`. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Row } from '../harness/benchmark.ts'
import { waitUntilOk } from '../harness/child-process.ts'
import { readResidentMb } from '../harness/process-usage.ts'
import { spawnService, type Service } from '../harness/service-process.ts'
import type { Simulator } from '../harness/simulator-process.ts'
import { round } from '../harness/statistics.ts'

const probeTimeoutMs = 5_000
const pollIntervalMs = 20
/** With these settings, transfers are watched during the whole measurement, and rarely polled. */
export const watchSettings = { PICKUP_TIMEOUT_MS: '3600000', PICKUP_POLL_INTERVAL_MS: '60000' }

type MemoryMb = Record<'heapUsed' | 'heapTotal' | 'external', number>

/** Asks the probe for the memory usage, MB (10⁶ bytes). @throws Error when it does not answer */
async function readMemory({ pid }: Service, file: string): Promise<MemoryMb> {
  await rm(file, { force: true })
  // The signal that memory-probe.ts listens to, because the service does not use it.
  process.kill(pid, 'SIGWINCH')
  for (const end = Date.now() + probeTimeoutMs; Date.now() < end; await setTimeout(pollIntervalMs)) {
    const text = await readFile(file, 'utf8').catch(() => '')
    // The file may be read while it is written.
    if (!text.endsWith('}')) continue
    const bytes = JSON.parse(text) as Record<string, number>
    return Object.fromEntries(Object.entries(bytes).map(([name, value]) => [name, value / 1e6])) as MemoryMb
  }
  throw new Error('the memory probe did not answer')
}

/**
 * Runs `work` with a service.
 * @param nodeFlags with `--expose-gc`, the probe collects garbage before it reports, so the figures of the heap are of live memory
 * @param work gets the service, and a function that reads its memory as a row of the report
 */
export async function withProbedService<T>(
  simulator: Simulator,
  folder: string,
  nodeFlags: readonly string[],
  work: (service: Service, readRow: (moment: string) => Promise<Row>) => Promise<T>,
): Promise<T> {
  const file = join(folder, 'memory.json')
  const service = await spawnService(simulator.url, folder, {
    settings: { ...watchSettings, HANDOFF_PROBE: file },
    nodeFlags: [...nodeFlags, '--import', new URL('./memory-probe.ts', import.meta.url).href],
  })
  async function readRow(moment: string): Promise<Row> {
    // Resident memory is read before the probe: with --expose-gc it collects garbage, and RSS is to include the garbage of normal operation.
    const residentMb = round(await readResidentMb(service.pid))
    const { heapUsed, heapTotal, external } = await readMemory(service, file)
    const { body } = await service.request<{ watching: number }>('GET', '/health')
    return {
      moment,
      'under watch': body.watching,
      'RSS MB': residentMb,
      'heap used MB': round(heapUsed, 1),
      'heap total MB': round(heapTotal),
      'external MB': round(external, 1),
    }
  }
  try {
    await waitUntilOk(service, '/ready')
    return await work(service, readRow)
  } finally {
    await service.stop()
  }
}
