/** Brings the targets of a request into their normal form, and checks their order. */
import { normalizePhoneNumber, phoneNumberForm } from '../../model/formats/phone-number.ts'
import { Problem } from '../../model/problems.ts'
import { parseSentTime, timeForm } from '../../model/formats/sent-times.ts'
import { conditionsOf } from '../../model/conditions.ts'
import { isQueuedTarget, type NormalizedTarget } from '../../model/target.ts'
import type { Target } from '../../model/target-schema.ts'
import type { Rules } from '../stage-context.ts'

const invalid = (field: string, detail: string): Problem => new Problem('INVALID_REQUEST', detail, { field })

/** The path in the request of the target (index 0) or of a fallback. */
export const fieldOf = (index: number): string => (index === 0 ? 'target' : `fallback[${index - 1}]`)

/** Ids in lower case, in their order, without repeats. */
export const distinctIds = (ids: readonly string[] = []): string[] => [...new Set(ids.map((id) => id.toLowerCase()))]
/** Ids in lower case, sorted, without repeats. */
export const normalizeIds = (ids?: readonly string[]): string[] => distinctIds(ids).toSorted()
/** The field with the preferred agents, if there are any. Their order is kept: the most preferred agent comes first. */
const preferredAgentsOf = ({ preferredUserIds }: { preferredUserIds?: string[] }) =>
  preferredUserIds && preferredUserIds.length > 0 ? { preferredUserIds: distinctIds(preferredUserIds) } : {}

/**
 * The queue whose agents call the caller back if the callback names none: the last queue among the earlier targets, in which the call would
 * have waited, else the default queue. Undefined if there is neither.
 */
export const impliedCallbackQueue = (
  earlier: readonly NormalizedTarget[],
  { defaultQueueId }: Pick<Rules, 'defaultQueueId'>,
): string | undefined => earlier.findLast((target) => isQueuedTarget(target))?.queueId ?? defaultQueueId?.toLowerCase()

/** @throws Problem INVALID_REQUEST if there is no queue */
function requireQueue(queueId: string | undefined, field: string): string {
  if (!queueId) throw invalid(`${field}.queueId`, `${field}.queueId is missing, and no DEFAULT_QUEUE_ID is configured.`)
  return queueId.toLowerCase()
}

/**
 * The target with ids in lower case, skills as a sorted list, and the queue of a skill or a callback filled in.
 * @param earlier the targets before this one, in normal form
 * @param field the path of the target in the request, for the message
 * @throws Problem INVALID_REQUEST that names the field
 */
function normalizeTarget(
  target: Target,
  earlier: readonly NormalizedTarget[],
  rules: Pick<Rules, 'defaultQueueId'>,
  field: string,
): NormalizedTarget {
  const conditions = conditionsOf(target)
  switch (target.type) {
    case 'agent':
      return {
        type: 'agent',
        userId: target.userId.toLowerCase(),
        ...(target.requireOnQueue === true && { requireOnQueue: true }),
        ...conditions,
      }
    case 'queue':
      return {
        type: 'queue',
        queueId: target.queueId.toLowerCase(),
        skillIds: normalizeIds(target.skillIds),
        languageId: target.languageId?.toLowerCase() ?? null,
        ...preferredAgentsOf(target),
        ...conditions,
      }
    case 'number':
      return { type: 'number', address: target.address, ...conditions }
    case 'callback':
      return {
        type: 'callback',
        queueId: requireQueue(target.queueId ?? impliedCallbackQueue(earlier, rules), field),
        skillIds: normalizeIds(target.skillIds),
        ...(target.callbackNumber !== undefined && { callbackNumber: target.callbackNumber }),
        ...(target.scheduledAt !== undefined && { scheduledAt: requireTime(target.scheduledAt, `${field}.scheduledAt`) }),
        ...conditions,
      }
    case 'skill': {
      const { skillId, skillIds } = target
      if ((skillId === undefined) === (skillIds === undefined))
        throw invalid(`${field}.skillId`, `${field} needs either skillId or skillIds.`)
      return {
        type: 'skill',
        queueId: requireQueue(target.queueId ?? rules.defaultQueueId, field),
        skillIds: normalizeIds(skillIds ?? (skillId ? [skillId] : [])),
        ...preferredAgentsOf(target),
        ...conditions,
      }
    }
  }
}

/**
 * A target with its phone number, if it has one, in E.164 form. The number as the caller wrote it is not kept.
 * @param field the path of the target in the request, for the message
 * @throws Problem INVALID_REQUEST that names the field
 */
export function withNormalizedNumber(target: Target, field: string): Target {
  if (target.type === 'number') return { ...target, address: requireNumber(target.address, `${field}.address`) }
  if (target.type !== 'callback' || target.callbackNumber === undefined) return target
  return { ...target, callbackNumber: requireNumber(target.callbackNumber, `${field}.callbackNumber`) }
}

function requireTime(text: string, field: string): string {
  const time = parseSentTime(text)
  if (time === undefined) throw invalid(field, `${field} must be ${timeForm}.`)
  return new Date(time).toISOString()
}

function requireNumber(text: string, field: string): string {
  const address = normalizePhoneNumber(text)
  if (address === undefined) throw invalid(field, `${field} must be ${phoneNumberForm}.`)
  return address
}

/**
 * Refuses targets in a wrong position: a callback among the fallbacks must be the last one, and the last target to which a call can move
 * cannot overflow, because there is none after it. A configured fallback queue comes after all targets.
 * @param targets the target of a request, then its fallbacks
 * @throws Problem INVALID_REQUEST that names the field
 */
export function checkOrder(targets: readonly NormalizedTarget[], { fallbackQueueId }: Pick<Rules, 'fallbackQueueId'>): void {
  /** Position of the last target to which a call can move; Infinity if that is the configured fallback queue. */
  const lastMovableIndex = fallbackQueueId ? Infinity : targets.findLastIndex(({ type }) => type !== 'callback')
  for (const [index, { type, overflowAfterSeconds }] of targets.entries()) {
    const field = fieldOf(index)
    if (index > 0 && type === 'callback' && index < targets.length - 1)
      throw invalid(field, `${field} must be the last fallback, because it is a callback.`)
    if (overflowAfterSeconds !== undefined && index >= lastMovableIndex)
      throw invalid(`${field}.overflowAfterSeconds`, `${field}.overflowAfterSeconds needs a later fallback to which the call can move.`)
  }
}

/** The clock of the requester may be behind by this much, ms, and the request may have been on its way for a while. */
const timeToleranceMs = 60_000

/**
 * Refuses a callback for a time in the past. A request that is repeated is no new request, so this check comes after a repeat is recognized:
 * the time may have passed since the first request.
 * @param targets the target of a request, then its fallbacks
 * @param receivedAt epoch ms when the request arrived
 * @throws Problem INVALID_REQUEST that names the field
 */
export function requireUpcomingCallbacks(targets: readonly NormalizedTarget[], receivedAt: number): void {
  for (const [index, target] of targets.entries()) {
    if (target.type !== 'callback' || target.scheduledAt === undefined) continue
    const field = `${fieldOf(index)}.scheduledAt`
    if (Date.parse(target.scheduledAt) < receivedAt - timeToleranceMs)
      throw invalid(field, `${field} is in the past; a callback without it comes as soon as possible.`)
  }
}

/**
 * The target of a request or of a transfer, then its fallbacks.
 * @throws Problem INVALID_REQUEST that names the field
 */
export const normalizeTargets = (
  { target, fallback = [] }: { target: Target; fallback?: Target[] | undefined },
  rules: Pick<Rules, 'defaultQueueId'>,
): NormalizedTarget[] => {
  const normalized = [normalizeTarget(target, [], rules, fieldOf(0))]
  for (const [index, alternative] of fallback.entries())
    normalized.push(normalizeTarget(alternative, normalized, rules, fieldOf(index + 1)))
  return normalized
}
