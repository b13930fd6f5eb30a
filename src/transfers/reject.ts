/** Refuses a transfer before its call has moved: records it as `rejected`, later if the ledger is unavailable now. */
import { StaleRecord } from '../ledger/contract/errors.ts'
import type { TransferStore } from '../ledger/contract/transfers.ts'
import { retryWhileUnavailable } from '../ledger/retry-while-unavailable.ts'
import { Problem } from '../model/problems.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { consideredDetail } from './findings.ts'
import type { Watcher } from './pickup/watcher.ts'
import { createStoreProblem, problemOf } from './platform-problem.ts'
import type { Recorder } from './recorder.ts'
import { logFields, type Log } from './stage-context.ts'
import type { Patch } from './patch.ts'
import { transition, withStoredResponse } from './transition.ts'

/** Between two tries to read a transfer whose write may have been committed. */
const readPauseMs = 500

export interface RejectDependencies {
  ledger: Pick<TransferStore, 'findTransfer'>
  recorder: Pick<Recorder, 'writeWithRetry'>
  watcher: Pick<Watcher, 'add'>
  /** Epoch ms. */
  clock: () => number
  /** Resolves after `ms`. */
  wait: (ms: number) => Promise<void>
  log: Log
  /** Whether the service has answered all its callers and is closing. */
  isClosing: () => boolean
}

/**
 * Records a transfer as `rejected`.
 * @param error what the transfer is refused for
 * @returns the rejected record
 * @throws StaleRecord if another node has taken the transfer over; Problem STORE_UNAVAILABLE if the refusal can only be recorded later;
 *   `error` itself if it is unexpected
 */
export type Reject = (record: TransferRecord, error: unknown) => Promise<TransferRecord>

export function createReject({ ledger, recorder, watcher, clock, wait, log, isClosing }: RejectDependencies): Reject {
  /**
   * Called if a write that was reported as failed may have been committed. The caller was told that nothing was done. So a transfer that is
   * now `executing` is rejected, because no command was sent. A transfer that is now `decided` stays so, and is watched.
   */
  async function rejectCommitted(record: TransferRecord, rejectFrom: (from: TransferRecord) => Promise<TransferRecord>): Promise<void> {
    const stored = await retryWhileUnavailable(() => ledger.findTransfer(record.id), {
      pauseMs: readPauseMs,
      wait,
      isStopped: isClosing,
    })
    if (stored?.state === 'executing' && stored.fence === record.fence) await rejectFrom(stored)
    else watcher.add(record)
  }

  return async (record, error) => {
    const problem = problemOf(error)
    if (!problem) throw error
    const { code, message, stage = 'validation', retryAfterSeconds } = problem
    const { considered, ...extensions } = problem.extensions
    const refusal = { ...extensions, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
    const patch: Patch = { code, message, refusal, ...(considered && { considered }) }
    const detail = consideredDetail(considered ?? [])
    const { promise: unavailable, resolve } = Promise.withResolvers<Problem>()
    const onUnavailable = (): void => resolve(createStoreProblem())
    const rejectFrom = (from: TransferRecord): Promise<TransferRecord> =>
      recorder.writeWithRetry(withStoredResponse(transition(from, 'rejected', patch, { stage, detail }, clock()), from), [], onUnavailable)
    const recording = rejectFrom(record)
    const result = await Promise.race([recording, code === 'STORE_UNAVAILABLE' ? problem : unavailable])
    if (!(result instanceof Problem)) return result
    // The caller is answered now. The refusal is recorded once the ledger is available again.
    recording
      .catch((cause: unknown) => (cause instanceof StaleRecord ? rejectCommitted(record, rejectFrom) : Promise.reject(cause)))
      .catch((failure: unknown) =>
        log.warn({ ...logFields(record), reason: (failure as Error).message }, 'a refusal could not be recorded'),
      )
    throw result.withTransferId(record.id)
  }
}
