/** Runs the first two stages, validation and verification, at the same time: the caller waits for one round trip to the platform. */
import { requireAllowedTargets } from '../auth/restriction.ts'
import type { Participant } from '../conversations/conversation.ts'
import { untilReadsAreWritten } from '../genesys/http/transport.ts'
import { normalizePhoneNumber } from '../model/phone-number.ts'
import type { NormalizedTarget } from '../model/target.ts'
import type { TransferRecord } from '../model/transfer.ts'
import type { Findings } from './findings.ts'
import { listCandidates, overflowDelay } from './request/candidates.ts'
import type { RunStage } from './run-stage.ts'
import type { CreateStageContext } from './stage-context.ts'
import { checkLedgerHistory, validation } from './stages/validation.ts'
import { verification } from './stages/verification.ts'

/**
 * @param targets the target in normal form, then the fallbacks
 * @throws Problem: for a target that the key may not use, before anything else; if both stages refuse, validation's
 */
export type RunChecks = (record: TransferRecord, targets: readonly NormalizedTarget[]) => Promise<Findings>

/** The caller's number in E.164 form; undefined if the platform does not show it, or not clearly (docs/genesys-cloud.md rule 25). */
function callerNumberOf({ legs }: Participant): string | undefined {
  const address = legs.find((leg) => leg.address !== undefined)?.address ?? ''
  return normalizePhoneNumber(address.replace(/^sips?:|@.*$|;.*$/g, ''))
}

export function createChecks(createStageContext: CreateStageContext, runStage: RunStage): RunChecks {
  return async (record, targets) => {
    const context = createStageContext(record, record.deadlineAt)
    requireAllowedTargets(record.allowedQueues, targets)
    const candidates = listCandidates(targets, record.allowedQueues, context.rules)
    const [{ place }] = candidates
    checkLedgerHistory(record, place, context.rules.maxDepth)
    const validating = runStage('validation', record, validation(record, place, context))
    // Its rejection is handled below; until then it must not count as unhandled.
    validating.catch(() => {})
    const callerNumber = validating.then(({ customer }) => callerNumberOf(customer))
    callerNumber.catch(() => {})
    // Verification starts once the request for the conversation has been sent: its work would only delay that request.
    await untilReadsAreWritten()
    if (record.mode === 'execute') context.genesys.prepareCommand()
    const [validated, verified] = await Promise.allSettled([
      validating,
      runStage('verification', record, verification(record, candidates, context, 0, callerNumber)),
    ])
    if (validated.status === 'rejected') throw validated.reason
    if (verified.status === 'rejected') throw verified.reason
    return { ...validated.value, ...verified.value, overflowAfterMs: overflowDelay(candidates, verified.value.index) }
  }
}
