/**
 * The service behind the routes: answers requests by their deadline, settles and changes transfers, and continues those of an earlier run.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Ledger } from '../ledger/contract/ledger.ts'
import { Problem } from '../model/problems.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { createChangeTransfer, type ChangeTransfer } from './changes/change-transfer.ts'
import { createUpdateStored } from './changes/update-stored.ts'
import { createChecks } from './checks.ts'
import { createCommandRunner } from './command.ts'
import type { Feed } from './pickup/event-subscriptions.ts'
import { createWatcher } from './pickup/watcher.ts'
import { moveTimesIntoPast } from '../model/past-moments.ts'
import { createPipeline } from './pipeline.ts'
import { problemOf } from './platform-problem.ts'
import { createRecorder, type FindEndpointIds } from './recorder.ts'
import { createReject } from './reject.ts'
import { createAdmission, type AdmissionTicket } from './request/admission.ts'
import { createDryRun } from './submission/dry-run.ts'
import type { Requester } from './request/new-transfer.ts'
import type { NormalizedRequest } from './request/normalize-request.ts'
import { createOpen } from './submission/open.ts'
import type { ResponseCodec } from './request/outcome.ts'
import { createRecentConversations } from './submission/recent-conversations.ts'
import { createRunningTransfers, type Submit } from './submission/running-transfers.ts'
import { adoptCopy } from './restored/adopt-copy.ts'
import { createRunStage } from './run-stage.ts'
import type { CreateStageContext, Log, Rules } from './stage-context.ts'
import { noopObservers, type PipelineObservers } from './stage-metrics.ts'
import { annotate } from './transition.ts'
import { operatorSettlement, type Settlement } from './unknown-outcome/operator-settlement.ts'

export interface TransferServiceDependencies {
  ledger: Ledger
  rules: Rules
  /** Epoch ms. */
  clock: () => number
  log: Log
  createStageContext: CreateStageContext
  codec: ResponseCodec
  findEndpointIds: FindEndpointIds
  observers?: PipelineObservers | undefined
  /** Undefined: everything is polled. */
  feed?: Feed | undefined
}

export interface TransferService {
  submit: Submit
  /**
   * Ends the uncertainty about an indeterminate transfer with the outcome that an operator has found.
   * @param reason in the operator's words
   * @throws Problem NOT_FOUND, also if the operator's key may not see the transfer; STATE_CONFLICT, STORE_UNAVAILABLE
   */
  settle(id: string, to: Settlement, reason: string, operator: Requester): Promise<TransferRecord>
  /**
   * Changes skills, priority or preferred agents of a call that waits in a queue.
   * @returns the transfer once the change is stored; the platform gets the new values soon after that
   * @throws Problem NOT_FOUND, also if the requester's key may not see the transfer; STATE_CONFLICT, TARGET_NOT_FOUND, TARGET_INACTIVE,
   *   STORE_UNAVAILABLE, or what a failure of the platform means
   */
  change: ChangeTransfer
  /** Holds back what was open if the ledger is a copy. Must be called before `resume`. @throws StoreUnavailable */
  adoptCopy(): Promise<void>
  /** Continues transfers that were taken over from another node, or left by an earlier run. */
  resume(records: TransferRecord[]): void
  /** Number of transfers whose calls are watched. */
  readonly watchedTransfers: number
  /** For how long the poll of a watched transfer that is most overdue, or running longest, has been so, ms; 0: none is. */
  readonly watchOverdueMs: number
  /** Number of transfers whose callers wait for an answer. */
  readonly requestsInProgress: number
  /** With this many requests in progress, further ones are refused. */
  readonly requestLimit: number
  /** Waits until every caller is answered, then stops. */
  close(): Promise<void>
}

/** The most requests in progress at the same time, however fast they are answered: it bounds the memory. */
const maxRequestsInProgress = 2_000
/** Twice as many as requests can be in progress, because a repeat may also come after the answer. */
const recentConversationsCapacity = 2 * maxRequestsInProgress

export function createTransferService(dependencies: TransferServiceDependencies): TransferService {
  const { ledger, rules, clock, log, codec, createStageContext, observers = noopObservers, feed } = dependencies
  let hasAnsweredAll = false
  const isClosing = (): boolean => hasAnsweredAll
  const shared = { ledger, rules, clock, log, codec, createStageContext, observers, feed, wait, isClosing }
  const recorder = createRecorder({ ...shared, findEndpointIds: dependencies.findEndpointIds })
  const runStage = createRunStage(log, observers, clock)
  const runChecks = createChecks(createStageContext, runStage)
  const commands = createCommandRunner({ ...shared, recorder, runStage })
  const watcher = createWatcher({ ...shared, recorder, commands })
  const reject = createReject({ ...shared, recorder, watcher })
  const run = createPipeline({ ...shared, recorder, runChecks, commands, watcher, reject })
  const updateStored = createUpdateStored({ ledger, recorder, watcher })
  const changeTransfer = createChangeTransfer({ ...shared, runStage, updateStored })
  const running = createRunningTransfers({ ...shared, run, watcher })
  const recentConversations = createRecentConversations(recentConversationsCapacity)
  const open = createOpen({ ...shared, running, recentConversations })
  const dryRun = createDryRun({ ...shared, runChecks })
  const admission = createAdmission(clock)

  /**
   * Admits a request. A request about a conversation that this node transferred recently skips the estimate: it is probably a repeat, which
   * is cheap and must not be told that nothing was done. Only the ledger can recognize other repeats; they may be refused, and are sent
   * again after Retry-After.
   * @throws Problem OVERLOADED, before anything is written and before the platform is asked
   */
  function admit({ conversationId, mode, deadlineMs = rules.deadlineMs }: NormalizedRequest, receivedAt: number): AdmissionTicket {
    const requestsInProgress = Math.max(running.size, admission.requestsInProgress)
    if (requestsInProgress >= maxRequestsInProgress) throw new Problem('OVERLOADED', `${requestsInProgress} requests are in progress.`)
    const deadlineAt = receivedAt + deadlineMs
    const isRepeat = mode !== 'dryRun' && recentConversations.has(conversationId)
    const refusal = isRepeat ? undefined : admission.refusal(deadlineAt)
    if (refusal) throw refusal
    return admission.enter(receivedAt, deadlineAt)
  }

  /** Watches a transfer that another node or an earlier run has left, with its times corrected if they are in the future. */
  async function watch(record: TransferRecord): Promise<void> {
    const corrected = moveTimesIntoPast(record, clock())
    // A failure of this write is ignored: without the correction, the transfer is watched for longer, and nothing else.
    if (corrected !== record) await recorder.write(annotate(corrected, {})).catch(() => {})
    watcher.add(record)
  }

  return {
    async submit(request, requester, receivedAt) {
      let ticket: AdmissionTicket | undefined
      try {
        ticket = admit(request, receivedAt)
        return await (request.mode === 'dryRun' ? dryRun : open)(request, requester, receivedAt, ticket)
      } catch (error) {
        const problem = problemOf(error)
        if (!problem) throw error
        return { outcome: { problem }, replayed: false }
      } finally {
        ticket?.release()
      }
    },
    async settle(id, to, reason, operator) {
      try {
        return await updateStored(id, operator, (stored) => {
          const settled = operatorSettlement(stored, to, reason, operator.id, clock())
          return { ...settled, record: { ...settled.record, owner: ledger.nodeId } }
        })
      } catch (error) {
        throw problemOf(error) ?? error
      }
    },
    async change(id, change, requester) {
      try {
        return await changeTransfer(id, change, requester)
      } catch (error) {
        throw problemOf(error) ?? error
      }
    },
    adoptCopy: () => adoptCopy({ ledger, recorder, clock, log }),
    resume(records) {
      for (const record of records) {
        if (running.has(record.id)) continue
        if (watcher.has(record.id)) {
          // Another node may have taken the transfer over for a while, and changed it.
          if (record.state === 'initiated') watcher.refresh(record)
        } else if (record.state !== 'accepted') void watch(record)
        else {
          recentConversations.add(record.conversationId)
          running.start(moveTimesIntoPast(record, clock())).catch(() => {})
        }
      }
    },
    get watchedTransfers() {
      return watcher.size
    },
    get watchOverdueMs() {
      return watcher.overdueMs
    },
    get requestsInProgress() {
      return running.size
    },
    get requestLimit() {
      return Math.min(maxRequestsInProgress, admission.limit(rules.deadlineMs))
    },
    async close() {
      await running.waitForAll()
      // No caller waits for an answer any more, so failed writes are no longer retried. The next start resolves those transfers.
      hasAnsweredAll = true
      await watcher.close()
    },
  }
}
