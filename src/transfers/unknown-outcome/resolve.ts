/** Resolves a transfer whose command may or may not have been acted on: reads the conversation and records what it proves (docs/reliability.md#unknown-outcomes). */
import { Problem } from '../../model/problems.ts'
import type { State } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Recorder } from '../recorder.ts'
import { logFields, type Log, type Rules, type StageContext } from '../stage-context.ts'
import { readConversation } from '../stages/validation.ts'
import type { Detail, Patch } from '../patch.ts'
import { transition, withStoredResponse } from '../transition.ts'
import { judgeUnknownOutcome, type Evidence } from './evidence.ts'

/** After this long without proof, ms, the transfer becomes `indeterminate`. Reading goes on. */
const unknownLimitMs = 45_000
/** How often a command is attempted: a second time only after proof that the first attempt did nothing. */
const maxAttempts = 2
/** When no further attempt can follow, there is no hurry: the call must have stayed where it was for this many times as long. */
const patientFactor = 3
const stage = 'execution'

export interface ResolverDependencies {
  recorder: Pick<Recorder, 'writeWithRetry'>
  rules: Pick<Rules, 'settleMs'>
  /** Epoch ms. */
  clock: () => number
  log: Log
}

/**
 * Reads the conversation once.
 * @param unknownSince when this node began to resolve the outcome, epoch ms
 * @returns the record afterwards, unchanged while nothing is proved; or that the command did nothing and should be attempted again
 * @throws StaleRecord; StoreUnavailable while closing
 */
export type ResolveUnknownOutcome = (
  record: TransferRecord,
  context: StageContext,
  unknownSince: number,
) => Promise<TransferRecord | 'attempt_again'>

export function createResolver({ recorder, rules, clock, log }: ResolverDependencies): ResolveUnknownOutcome {
  const canAttemptAgain = ({ state, attempt, deadlineAt }: TransferRecord): boolean =>
    state === 'executing' && attempt < maxAttempts && clock() < deadlineAt

  async function findEvidence(record: TransferRecord, context: StageContext, unknownForMs: number, settleMs: number): Promise<Evidence> {
    try {
      return judgeUnknownOutcome(record, await readConversation(record, context, stage), unknownForMs, settleMs)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return { found: 'unclear' }
    }
  }

  const resolveAs = (record: TransferRecord, to: State, patch: Patch, now: number, detail?: Detail): Promise<TransferRecord> =>
    recorder.writeWithRetry(withStoredResponse(transition(record, to, patch, { stage, ...(detail && { detail }) }, now)))

  function markIndeterminate(record: TransferRecord, now: number): Promise<TransferRecord> {
    log.error({ ...logFields(record), stage, outcome: 'indeterminate', alert: true }, 'it cannot be found out whether the call was moved')
    const patch: Patch = { code: 'OUTCOME_UNKNOWN', message: 'The platform does not tell whether it moved the call.' }
    // No stored response: an operator or a later read may still find out.
    return recorder.writeWithRetry(transition(record, 'indeterminate', patch, { stage }, now))
  }

  return async (record, context, unknownSince) => {
    const unknownForMs = clock() - unknownSince
    const canRetry = canAttemptAgain(record)
    const evidence = await findEvidence(record, context, unknownForMs, canRetry ? rules.settleMs : rules.settleMs * patientFactor)
    const now = clock()
    switch (evidence.found) {
      case 'moved': {
        const patch: Patch = { initiatedAt: now, latencyMs: now - record.receivedAt, code: null, message: null }
        return resolveAs(record, 'initiated', patch, now, { via: 'reconciliation' })
      }
      case 'failed':
        return resolveAs(record, 'failed', { code: 'TRANSFER_FAILED', message: `The transfer did not happen: ${evidence.reason}.` }, now)
      case 'not_executed': {
        if (!evidence.hasEnded && canRetry) return 'attempt_again'
        const patch: Patch = evidence.hasEnded
          ? { code: 'CONVERSATION_ENDED', message: 'The caller hung up before the platform moved the call.' }
          : { code: 'EXPIRED', message: 'The platform did not move the call, and the deadline has passed; nothing was done.' }
        return resolveAs(record, 'rejected', patch, now)
      }
      case 'unclear':
        return record.state === 'executing' && unknownForMs > unknownLimitMs ? markIndeterminate(record, now) : record
    }
  }
}
