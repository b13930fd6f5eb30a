/** How long one start of the service takes, and how much memory the service uses afterwards. */
import { setTimeout } from 'node:timers/promises'
import { waitUntilOk } from '../harness/child-process.ts'
import { readResidentMb } from '../harness/process-usage.ts'
import { spawnService } from '../harness/service-process.ts'
import type { Simulator } from '../harness/simulator-process.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'

/** How long the service is idle before its memory is read. */
export const settleMs = 3_000

export interface Start {
  /** From spawning the process until the first 200 of /ready. */
  readyMs: number
  /** Resident memory at that moment. */
  readyMb: number
  /** Resident memory `settleMs` later. */
  settledMb: number
}

/** Starts the service with a new ledger file, measures it, and stops it. */
export async function measureStart(simulator: Simulator): Promise<Start> {
  return withTemporaryFolder(async (folder) => {
    const startedAt = performance.now()
    const service = await spawnService(simulator.url, folder)
    try {
      await waitUntilOk(service, '/ready')
      const readyMs = performance.now() - startedAt
      const readyMb = await readResidentMb(service.pid)
      await setTimeout(settleMs)
      return { readyMs, readyMb, settledMb: await readResidentMb(service.pid) }
    } finally {
      await service.stop()
    }
  })
}
