/**
 * Stage 2, verification: finds the first of the target and its fallbacks that can take the call now
 * (docs/architecture.md#modes-and-targets).
 */
import { findEarliestOpening, type Considered } from '../../model/considered.ts'
import { Problem } from '../../model/problems.ts'
import type { NormalizedTarget, ResolvedTarget } from '../../model/target.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { isAllowedNumber, readAvailability } from '../candidates/availability.ts'
import { checkConditions, type PassedOver } from '../candidates/conditions.ts'
import { isVisited } from '../loop-guard.ts'
import type { Candidate } from '../request/candidates.ts'
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
 * Checks one candidate. Its conditions and its availability are read at the same time, so that conditions cost no further round trip.
 * @throws Problem for a wrong candidate, because using a fallback instead would hide a broken configuration
 */
async function assess(record: TransferRecord, candidate: Candidate, context: StageContext): Promise<Assessment> {
  const { target, place } = candidate
  const reading = readAvailability(target, context)
  // It is awaited below; a rejection before that must not count as unhandled.
  reading.catch(() => {})
  const { passedOver, readAgesMs, ...conditions } = await checkConditions(record, candidate, context)
  const read = { ...conditions, readAgesMs: { ...readAgesMs, availability: null } }
  // If a condition is not met, availability does not matter, so the read is not waited for.
  if (passedOver) return passOver(place, passedOver, read)
  const { unavailable, isAssumed, ageMs } = await reading
  const allRead = { ...read, readAgesMs: { ...readAgesMs, availability: ageMs } }
  if (unavailable !== undefined) return passOver(place, { reason: 'not_available', message: unavailable }, allRead)
  return { considered: { place, taken: true, reason: null, message: null, ...allRead }, isAssumed }
}

/**
 * The target, where a callback without a number gets the caller's number; undefined if that number is not known.
 * @throws Problem TARGET_NOT_ALLOWED for a callback to a number that is neither the caller's nor allowed
 */
async function completeTarget(
  target: NormalizedTarget,
  callerNumber: Promise<string | undefined>,
  { rules }: StageContext,
): Promise<NormalizedTarget | undefined> {
  if (target.type !== 'callback') return target
  const { callbackNumber } = target
  if (callbackNumber !== undefined && isAllowedNumber(callbackNumber, rules)) return target
  const ownNumber = await callerNumber
  if (callbackNumber === undefined) return ownNumber === undefined ? undefined : { ...target, callbackNumber: ownNumber }
  if (callbackNumber === ownNumber) return target
  throw new Problem('TARGET_NOT_ALLOWED', "ALLOWED_NUMBERS has no pattern for the number to call back, and it is not the caller's.")
}

/** Why a fallback that would close a loop is passed over. */
function describeVisit({ target, place }: Candidate): string {
  if (target.type === 'callback') return `${place} is not needed, because the conversation has a callback already`
  return `${target.type === 'number' ? 'the number' : place} was visited before`
}

/** The refusal when no candidate can take the call: QUEUE_CLOSED if all of them are closed, because a retry soon cannot help then. */
function createNoCandidateProblem(considered: Considered[]): Problem {
  const reasons = considered.map(({ message }) => message).join('; ')
  const opensAt = findEarliestOpening(considered)
  if (considered.length > 0 && considered.every(({ reason }) => reason === 'closed'))
    return new Problem('QUEUE_CLOSED', `All places are closed now: ${reasons}.`, { considered, ...(opensAt !== undefined && { opensAt }) })
  return new Problem('NO_AGENT_AVAILABLE', `No agent can take the call now: ${reasons}.`, { considered, retryAfterSeconds: 10 })
}

/**
 * Finds the first candidate that can take the call: it is open, its wait is not too long, and someone is available there. A fallback that
 * the conversation was at before is passed over, because it would close a loop.
 * @param candidates the target, then the fallbacks in order. Validation has checked that the target itself does not close a loop
 * @param from the position in the list at which to begin
 * @param callerNumber the caller's number in E.164 form, for a callback that names none; undefined if it is not known
 * @throws Problem for a wrong candidate, because using a fallback instead would hide a broken configuration; NO_AGENT_AVAILABLE or
 *   QUEUE_CLOSED if no candidate can take the call
 */
export async function verification(
  record: TransferRecord,
  candidates: readonly Candidate[],
  context: StageContext,
  from = 0,
  callerNumber: Promise<string | undefined> = Promise.resolve(undefined),
): Promise<Verified> {
  const considered: Considered[] = []
  for (const [index, candidate] of candidates.entries()) {
    if (index < from) continue
    const { place } = candidate
    const target = await completeTarget(candidate.target, callerNumber, context)
    if (target === undefined) {
      const message = `${place} needs a number to call back, and the caller's is not known`
      considered.push(passOver(place, { reason: 'not_available', message }).considered)
      continue
    }
    const isFallback = index > 0
    const closesLoop = isFallback && isVisited(record.transferPath, place) && !record.override?.includes('loop')
    // One after the other: a fallback is only read when the candidates before it cannot take the call.
    const assessment = closesLoop
      ? passOver(place, { reason: 'visited_before', message: describeVisit(candidate) })
      : await assess(record, { target, place }, context)
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
