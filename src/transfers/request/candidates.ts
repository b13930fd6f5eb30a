/** Which targets verification tries, in order: the target, its fallbacks, and the configured fallback queue. */
import { canTransferTo } from '../../auth/restriction.ts'
import { isQueuedTarget, type NormalizedTarget } from '../../model/target.ts'
import { hasSameRouting } from '../hops/same-queue.ts'
import { formerPlacesOf, placeOf } from '../loop-guard.ts'
import type { Rules } from '../stage-context.ts'

export interface Candidate {
  target: NormalizedTarget
  /** The target as an entry of the transfer path. */
  place: string
  /** The same as earlier secrets have written it. Absent: none has. */
  formerPlaces?: readonly string[]
}

/**
 * The candidates of a transfer.
 * @param targets the target of a request, then its fallbacks
 * @param allowedQueues queues that the requester's API key may transfer to; null: all
 * @throws Error if `targets` is empty
 */
export function listCandidates(
  targets: readonly NormalizedTarget[],
  allowedQueues: readonly string[] | null,
  { fallbackQueueId, loopSecret, previousLoopSecrets = [] }: Pick<Rules, 'fallbackQueueId' | 'loopSecret' | 'previousLoopSecrets'>,
): [first: Candidate, ...fallbacks: Candidate[]] {
  const toCandidate = (target: NormalizedTarget): Candidate => {
    const formerPlaces = formerPlacesOf(target, previousLoopSecrets)
    return { target, place: placeOf(target, loopSecret), ...(formerPlaces.length > 0 && { formerPlaces }) }
  }
  const [first, ...fallbacks] = targets
  if (!first) throw new Error('a transfer needs a target')
  if (fallbackQueueId) {
    const last: NormalizedTarget = { type: 'queue', queueId: fallbackQueueId.toLowerCase(), skillIds: [], languageId: null }
    // The requester did not choose this queue. A key that may not use it has no last fallback, instead of being refused.
    if (canTransferTo(allowedQueues, last)) fallbacks.push(last)
  }
  return [toCandidate(first), ...fallbacks.map(toCandidate)]
}

/**
 * Why a call stays at a candidate, whatever its target asks for; undefined if there is a later one to which it can move on.
 * - A call that rings at an agent or a number cannot be taken back from there (docs/genesys-cloud.md rule 102).
 * - A call that waits in a queue cannot move to a callback, and a later candidate with the same queue and routing changes nothing.
 */
function whyStaying(target: NormalizedTarget, later: readonly Candidate[]): string | undefined {
  if (!isQueuedTarget(target)) return `a call that rings at ${target.type === 'agent' ? 'an agent' : 'a number'} stays there`
  const places = later.filter((candidate) => candidate.target.type !== 'callback')
  if (places.some((candidate) => !hasSameRouting(target, candidate.target))) return undefined
  return places.length === 0
    ? 'there is no later place to which the call can move'
    : 'each later place is the same queue with the same skills'
}

/** How long a call may wait at a candidate before it moves on; null: it stays, because the target does not ask for overflow, or in vain. */
export function overflowDelayMs(candidates: readonly Candidate[], index: number): number | null {
  const target = candidates[index]?.target
  if (target?.overflowAfterSeconds === undefined) return null
  return whyStaying(target, candidates.slice(index + 1)) === undefined ? target.overflowAfterSeconds * 1_000 : null
}

/** The warning about a candidate that asks for overflow in vain; empty for any other. */
export function listOverflowWarnings(candidates: readonly Candidate[], index: number): string[] {
  const target = candidates[index]?.target
  if (target?.overflowAfterSeconds === undefined) return []
  const reason = whyStaying(target, candidates.slice(index + 1))
  return reason === undefined ? [] : [`overflowAfterSeconds has no effect: ${reason}`]
}
