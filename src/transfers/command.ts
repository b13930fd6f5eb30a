/** Attempts a command: commits `executing`, sends the command, and records the result (docs/architecture.md#exactly-once). */
import type { Conversation } from '../conversations/conversation.ts'
import type { Lease, LeaseStore } from '../ledger/contract/lease.ts'
import type { TransferStore } from '../ledger/contract/transfers.ts'
import { isLaterHop } from '../model/hop.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { callbackPatch, isCallback } from './hops/callback.ts'
import { acceptHop } from './hops/hop-changes.ts'
import { supersedeOlder } from './supersede.ts'
import type { Recorder } from './recorder.ts'
import type { RunStage } from './run-stage.ts'
import { logFields, type CreateStageContext, type Log, type Rules } from './stage-context.ts'
import { execution, UnknownOutcome } from './stages/execution.ts'
import type { Patch } from './patch.ts'
import { transition, withStoredResponse, type TransitionNotes } from './transition.ts'

export type CommandResult =
  /**
   * The platform accepted the command: the transfer is now `initiated`, or `callback_created` if the command created a callback.
   * `superseded`: the older transfers of the conversation that ended because of that.
   */
  | { result: 'initiated'; record: TransferRecord; superseded: TransferRecord[] }
  /** The platform may have acted on the command. */
  | { result: 'unknown' }
  /** The platform has done nothing. */
  | { result: 'refused'; error: unknown }

export interface CommandRunner {
  /**
   * Commits `executing`: from here on the platform may have received the command.
   * @throws StaleRecord, ConversationLocked, StoreUnavailable
   */
  begin(record: TransferRecord, patch?: Patch, notes?: Pick<TransitionNotes, 'detail' | 'personal'>): Promise<TransferRecord>
  /**
   * Sends the command of an `executing` transfer.
   * @param lease the lease under which the attempt began: nothing is sent once it has expired
   * @param conversation as it was before the command, if it was read; shows whether an older transfer was picked up
   * @throws StaleRecord if another node has taken the transfer over; StoreUnavailable while closing
   */
  send(executing: TransferRecord, lease: Lease, conversation?: Conversation): Promise<CommandResult>
  /** Attempts the command once more, after proof that the previous attempt did nothing. @throws StaleRecord, StoreUnavailable */
  attemptAgain(record: TransferRecord): Promise<CommandResult>
}

export interface CommandDependencies {
  ledger: Pick<TransferStore, 'findOpenTransfers'> & Pick<LeaseStore, 'currentLease'>
  recorder: Pick<Recorder, 'write' | 'writeWithRetry'>
  rules: Pick<Rules, 'deadlineMs'>
  runStage: RunStage
  createStageContext: CreateStageContext
  /** Epoch ms. */
  clock: () => number
  /** Resolves after `ms`. */
  wait: (ms: number) => Promise<void>
  log: Log
}

export function createCommandRunner(dependencies: CommandDependencies): CommandRunner {
  const { ledger, recorder, rules, runStage, createStageContext, clock, wait, log } = dependencies

  function begin(record: TransferRecord, patch: Patch = {}, notes: Pick<TransitionNotes, 'detail' | 'personal'> = {}) {
    const attempt = record.attempt + 1
    const detail = { ...notes.detail, attempt }
    return recorder.write(
      transition(record, 'executing', { ...patch, sentAt: clock(), attempt }, { ...notes, stage: 'execution', detail }, clock()),
    )
  }

  /**
   * Records that the platform accepted the command. The write is retried without limit, because the call has moved and must not be reported
   * as refused.
   */
  async function recordAcceptance(
    executing: TransferRecord,
    correlationId: string | undefined,
    conversation: Conversation | undefined,
    openTransfers: Promise<TransferRecord[]>,
  ): Promise<CommandResult> {
    const now = clock()
    const correlationIds = correlationId ? [...executing.correlationIds, correlationId] : executing.correlationIds
    const accepted = isCallback(executing)
      ? transition(executing, 'callback_created', { ...callbackPatch(executing, now), correlationIds }, { stage: 'execution' }, now)
      : transition(executing, 'initiated', { ...acceptHop(executing, now), correlationIds }, { stage: 'execution' }, now)
    const older = supersedeOlder(executing, await openTransfers, conversation, now)
    const record = await recorder.writeWithRetry(withStoredResponse(accepted, executing), older)
    return { result: 'initiated', record, superseded: older.map((change) => change.record) }
  }

  async function send(executing: TransferRecord, lease: Lease, conversation?: Conversation): Promise<CommandResult> {
    const context = createStageContext(executing, executing.deadlineAt)
    // Read while the command is on its way: while this transfer is executing, no other transfer of its conversation can be opened. A later hop
    // need not read them, because the first hop has superseded the older transfers. A callback supersedes none: it does not move the call.
    const openTransfers =
      isLaterHop(executing) || isCallback(executing)
        ? Promise.resolve([])
        : ledger.findOpenTransfers(executing.conversationId).catch(() => [])
    let correlationId: string | undefined
    try {
      const receipt = await runStage('execution', executing, execution(executing, context, wait, lease))
      correlationId = receipt.correlationId
    } catch (error) {
      // When a second attempt is refused, the first one may have reached the platform after all: only the conversation shows that.
      const isDefinite = !(error instanceof UnknownOutcome) && executing.attempt === 1
      if (isDefinite || !(error instanceof Error)) return { result: 'refused', error }
      log.warn(
        { ...logFields(executing), stage: 'execution', outcome: 'unknown', reason: error.message },
        'it is not known whether the call was moved',
      )
      return { result: 'unknown' }
    }
    return recordAcceptance(executing, correlationId, conversation, openTransfers)
  }

  return {
    begin,
    send,
    async attemptAgain(record) {
      const lease = ledger.currentLease()
      // A callback may also be created after the deadline, because the caller is called back later anyway.
      const deadlineAt = isCallback(record) ? Math.max(record.deadlineAt, clock() + rules.deadlineMs) : record.deadlineAt
      return send(await begin(record, { deadlineAt }), lease)
    },
  }
}
