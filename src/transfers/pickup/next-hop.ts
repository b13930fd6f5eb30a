/**
 * Finds the place to which an unanswered call moves on: the next candidate that can take it now, by the same rules as before the first
 * move.
 */
import { Problem } from '../../model/problems.ts'
import { isQueuedTarget, type ResolvedTarget } from '../../model/target.ts'
import { priorityLimits, type TransferRecord } from '../../model/transfer.ts'
import { choiceDetail } from '../findings.ts'
import { staysInQueue, type NextHop } from '../hops/hop-changes.ts'
import { raisedPriority } from '../hops/hop-times.ts'
import type { Detail } from '../patch.ts'
import { listCandidates, overflowDelayMs, type Candidate } from '../request/candidates.ts'
import { normalizeTargets } from '../request/normalize-target.ts'
import { problemOf } from '../platform-problem.ts'
import type { Rules, StageContext } from '../stage-context.ts'
import { verification, type Verified } from '../stages/verification.ts'

/**
 * Verifies one candidate. A wrong candidate, which would refuse a new request, is only passed over here: the caller is waiting.
 * @returns the verified candidate, or the reason why it cannot take the call
 */
async function verifyCandidate(
  record: TransferRecord,
  candidates: readonly Candidate[],
  index: number,
  context: StageContext,
): Promise<Verified | string> {
  try {
    return await verification(record, candidates, context, index)
  } catch (error) {
    const problem = problemOf(error)
    if (!problem) throw error
    const [considered] = problem.extensions.considered ?? []
    return considered?.message ?? problem.message
  }
}

/**
 * The target with the call's priority there, which grows with the time that the call has waited. A call that stays in the same queue keeps its
 * priority, because the platform itself counts its wait there.
 */
function withRaisedPriority(target: ResolvedTarget, record: TransferRecord, now: number): ResolvedTarget {
  if (!isQueuedTarget(target)) return target
  const priority = staysInQueue(record, target)
    ? (record.resolvedTarget?.priority ?? record.priority)
    : raisedPriority(record, now, priorityLimits.maximum)
  return { ...target, priority }
}

/**
 * The candidates of the transfer's request. The settings may have changed since the request.
 * @returns the candidates, or the reason why the targets are not valid under the present settings
 */
function listRecordedCandidates(record: TransferRecord, rules: Rules): Candidate[] | string {
  try {
    return listCandidates(normalizeTargets(record, rules), record.allowedQueues, rules)
  } catch (error) {
    if (error instanceof Problem) return error.message
    throw error
  }
}

/**
 * Finds the next hop of a transfer: a later candidate than the current one, and never a callback, because the call has moved already.
 * @returns the hop and how it was chosen, or why no candidate can take the call now
 * @throws unexpected errors only
 */
export async function findNextHop(
  record: TransferRecord,
  context: StageContext,
): Promise<(NextHop & { detail: Detail }) | { blockedBy: string }> {
  const { rules, clock } = context
  const candidates = listRecordedCandidates(record, rules)
  if (typeof candidates === 'string') return { blockedBy: candidates }
  const reasons: string[] = []
  for (const [index, { target, place }] of candidates.entries()) {
    if (index <= record.hop.candidateIndex || target.type === 'callback') continue
    if (record.hop.refusedCandidates.includes(index)) {
      reasons.push(`the platform did not move the call to ${place}`)
      continue
    }
    const verified = await verifyCandidate(record, candidates, index, context)
    if (typeof verified === 'string') {
      reasons.push(verified)
      continue
    }
    return {
      resolvedTarget: withRaisedPriority(verified.resolvedTarget, record, clock()),
      place: verified.place,
      candidateIndex: index,
      overflowAfterMs: overflowDelayMs(candidates, index),
      detail: { ...choiceDetail(verified), ...(reasons.length > 0 && { passedOver: reasons.join('; ') }) },
    }
  }
  return { blockedBy: reasons.join('; ') || 'there is no later fallback' }
}
