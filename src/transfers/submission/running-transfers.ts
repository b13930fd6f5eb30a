/** The transfers whose callers this node has yet to answer, and how each caller gets its answer by the deadline. */
import { StaleRecord } from '../../ledger/contract/errors.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import { Problem } from '../../model/problems.ts'
import type { NormalizedTarget } from '../../model/target.ts'
import { asTransfer, type TransferRecord } from '../../model/transfer.ts'
import type { Watcher } from '../pickup/watcher.ts'
import type { RunTransfer } from '../pipeline.ts'
import { logFields, type Log } from '../stage-context.ts'
import { hasProgressed, findRefusal, type Outcome, type ResponseCodec } from '../request/outcome.ts'
import { waitForOutcome } from './wait-for-other-node.ts'

/** From a transfer's deadline until its caller is told that the outcome is unknown, ms: time for the pipeline to notice the deadline itself. */
const graceMs = 250

/** What a request leads to. */
export interface Submission {
  outcome: Outcome
  /** Whether the outcome belongs to an earlier request. */
  replayed: boolean
  /** The transfer that the outcome is about, if it is in the ledger. */
  transferId?: string
}

export interface RunningTransfersDependencies {
  ledger: Pick<TransferStore, 'findTransfer' | 'findStoredResponse'>
  codec: Pick<ResponseCodec, 'decode'>
  /** Epoch ms. */
  clock: () => number
  /** Pauses for so many ms. */
  wait: (ms: number) => Promise<void>
  log: Log
  run: RunTransfer
  watcher: Pick<Watcher, 'has' | 'add'>
}

export interface RunningTransfers {
  /** Runs a transfer and answers its caller by the deadline. @throws Problem, StoreUnavailable, or an unexpected error */
  start(record: TransferRecord, targets?: readonly NormalizedTarget[]): Promise<Submission>
  /** Waits for the outcome of a transfer that runs already, on this node or on another one. @throws as `start` */
  joinRunning(record: TransferRecord): Promise<Submission>
  has(id: string): boolean
  readonly size: number
  /** Waits until every caller is answered. */
  waitForAll(): Promise<void>
}

export function createRunningTransfers(dependencies: RunningTransfersDependencies): RunningTransfers {
  const { ledger, codec, clock, log, run, watcher } = dependencies
  const running = new Map<string, Promise<Submission>>()

  /** The outcome that a repeat of the request with the same key gets. */
  async function submissionOf(record: TransferRecord): Promise<Submission> {
    const common = { transferId: record.id, replayed: false }
    const problem = findRefusal(record)
    if (problem) return { outcome: { problem }, ...common }
    const stored = hasProgressed(record) ? await ledger.findStoredResponse(record.id).catch(() => undefined) : undefined
    return { outcome: stored ? codec.decode(stored) : { transfer: asTransfer(record) }, ...common }
  }

  /** Waits for the outcome of a transfer that this node is not running. */
  const waitForSubmission = async (record: TransferRecord): Promise<Submission> => submissionOf(await waitForOutcome(record, dependencies))

  /** Runs a transfer and answers its caller: with what became of it, or at the deadline with what is known by then. */
  async function answerByDeadline(record: TransferRecord, targets: readonly NormalizedTarget[] | undefined): Promise<Submission> {
    let timer: NodeJS.Timeout | undefined
    const atDeadline = new Promise<TransferRecord | undefined>((resolve) => {
      const read = (): void => resolve(ledger.findTransfer(record.id).catch(() => undefined))
      timer = setTimeout(read, Math.max(0, record.deadlineAt - clock()) + graceMs)
    })
    try {
      return await submissionOf((await Promise.race([run(record, targets), atDeadline])) ?? { ...record, state: 'executing' })
    } catch (error) {
      if (!(error instanceof StaleRecord)) throw error
      // Another node has taken the transfer over, or a write that was reported as failed was committed: what is stored counts.
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
