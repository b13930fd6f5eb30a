/** Whether a waiting call would stay in its queue at another target, and whether anything about its routing would change there. */
import { isQueuedTarget, type NormalizedTarget, type QueuedTarget } from '../../model/target.ts'

/** Whether a call that waits at one target would stay in the same queue at the other one. */
export const isSameQueue = (current: NormalizedTarget, next: NormalizedTarget): boolean =>
  isQueuedTarget(current) && isQueuedTarget(next) && current.queueId === next.queueId

const languageOf = (target: QueuedTarget): string | null => (target.type === 'queue' ? target.languageId : null)
const isSameList = (one: readonly string[], other: readonly string[]): boolean => one.join() === other.join()

/**
 * Whether a call that waits at one target would stay in the same queue with the same skills and language at the other one. Preferred agents
 * count only if the other target names some: whether the platform can take them off a call is not documented (docs/genesys-cloud.md rule 46).
 */
export const hasSameRouting = (current: NormalizedTarget, next: NormalizedTarget): boolean =>
  isQueuedTarget(current) &&
  isQueuedTarget(next) &&
  current.queueId === next.queueId &&
  isSameList(current.skillIds, next.skillIds) &&
  languageOf(current) === languageOf(next) &&
  (!next.preferredUserIds || isSameList(current.preferredUserIds ?? [], next.preferredUserIds))
