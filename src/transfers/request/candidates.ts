/** Which targets verification tries, in order: the target, its fallbacks, and the configured fallback queue. */
import { canTransferTo } from '../../auth/restriction.ts'
import type { NormalizedTarget } from '../../model/target.ts'
import { placeOf } from '../loop-guard.ts'
import type { Rules } from '../stage-context.ts'

export interface Candidate {
  target: NormalizedTarget
  /** The target as an entry of the transfer path. */
  place: string
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
  { fallbackQueueId, loopSecret }: Pick<Rules, 'fallbackQueueId' | 'loopSecret'>,
): [first: Candidate, ...fallbacks: Candidate[]] {
  const toCandidate = (target: NormalizedTarget): Candidate => ({ target, place: placeOf(target, loopSecret) })
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
 * How long a call may wait at a candidate before it moves on; null: it stays, because the target does not ask for overflow, or because there
 * is no later candidate but a callback, to which a call cannot move.
 */
export function overflowDelayMs(candidates: readonly Candidate[], index: number): number | null {
  const seconds = candidates[index]?.target.overflowAfterSeconds
  const hasLater = candidates.slice(index + 1).some(({ target }) => target.type !== 'callback')
  return seconds === undefined || !hasLater ? null : seconds * 1_000
}
