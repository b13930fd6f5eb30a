/** The entrance to the pipeline: a request gets its answer by its deadline, and transfers of an earlier run are continued. */
import { setTimeout as wait } from 'node:timers/promises'
import { canSee } from '../auth/restriction.ts'
import type { Ledger } from '../ledger/contract/ledger.ts'
import { Problem } from '../model/problems.ts'
import { isFinal } from '../model/states.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { createChecks } from './checks.ts'
import { createCommandRunner } from './command.ts'
import type { Feed } from './pickup/event-subscriptions.ts'
import { createWatcher } from './pickup/watcher.ts'
import { withPastMoments } from '../model/past-moments.ts'
import { createPipeline } from './pipeline.ts'
import { problemOf } from './platform-problem.ts'
import { createRecorder, type Audience } from './recorder.ts'
import { createReject } from './reject.ts'
import { createAdmission, type AdmissionTicket } from './request/admission.ts'
import { createDryRun } from './submission/dry-run.ts'
import type { Requester } from './request/new-transfer.ts'
import type { NormalizedRequest } from './request/normalize-request.ts'
import { createOpen } from './submission/open.ts'
import type { ResponseCodec } from './request/outcome.ts'
import { createRecentConversations } from './submission/recent-conversations.ts'
import { createRunningTransfers, type Submission } from './submission/running-transfers.ts'
import { createRunStage } from './run-stage.ts'
import type { CreateStageContext, Log, Rules } from './stage-context.ts'
import { noopObservers, type Observers } from './stage-metrics.ts'
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
  audience: Audience
  observers?: Observers | undefined
  /** Undefined: everything is polled. */
  feed?: Feed | undefined
}

export interface TransferService {
  /**
   * Answers a request by its deadline, whatever happens. Refusals are outcomes too.
   * @param receivedAt epoch ms when the request arrived
   */
  submit(request: NormalizedRequest, requester: Requester, receivedAt: number): Promise<Submission>
  /**
   * Gives an indeterminate transfer the outcome that an operator has found.
   * @param reason in the operator's words
   * @throws Problem NOT_FOUND, also if the operator's key may not see the transfer; STATE_CONFLICT, STORE_UNAVAILABLE
   */
  settle(id: string, to: Settlement, reason: string, operator: Requester): Promise<TransferRecord>
  /** Continues transfers that were taken over from another node, or left by an earlier run. */
  resume(records: TransferRecord[]): void
  /** How many transfers are watched. */
  readonly watching: number
  /** How many transfers have callers that wait for an answer. */
  readonly underWay: number
  /** With so many requests under way, further ones are refused. */
  readonly limit: number
  /** Waits until every caller is answered, then stops. */
  close(): Promise<void>
}

/** Requests under way at the same time, however fast they are answered. */
const maxUnderWay = 2_000
/** Twice as many conversations as requests can be under way, because a repeat may also come after the answer. */
const recentConversationsKept = 2 * maxUnderWay

export function createTransferService(dependencies: TransferServiceDependencies): TransferService {
  const { ledger, rules, clock, log, codec, createStageContext, observers = noopObservers, feed } = dependencies
  let hasAnsweredAll = false
  const isClosing = (): boolean => hasAnsweredAll
  const shared = { ledger, rules, clock, log, codec, createStageContext, observers, feed, wait, isClosing }
  const recorder = createRecorder({ ...shared, audience: dependencies.audience })
  const runStage = createRunStage(log, observers, clock)
  const runChecks = createChecks(createStageContext, runStage)
  const commands = createCommandRunner({ ...shared, recorder, runStage })
  const watcher = createWatcher({ ...shared, recorder, commands })
  const reject = createReject({ ...shared, recorder, watcher })
  const run = createPipeline({ ...shared, recorder, runChecks, commands, watcher, reject })
  const running = createRunningTransfers({ ...shared, run, watcher })
  const recentConversations = createRecentConversations(recentConversationsKept)
  const onStart = ({ conversationId }: TransferRecord): void => recentConversations.add(conversationId)
  const open = createOpen({ ...shared, running, onStart })
  const dryRun = createDryRun({ ...shared, runChecks })
  const admission = createAdmission(clock)

  /**
   * Admits a request. A repeat of a transfer that this node ran recently bypasses the estimate: it is cheap, and must not be told that
   * nothing was done. Only the ledger can recognize other repeats; they may be refused, and are sent again after Retry-After.
   * @throws Problem OVERLOADED, before anything is written or the platform is asked
   */
  function admit({ conversationId, mode, deadlineMs = rules.deadlineMs }: NormalizedRequest, receivedAt: number): AdmissionTicket {
    const underWay = Math.max(running.size, admission.underWay)
    if (underWay >= maxUnderWay) throw new Problem('OVERLOADED', `${underWay} requests are under way.`)
    const deadlineAt = receivedAt + deadlineMs
    const isRepeat = mode !== 'dryRun' && recentConversations.has(conversationId)
    const refusal = isRepeat ? undefined : admission.refusal(deadlineAt)
    if (refusal) throw refusal
    return admission.enter(receivedAt, deadlineAt)
  }

  /** Watches a transfer that an earlier run has left. */
  async function watch(record: TransferRecord): Promise<void> {
    const corrected = withPastMoments(record, clock())
    // A failure of this write is ignored: without the correction, the transfer is only watched for longer.
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
        const record = await ledger.findTransfer(id)
        if (!record || !canSee(operator, record)) throw new Problem('NOT_FOUND', `There is no transfer ${id}.`)
        if (!(await recorder.forceWrite(operatorSettlement(record, to, reason, operator.id, clock()))))
          throw new Problem('STATE_CONFLICT', `Transfer ${id} was settled meanwhile.`, { transferId: id })
        const settled = (await ledger.findTransfer(id)) ?? record
        watcher.drop(id)
        if (!isFinal(settled.state)) watcher.add(settled)
        return settled
      } catch (error) {
        throw problemOf(error) ?? error
      }
    },
    resume(records) {
      for (const record of records) {
        if (running.has(record.id) || watcher.has(record.id)) continue
        if (record.state !== 'accepted') void watch(record)
        else {
          onStart(record)
          running.start(withPastMoments(record, clock())).catch(() => {})
        }
      }
    },
    get watching() {
      return watcher.size
    },
    get underWay() {
      return running.size
    },
    get limit() {
      return Math.min(maxUnderWay, admission.limit(rules.deadlineMs))
    },
    async close() {
      await running.waitForAll()
      // No caller waits for an answer any more. The next start finds out, and writes, what cannot be written now.
      hasAnsweredAll = true
      await watcher.close()
    },
  }
}
