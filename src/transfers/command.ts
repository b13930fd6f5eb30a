/** How a command is attempted: `executing` is committed, the command is sent, and what came of it is recorded (docs/architecture.md#exactly-once). */
import type { Conversation } from '../conversations/conversation.ts'
import type { Lease, LeaseStore } from '../ledger/contract/lease.ts'
import type { TransferStore } from '../ledger/contract/transfers.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { supersedeOlder } from './supersede.ts'
import type { Recorder } from './recorder.ts'
import type { RunStage } from './run-stage.ts'
import { logFields, type CreateStageContext, type Log } from './stage-context.ts'
import { execution, UnknownOutcome } from './stages/execution.ts'
import type { Patch } from './patch.ts'
import { transition, withStoredResponse, type TransitionNotes } from './transition.ts'

/** What came of a command. */
export type CommandResult =
  /** The platform accepted it. `superseded`: the older transfers of the conversation that ended because of that. */
  | { result: 'initiated'; record: TransferRecord; superseded: TransferRecord[] }
  /** The platform may have acted on it. */
  | { result: 'unknown' }
  /** Nothing was done. */
  | { result: 'refused'; error: unknown }

export interface CommandRunner {
  /** Commits `executing`: from here on the platform may have received the command. @throws StaleRecord, StoreUnavailable */
  begin(record: TransferRecord, patch?: Patch, notes?: Pick<TransitionNotes, 'detail' | 'personal'>): Promise<TransferRecord>
  /**
   * Sends the command of an `executing` transfer.
   * @param lease the term under which the attempt began: nothing is sent once it has expired
   * @param conversation as it was before the command, if it was read
   * @throws StaleRecord if another node has taken the transfer over; StoreUnavailable while closing
   */
  send(executing: TransferRecord, lease: Lease, conversation?: Conversation): Promise<CommandResult>
  /** Attempts the command once more, after proof that the attempt before did nothing. @throws StaleRecord, StoreUnavailable */
  attemptAgain(record: TransferRecord): Promise<CommandResult>
}

export interface CommandDependencies {
  ledger: Pick<TransferStore, 'findOpenTransfers'> & Pick<LeaseStore, 'currentLease'>
  recorder: Pick<Recorder, 'write' | 'writeWithRetry'>
  runStage: RunStage
  createStageContext: CreateStageContext
  /** Epoch ms. */
  clock: () => number
  /** Pauses for so many ms. */
  wait: (ms: number) => Promise<void>
  log: Log
}

export function createCommandRunner(dependencies: CommandDependencies): CommandRunner {
  const { ledger, recorder, runStage, createStageContext, clock, wait, log } = dependencies

  function begin(record: TransferRecord, patch: Patch = {}, notes: Pick<TransitionNotes, 'detail' | 'personal'> = {}) {
    const attempt = record.attempt + 1
    const detail = { ...notes.detail, attempt }
    return recorder.write(
      transition(record, 'executing', { ...patch, sentAt: clock(), attempt }, { ...notes, stage: 'execution', detail }, clock()),
    )
  }

  /** Records the acceptance however long that takes: the call has moved, and nothing may turn that into a refusal. */
  async function recordAcceptance(
    executing: TransferRecord,
    correlationId: string | undefined,
    conversation: Conversation | undefined,
  ): Promise<CommandResult> {
    const now = clock()
    const correlationIds = correlationId ? [...executing.correlationIds, correlationId] : executing.correlationIds
    const initiated = transition(
      executing,
      'initiated',
      { initiatedAt: now, latencyMs: now - executing.receivedAt, correlationIds },
      { stage: 'execution' },
      now,
    )
    const open = await ledger.findOpenTransfers(executing.conversationId).catch(() => [])
    const older = supersedeOlder(executing, open, conversation, now)
    const record = await recorder.writeWithRetry(withStoredResponse(initiated), older)
    return { result: 'initiated', record, superseded: older.map((change) => change.record) }
  }

  async function send(executing: TransferRecord, lease: Lease, conversation?: Conversation): Promise<CommandResult> {
    const context = createStageContext(executing, executing.deadlineAt)
    let correlationId: string | undefined
    try {
      const receipt = await runStage('execution', executing, execution(executing, context, wait, lease))
      correlationId = receipt.correlationId
    } catch (error) {
      // When a second attempt is refused, the first one may have reached the platform after all: only the conversation can tell.
      const isDefinite = !(error instanceof UnknownOutcome) && executing.attempt === 1
      if (isDefinite || !(error instanceof Error)) return { result: 'refused', error }
      log.warn(
        { ...logFields(executing), stage: 'execution', outcome: 'unknown', reason: error.message },
        'it is not known whether the call was moved',
      )
      return { result: 'unknown' }
    }
    return recordAcceptance(executing, correlationId, conversation)
  }

  return {
    begin,
    send,
    async attemptAgain(record) {
      const lease = ledger.currentLease()
      return send(await begin(record), lease)
    },
  }
}
