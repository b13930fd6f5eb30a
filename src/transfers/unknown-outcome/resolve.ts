/**
 * Resolves a transfer whose command may have had an effect: reads the conversation and records what it proves
 * (docs/reliability.md#unknown-outcomes).
 */
import { Problem } from '../../model/problems.ts'
import { isLaterHop } from '../../model/hop.ts'
import type { State } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Recorder } from '../recorder.ts'
import { logFields, type Log, type Rules, type StageContext } from '../stage-context.ts'
import { readConversation } from '../stages/validation.ts'
import type { Detail, Patch } from '../patch.ts'
import { callbackPatch, describeCommand, isCallback } from '../hops/callback.ts'
import { acceptHop } from '../hops/hop-changes.ts'
import { stayAtEarlierHop, transition, withStoredResponse } from '../transition.ts'
import { isUnjudgeable, judgeUnknownOutcome, type Evidence } from './evidence.ts'

/** After this long without proof, ms, the transfer becomes `indeterminate`. The conversation is still read after that. */
const unknownLimitMs = 45_000
/** How often a command is attempted in total: the second time only after proof that the first attempt did nothing. */
const maxAttempts = 2
/**
 * The factor for the time without an effect after which the command counts as not executed, where a mistake is worse than a delay: if no
 * further attempt can follow, so that there is no hurry, and for a callback, because a late command would create a second one.
 */
const patientFactor = 3
const stage = 'execution'

export interface ResolverDependencies {
  recorder: Pick<Recorder, 'writeWithRetry'>
  rules: Pick<Rules, 'notExecutedAfterMs'>
  /** Epoch ms. */
  clock: () => number
  log: Log
}

/**
 * Reads the conversation once.
 * @param unknownSince when this node first read the conversation to resolve the outcome, epoch ms
 * @returns the new record; the same record while nothing is proved; `attempt_again` if the command did nothing and should be sent again
 * @throws StaleRecord; StoreUnavailable while closing
 */
export type ResolveUnknownOutcome = (
  record: TransferRecord,
  context: StageContext,
  unknownSince: number,
) => Promise<TransferRecord | 'attempt_again'>

export function createResolver({ recorder, rules, clock, log }: ResolverDependencies): ResolveUnknownOutcome {
  // After the deadline it is too late to move the call, but not to create a callback.
  const canAttemptAgain = (record: TransferRecord): boolean =>
    record.state === 'executing' &&
    record.restoredAt === undefined &&
    record.attempt < maxAttempts &&
    (isCallback(record) || clock() < record.deadlineAt)

  async function findEvidence(
    record: TransferRecord,
    context: StageContext,
    unknownForMs: number,
    notExecutedAfterMs: number,
  ): Promise<Evidence> {
    if (isUnjudgeable(record)) return { found: 'unclear' }
    try {
      return judgeUnknownOutcome(record, await readConversation(record, context, stage), unknownForMs, notExecutedAfterMs, clock())
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return { found: 'unclear' }
    }
  }

  /** Records the proved state. */
  const resolveAs = (record: TransferRecord, to: State, patch: Patch, now: number, detail?: Detail): Promise<TransferRecord> =>
    recorder.writeWithRetry(withStoredResponse(transition(record, to, patch, { stage, ...(detail && { detail }) }, now), record))

  function markIndeterminate(record: TransferRecord, now: number): Promise<TransferRecord> {
    log.error({ ...logFields(record), stage, outcome: 'indeterminate', alert: true }, 'it cannot be found out what the platform did')
    const patch: Patch = { code: 'OUTCOME_UNKNOWN', message: `The platform does not tell whether it ${describeCommand(record)}.` }
    // No response is stored, because an operator or a later read may still find the outcome.
    return recorder.writeWithRetry(transition(record, 'indeterminate', patch, { stage }, now))
  }

  /** Records that the call has not moved on, so that it is watched at its earlier hop. */
  const stay = (record: TransferRecord, now: number, returned: string, isRefused: boolean): Promise<TransferRecord> =>
    recorder.writeWithRetry(stayAtEarlierHop(record, now, { returned, isRefused }))

  return async (record, context, unknownSince) => {
    const unknownForMs = clock() - unknownSince
    const canRetry = canAttemptAgain(record)
    const isPatient = !canRetry || isCallback(record)
    const evidence = await findEvidence(
      record,
      context,
      unknownForMs,
      isPatient ? rules.notExecutedAfterMs * patientFactor : rules.notExecutedAfterMs,
    )
    const now = clock()
    switch (evidence.found) {
      case 'moved': {
        const detail = { via: 'reconciliation' }
        if (isCallback(record)) return resolveAs(record, 'callback_created', callbackPatch(record, now), now, detail)
        const patch: Patch = { ...acceptHop(record, now), code: null, message: null }
        return resolveAs(record, 'initiated', patch, now, detail)
      }
      case 'failed': {
        const patch: Patch = { code: 'TRANSFER_FAILED', message: `The transfer did not happen: ${evidence.reason}.` }
        // A later hop that has failed counts as accepted: the call has left its earlier hop.
        return resolveAs(record, 'failed', { ...(isLaterHop(record) && acceptHop(record, now)), ...patch }, now)
      }
      case 'stayed':
        return stay(record, now, evidence.reason, true)
      case 'not_executed': {
        if (evidence.callHas === 'stayed' && canRetry) return 'attempt_again'
        if (isLaterHop(record)) return stay(record, now, 'the platform did not move the call', false)
        const act = isCallback(record) ? 'create the callback' : 'move the call'
        const patches: Record<typeof evidence.callHas, Patch> = {
          ended: { code: 'CONVERSATION_ENDED', message: `The caller hung up, and the platform did not ${act}.` },
          moved: { code: 'GENESYS_CONFLICT', message: `Another participant took over the call, and the platform did not ${act}.` },
          stayed: { code: 'EXPIRED', message: `The platform did not ${act}, and the deadline has passed; nothing was done.` },
        }
        return resolveAs(record, 'rejected', patches[evidence.callHas], now)
      }
      case 'unclear':
        return record.state === 'executing' && unknownForMs > unknownLimitMs ? markIndeterminate(record, now) : record
    }
  }
}
