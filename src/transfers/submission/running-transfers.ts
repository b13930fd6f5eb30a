/** Runs transfers, answers each caller by the deadline, and lets repeated requests wait for the same answer. */
import { StaleRecord } from '../../ledger/contract/errors.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import { Problem } from '../../model/problems.ts'
import type { NormalizedTarget } from '../../model/target.ts'
import { asTransfer, type TransferRecord } from '../../model/transfer.ts'
import type { Watcher } from '../pickup/watcher.ts'
import type { RunTransfer } from '../pipeline.ts'
import { logFields, type Log } from '../stage-context.ts'
import type { Requester } from '../request/new-transfer.ts'
import type { NormalizedRequest } from '../request/normalize-request.ts'
import { hasProgressed, findRefusal, type Outcome, type ResponseCodec } from '../request/outcome.ts'
import { waitForOutcome } from './wait-for-other-node.ts'

/**
 * How long after its deadline a transfer's caller is answered at the latest, ms: the pipeline, which notices the deadline itself, needs
 * this time.
 */
const graceMs = 250

/** The answer to a request. */
export interface Submission {
  outcome: Outcome
  /** Whether the outcome belongs to an earlier request. */
  replayed: boolean
  /** The transfer that the outcome is about, if it is in the ledger. */
  transferId?: string
}

/**
 * Answers a request by its deadline, whatever happens. Refusals are outcomes too.
 * @param receivedAt epoch ms when the request arrived
 */
export type Submit = (request: NormalizedRequest, requester: Requester, receivedAt: number) => Promise<Submission>

export interface RunningTransfersDependencies {
  ledger: Pick<TransferStore, 'findTransfer' | 'findStoredResponse'>
  codec: Pick<ResponseCodec, 'decode'>
  /** Epoch ms. */
  clock: () => number
  /** Resolves after `ms`. */
  wait: (ms: number) => Promise<void>
  log: Log
  run: RunTransfer
  watcher: Pick<Watcher, 'has' | 'add'>
}

export interface RunningTransfers {
  /** Runs a transfer and answers its caller by the deadline. @throws Problem, StoreUnavailable, or an unexpected error */
  start(record: TransferRecord, targets?: readonly NormalizedTarget[]): Promise<Submission>
  /** Waits for the outcome of a transfer that is running already, on this node or on another one. @throws the same as `start` */
  joinRunning(record: TransferRecord): Promise<Submission>
  /** Whether this node is running the transfer. */
  has(id: string): boolean
  /** Number of transfers that this node is running. */
  readonly size: number
  /** Waits until every caller is answered. */
  waitForAll(): Promise<void>
}

export function createRunningTransfers(dependencies: RunningTransfersDependencies): RunningTransfers {
  const { ledger, codec, clock, log, run, watcher } = dependencies
  const running = new Map<string, Promise<Submission>>()

  /**
   * The answer by the record, or the stored response if the transfer has changed since: the same that a repeat with the same key gets. A flow
   * that has created the decided callback is told so instead, because by the decision it would create another one.
   */
  async function submissionOf(record: TransferRecord): Promise<Submission> {
    const common = { transferId: record.id, replayed: false }
    const problem = findRefusal(record)
    if (problem) return { outcome: { problem }, ...common }
    const shouldRepeatStored = hasProgressed(record) && record.state !== 'callback_created'
    const stored = shouldRepeatStored ? await ledger.findStoredResponse(record.id).catch(() => undefined) : undefined
    return { outcome: stored ? codec.decode(stored) : { transfer: asTransfer(record) }, ...common }
  }

  /** Waits for the outcome of a transfer that this node is not running. */
  const waitForSubmission = async (record: TransferRecord): Promise<Submission> => submissionOf(await waitForOutcome(record, dependencies))

  /** Runs a transfer and answers its caller: with the outcome, or at the deadline with the state that is stored by then. */
  async function answerByDeadline(record: TransferRecord, targets: readonly NormalizedTarget[] | undefined): Promise<Submission> {
    let timer: NodeJS.Timeout | undefined
    const atDeadline = new Promise<TransferRecord | undefined>((resolve) => {
      const readStored = (): void => resolve(ledger.findTransfer(record.id).catch(() => undefined))
      timer = setTimeout(readStored, Math.max(0, record.deadlineAt - clock()) + graceMs)
    })
    try {
      const current = await Promise.race([run(record, targets), atDeadline])
      // If the ledger cannot be read at the deadline, the outcome is unknown to the caller, as it is for an `executing` transfer.
      return await submissionOf(current ?? { ...record, state: 'executing' })
    } catch (error) {
      if (!(error instanceof StaleRecord)) throw error
      // Another node has taken the transfer over, or a write that was reported as failed was committed: the stored record counts.
      if (!watcher.has(record.id)) watcher.add(record)
      return waitForSubmission(record)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    start(record, targets) {
      const submission = answerByDeadline(record, targets).finally(() => running.delete(record.id))
      submission.catch(
        (error: unknown) => error instanceof Problem || log.error({ ...logFields(record), err: error }, 'a transfer failed unexpectedly'),
      )
      running.set(record.id, submission)
      return submission
    },
    async joinRunning(record) {
      const submission = await (running.get(record.id) ?? waitForSubmission(record))
      return { ...submission, replayed: !('problem' in submission.outcome) }
    },
    has: (id) => running.has(id),
    get size() {
      return running.size
    },
    async waitForAll() {
      await Promise.allSettled(running.values())
    },
  }
}
