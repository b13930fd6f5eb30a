/** Runs the first two stages, validation and verification, at the same time: the caller waits for one round trip to the platform. */
import { untilReadsAreWritten } from '../genesys/http/transport.ts'
import type { NormalizedTarget } from '../model/target.ts'
import type { TransferRecord } from '../model/transfer.ts'
import type { Findings } from './findings.ts'
import { listCandidates } from './request/candidates.ts'
import type { RunStage } from './run-stage.ts'
import type { CreateStageContext } from './stage-context.ts'
import { checkLedgerHistory, validation } from './stages/validation.ts'
import { verification } from './stages/verification.ts'

/**
 * @param targets the target in normal form, then the fallbacks
 * @throws Problem; if both stages refuse, validation's
 */
export type RunChecks = (record: TransferRecord, targets: readonly NormalizedTarget[]) => Promise<Findings>

export function createChecks(createStageContext: CreateStageContext, runStage: RunStage): RunChecks {
  return async (record, targets) => {
    const context = createStageContext(record, record.deadlineAt)
    const candidates = listCandidates(targets, context.allowedQueues, context.rules)
    const [{ place }] = candidates
    checkLedgerHistory(record, place, context.rules.maxDepth)
    const validating = runStage('validation', record, validation(record, place, context))
    // Its rejection is handled below; until then it must not count as unhandled.
    validating.catch(() => {})
    // Verification starts once the request for the conversation has been sent: its work would only delay that request.
    await untilReadsAreWritten()
    if (record.mode === 'execute') context.genesys.prepareCommand()
    const [validated, verified] = await Promise.allSettled([
      validating,
      runStage('verification', record, verification(record, candidates, context)),
    ])
    if (validated.status === 'rejected') throw validated.reason
    if (verified.status === 'rejected') throw verified.reason
    return { ...validated.value, ...verified.value }
  }
}
