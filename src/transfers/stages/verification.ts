/**
 * Stage 2, verification: finds the first of the target and its fallbacks that can take the call now
 * (docs/architecture.md#modes-and-targets).
 */
import { findEarliestOpening, type Considered, type PassedOverReason } from '../../model/considered.ts'
import { Problem } from '../../model/problems.ts'
import { isQueuedTarget, type NormalizedTarget, type ResolvedTarget } from '../../model/target.ts'
import { resolvedTargetOf, type TransferRecord } from '../../model/transfer.ts'
import { isAllowedNumber, readAvailability } from '../candidates/availability.ts'
import { checkConditions, type PassedOver } from '../candidates/conditions.ts'
import { requirePreferredAgents } from '../candidates/preferred-agents.ts'
import { hasSameRouting, isSameQueue } from '../hops/same-queue.ts'
import { isCallbackPlace, isVisited } from '../loop-guard.ts'
import { listOverflowWarnings, type Candidate } from '../request/candidates.ts'
import { fieldOf } from '../request/normalize-target.ts'
import type { StageContext } from '../stage-context.ts'

export interface Verified {
  resolvedTarget: ResolvedTarget
  /** The resolved target as an entry of the transfer path. */
  place: string
  /** Position of the resolved target in the list of candidates: 0 is the target itself. */
  index: number
  /** The result for each candidate that was checked, in order; the last one is about the resolved target. */
  considered: Considered[]
  /** Whether it is only assumed that the target can take the call, because the platform throttles the reads that would show it. */
  isAssumed: boolean
}

/** What validation finds out about the caller. */
export interface Caller {
  /** In E.164 form; undefined if it is withheld or not clear. */
  number: string | undefined
  /** Whether the conversation has a callback that waits for an agent, whoever created it. */
  hasCallback: boolean
}

interface Assessment {
  considered: Considered
  isAssumed: boolean
}

const nothingRead: Omit<Considered, 'place' | 'taken' | 'reason' | 'message'> = {
  opensAt: null,
  estimatedWaitSeconds: null,
  readAgesMs: { openHours: null, estimatedWait: null, availability: null },
  warnings: [],
}

const passOver = (place: string, { reason, message }: PassedOver, read = nothingRead): Assessment => ({
  considered: { place, taken: false, reason, message, ...read },
  isAssumed: false,
})

/**
 * Reads whether anyone is available at a candidate, and checks the agents that it prefers.
 * @param field the candidate's path in the request; undefined once the call has been moved: then the preferred agents are not checked, because
 *   it is better to move the call on without them than not at all
 */
async function readAgents({ target }: Candidate, field: string | undefined, record: TransferRecord, context: StageContext) {
  const preferredUserIds = (isQueuedTarget(target) && target.preferredUserIds) || []
  const [availability, warnings] = await Promise.all([
    readAvailability(target, context),
    field === undefined ? [] : requirePreferredAgents(preferredUserIds, `${field}.preferredUserIds`, record, context),
  ])
  return { ...availability, warnings }
}

/**
 * Checks one candidate. Its conditions and its availability are read at the same time, so that conditions cost no further round trip.
 * @param field as for `readAgents`
 * @param ownWarnings what the response is to warn of if the candidate takes the call
 * @throws Problem for a wrong candidate, because using a fallback instead would hide a broken configuration
 */
async function assess(
  record: TransferRecord,
  candidate: Candidate,
  field: string | undefined,
  ownWarnings: readonly string[],
  context: StageContext,
): Promise<Assessment> {
  const { place } = candidate
  const reading = readAgents(candidate, field, record, context)
  // It is awaited below; a rejection before that must not count as unhandled.
  reading.catch(() => {})
  const { passedOver, readAgesMs, ...conditions } = await checkConditions(record, candidate, context)
  const read = { ...conditions, readAgesMs: { ...readAgesMs, availability: null } }
  // If a condition is not met, availability does not matter, so the read is not waited for.
  if (passedOver) return passOver(place, passedOver, read)
  const { unavailable, isAssumed, ageMs, warnings: agentWarnings } = await reading
  const allRead = { ...read, readAgesMs: { ...readAgesMs, availability: ageMs } }
  if (unavailable !== undefined) return passOver(place, { reason: 'not_available', message: unavailable }, allRead)
  const warnings = [...allRead.warnings, ...agentWarnings, ...ownWarnings]
  return { considered: { place, taken: true, reason: null, message: null, ...allRead, warnings }, isAssumed }
}

/**
 * The target, where a callback without a number gets the caller's number; undefined if that number is not known.
 * @throws Problem TARGET_NOT_ALLOWED for a callback to a number that is neither the caller's nor allowed
 */
async function completeTarget(
  target: NormalizedTarget,
  caller: Promise<Caller>,
  { rules }: StageContext,
): Promise<NormalizedTarget | undefined> {
  if (target.type !== 'callback') return target
  const { callbackNumber } = target
  if (callbackNumber !== undefined && isAllowedNumber(callbackNumber, rules)) return target
  const { number: ownNumber } = await caller
  if (callbackNumber === undefined) return ownNumber === undefined ? undefined : { ...target, callbackNumber: ownNumber }
  if (callbackNumber === ownNumber) return target
  throw new Problem('TARGET_NOT_ALLOWED', "ALLOWED_NUMBERS has no pattern for the number to call back, and it is not the caller's.")
}

/**
 * Why a fallback is passed over because the conversation was there before; undefined if it is not. A waiting call that gets other skills in its
 * queue does not come there a second time.
 * @param hasMoved whether the call waits at a hop from which it is to move on
 * @param hasCallback whether the candidate is a callback, and the conversation has one that waits
 */
function describeVisit(
  record: TransferRecord,
  { target, place, formerPlaces }: Candidate,
  hasMoved: boolean,
  hasCallback: boolean,
): string | undefined {
  const current = hasMoved ? resolvedTargetOf(record) : undefined
  if (current && isSameQueue(current, target))
    return hasSameRouting(current, target) ? `${place} was visited before: the call waits there already, with the same skills` : undefined
  if (record.override?.includes('loop') || (!hasCallback && !isVisited(record.transferPath, place, formerPlaces))) return undefined
  if (target.type === 'callback') return `${place} is not needed, because the conversation has a callback already`
  return `${target.type === 'number' ? 'the number' : place} was visited before`
}

/** Whether the same candidate may take the call if the request is sent again soon. */
const mayChangeSoon: Readonly<Record<PassedOverReason, boolean>> = {
  closed: false,
  wait_too_long: true,
  not_available: true,
  visited_before: false,
  number_unknown: false,
}

/**
 * The refusal when no candidate can take the call: QUEUE_CLOSED if every place is closed. A callback is no place: why it cannot be made either
 * changes nothing about that.
 */
function createNoCandidateProblem(considered: Considered[]): Problem {
  const reasons = considered.map(({ message }) => message).join('; ')
  const opensAt = findEarliestOpening(considered)
  const places = considered.filter(({ place }) => !isCallbackPlace(place))
  const isClosed = considered.some(({ reason }) => reason === 'closed') && places.every(({ reason }) => reason === 'closed')
  if (isClosed)
    return new Problem('QUEUE_CLOSED', `All places are closed now: ${reasons}.`, { considered, ...(opensAt !== undefined && { opensAt }) })
  const retryable = considered.some(({ reason }) => reason !== null && mayChangeSoon[reason])
  return new Problem('NO_AGENT_AVAILABLE', `No agent can take the call now: ${reasons}.`, {
    considered,
    ...(retryable ? { retryAfterSeconds: 10 } : { retryable }),
  })
}

/**
 * Finds the first candidate that can take the call: it is open, its wait is not too long, and someone is available there. A fallback that
 * the conversation was at before is passed over, because it would close a loop.
 * @param candidates the target, then the fallbacks in order. Validation has checked that the target itself does not close a loop
 * @param only the position of the only candidate to check, for a call that moves on; undefined: all
 * @param caller what validation finds out about the caller, for a callback; undefined for a call that moves on, and never to a callback
 * @throws Problem for a wrong candidate, because using a fallback instead would hide a broken configuration; NO_AGENT_AVAILABLE or
 *   QUEUE_CLOSED if no candidate can take the call
 */
export async function verification(
  record: TransferRecord,
  candidates: readonly Candidate[],
  context: StageContext,
  only?: number,
  caller: Promise<Caller> = Promise.resolve({ number: undefined, hasCallback: false }),
): Promise<Verified> {
  const considered: Considered[] = []
  for (const [index, candidate] of candidates.entries()) {
    if (only !== undefined && index !== only) continue
    const { place } = candidate
    const target = await completeTarget(candidate.target, caller, context)
    if (target === undefined) {
      const message = `${place} needs a number to call back, and the caller's is withheld or not clear`
      considered.push(passOver(place, { reason: 'number_unknown', message }).considered)
      continue
    }
    const isFallback = index > 0
    const hasCallback = target.type === 'callback' && (await caller).hasCallback
    const visit = isFallback ? describeVisit(record, candidate, only !== undefined, hasCallback) : undefined
    const field = only === undefined ? fieldOf(index) : undefined
    // One after the other: a fallback is only read when the candidates before it cannot take the call.
    const assessment =
      visit === undefined
        ? await assess(record, { target, place }, field, listOverflowWarnings(candidates, index), context)
        : passOver(place, { reason: 'visited_before', message: visit })
    considered.push(assessment.considered)
    if (assessment.considered.taken)
      return {
        resolvedTarget: { ...target, priority: record.priority, usedFallback: isFallback },
        place,
        index,
        considered,
        isAssumed: assessment.isAssumed,
      }
  }
  throw createNoCandidateProblem(considered)
}
