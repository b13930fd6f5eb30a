/** Which targets verification tries, in order: the target, its fallbacks, and the configured fallback queue. */
import { canTransferTo } from '../../auth/restriction.ts'
import { isQueuedTarget, type NormalizedTarget, type NormalizedTargetOf } from '../../model/target.ts'
import { placeOf } from '../loop-guard.ts'
import type { Rules } from '../stage-context.ts'

export interface Candidate {
  target: NormalizedTarget
  /** The target as an entry of the transfer path. */
  place: string
}

/**
 * The queue whose agents call back, if the callback itself names none: the last queue before it, in which the call would have waited, else
 * the default queue. undefined: there is none.
 */
export const callbackQueueOf = (
  { queueId }: NormalizedTargetOf<'callback'>,
  earlier: readonly NormalizedTarget[],
  defaultQueueId: string | undefined,
): string | undefined => queueId ?? earlier.findLast((target) => isQueuedTarget(target))?.queueId ?? defaultQueueId?.toLowerCase()

const withQueue = (target: NormalizedTarget, earlier: readonly NormalizedTarget[], defaultQueueId: string | undefined): NormalizedTarget =>
  target.type === 'callback' ? { ...target, queueId: callbackQueueOf(target, earlier, defaultQueueId) ?? null } : target

/**
 * The candidates of a transfer.
 * @param targets the target of a request, then its fallbacks
 * @param allowedQueues queues that the requester's API key may transfer to; null: all
 * @throws Error if `targets` is empty
 */
export function listCandidates(
  targets: readonly NormalizedTarget[],
  allowedQueues: readonly string[] | null,
  { fallbackQueueId, defaultQueueId, loopSecret }: Pick<Rules, 'fallbackQueueId' | 'defaultQueueId' | 'loopSecret'>,
): [first: Candidate, ...fallbacks: Candidate[]] {
  const toCandidate = (target: NormalizedTarget): Candidate => ({ target, place: placeOf(target, loopSecret) })
  const [first, ...fallbacks] = targets.map((target, index) => withQueue(target, targets.slice(0, index), defaultQueueId))
  if (!first) throw new Error('a transfer needs a target')
  if (fallbackQueueId) {
    const last: NormalizedTarget = { type: 'queue', queueId: fallbackQueueId.toLowerCase(), skillIds: [], languageId: null }
    // The requester did not choose this queue. A key that may not use it has no last fallback, instead of being refused.
    if (canTransferTo(allowedQueues, last)) fallbacks.push(last)
  }
  return [toCandidate(first), ...fallbacks.map(toCandidate)]
}

/**
 * How long a call may wait at a candidate until it moves on, ms; null: it stays, because nothing else is asked for, or no later candidate
 * can have it. A callback cannot: the call does not move to it.
 */
export function overflowDelay(candidates: readonly Candidate[], index: number): number | null {
  const seconds = candidates[index]?.target.overflowAfterSeconds
  const hasLater = candidates.slice(index + 1).some(({ target }) => target.type !== 'callback')
  return seconds === undefined || !hasLater ? null : seconds * 1_000
}
