/** How much memory the service uses while it watches many transfers: after they were requested, when only watching is left, and after a restart. */
import { setTimeout } from 'node:timers/promises'
import type { Row } from '../harness/benchmark.ts'
import type { Service } from '../harness/service-process.ts'
import type { Simulator } from '../harness/simulator-process.ts'
import { round } from '../harness/statistics.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { settleMs } from './measure-start.ts'
import { withProbedService } from './probed-service.ts'

/** Transfer requests that are sent at once. */
export const concurrency = 50

/** After the last request: the garbage that the requests left is collected once the polls have allocated enough. */
export const watchOnlyMs = 150_000

export interface WatchingMemory {
  /** One row each for a service without transfers, after all were requested, `watchOnlyMs` later, and after a restart. */
  rows: Row[]
  /** Resident memory after all transfers were requested, MB. */
  mbAfterTransfers: number
  /** Resident memory `watchOnlyMs` later, MB. */
  mbWatching: number
  /** Resident memory after a restart, MB. */
  mbAfterRestart: number
  /** The live heap that one watched transfer takes. */
  bytesPerTransfer: number
}

/**
 * Moves `transfers` calls into a queue without agents, where they wait and are watched.
 * @returns how long that took, ms
 * @throws Error when a transfer is refused
 */
async function startTransfers(transfers: number, service: Service, simulator: Simulator): Promise<number> {
  const { id: queueId } = await simulator.control<{ id: string }>('POST', '/queues', {})
  const { conversationIds } = await simulator.control<{ conversationIds: string[] }>('POST', '/conversations', {
    count: transfers,
    in: 'ivr',
  })
  const startedAt = performance.now()
  // All clients share one iterator, so each call is transferred once.
  const remaining = conversationIds[Symbol.iterator]()
  async function runClient(): Promise<void> {
    for (const conversationId of remaining) {
      const { status, body } = await service.request<{ code?: string }>('POST', '/v1/transfers', {
        conversationId,
        target: { type: 'queue', queueId },
      })
      if (status !== 202) throw new Error(`the response to a transfer request was ${status} ${body.code}`)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, runClient))
  return performance.now() - startedAt
}

/** The live heap in bytes. The row must have been read after a garbage collection. */
const computeLiveBytes = (row: Row): number => Number(row['heap used MB']) * 1e6

/** Measures the memory. @param transfers how many are watched */
export async function measureWatching(transfers: number, simulator: Simulator): Promise<WatchingMemory> {
  const empty = await withTemporaryFolder((folder) =>
    withProbedService(simulator, folder, ['--expose-gc'], (_, readRow) => readRow('empty, garbage collected')),
  )
  return withTemporaryFolder(async (folder) => {
    const [afterTransfers, watching] = await withProbedService(simulator, folder, [], async (service, readRow) => {
      const ms = await startTransfers(transfers, service, simulator)
      await setTimeout(settleMs)
      const requested = await readRow(`all transfers requested in ${round(ms / 1000, 1)} s`)
      await setTimeout(watchOnlyMs)
      return [requested, await readRow(`${watchOnlyMs / 1000} s later`)] as const
    })
    const startedAt = performance.now()
    const afterRestart = await withProbedService(simulator, folder, ['--expose-gc'], async (_, readRow) => {
      const readyMs = performance.now() - startedAt
      await setTimeout(settleMs)
      return readRow(`restarted on the same ledger, ready in ${round(readyMs)} ms, garbage collected`)
    })
    return {
      rows: [empty, afterTransfers, watching, afterRestart],
      mbAfterTransfers: Number(afterTransfers['RSS MB']),
      mbWatching: Number(watching['RSS MB']),
      mbAfterRestart: Number(afterRestart['RSS MB']),
      bytesPerTransfer: (computeLiveBytes(afterRestart) - computeLiveBytes(empty)) / transfers,
    }
  })
}
