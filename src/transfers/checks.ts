/** Runs validation and verification at the same time, so that the caller waits for only one round trip to the platform. */
import { requireAllowedTargets } from '../auth/restriction.ts'
import { hasWaitingCallback } from '../conversations/callback.ts'
import type { Participant } from '../conversations/conversation.ts'
import { waitUntilReadsAreWritten } from '../genesys/http/transport.ts'
import { normalizePhoneNumber } from '../model/formats/phone-number.ts'
import type { NormalizedTarget } from '../model/target.ts'
import type { TransferRecord } from '../model/transfer.ts'
import type { Findings } from './findings.ts'
import { listCandidates, overflowDelayMs } from './request/candidates.ts'
import { requireUpcomingCallbacks } from './request/normalize-target.ts'
import type { RunStage } from './run-stage.ts'
import type { CreateStageContext } from './stage-context.ts'
import { checkLedgerHistory, validation } from './stages/validation.ts'
import { verification } from './stages/verification.ts'

/**
 * Checks a transfer before its call is moved, and returns what both stages found.
 * @param targets the target in normal form, then the fallbacks
 * @throws Problem: first of all for a target that the API key may not use, then for a callback in the past; that of validation if both stages
 *   refuse
 */
export type RunChecks = (record: TransferRecord, targets: readonly NormalizedTarget[]) => Promise<Findings>

/**
 * The number in the customer's address, in E.164 form; undefined if there is none, or if it is ambiguous (docs/genesys-cloud.md rule 25).
 */
function callerNumberOf({ legs }: Participant): string | undefined {
  const address = legs.find((leg) => leg.address !== undefined)?.address ?? ''
  return normalizePhoneNumber(address.replace(/^sips?:|@.*$|;.*$/g, ''))
}

export function createChecks(createStageContext: CreateStageContext, runStage: RunStage): RunChecks {
  return async (record, targets) => {
    const context = createStageContext(record, record.deadlineAt)
    requireAllowedTargets(record.allowedQueues, targets)
    requireUpcomingCallbacks(targets, record.receivedAt)
    const candidates = listCandidates(targets, record.allowedQueues, context.rules)
    const [first] = candidates
    // A call that a bulk transfer would move, but that is at its target by now, has left the queue: it is no loop. Validation checks both.
    if (!record.bulk) checkLedgerHistory(record, first, context.rules.maxDepth)
    const validating = runStage('validation', record, validation(record, first, context))
    const caller = validating.then(({ customer, conversation }) => ({
      number: callerNumberOf(customer),
      hasCallback: hasWaitingCallback(conversation),
    }))
    // Both are awaited below; a rejection before that must not count as unhandled.
    validating.catch(() => {})
    caller.catch(() => {})
    // Verification starts once the request for the conversation has been sent, because its work would delay that request.
    await waitUntilReadsAreWritten()
    if (record.mode === 'execute') context.genesys.prepareCommand()
    const [validated, verified] = await Promise.allSettled([
      validating,
      runStage('verification', record, verification(record, candidates, context, undefined, caller)),
    ])
    if (validated.status === 'rejected') throw validated.reason
    if (verified.status === 'rejected') throw verified.reason
    return { ...validated.value, ...verified.value, overflowAfterMs: overflowDelayMs(candidates, verified.value.index) }
  }
}
