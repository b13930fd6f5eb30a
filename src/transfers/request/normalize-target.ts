/** How a target of a request is brought into its one normal form. */
import { normalizePhoneNumber, phoneNumberForm } from '../../model/phone-number.ts'
import { Problem } from '../../model/problems.ts'
import { conditionsOf } from '../../model/conditions.ts'
import type { NormalizedTarget } from '../../model/target.ts'
import type { Target } from '../../model/target-schema.ts'
import { callbackQueueOf } from './candidates.ts'
import type { Rules } from '../stage-context.ts'

const invalid = (field: string, detail: string): Problem => new Problem('INVALID_REQUEST', detail, { field })

/** Ids in lower case, in their order, without repeats. */
const distinctIds = (ids: readonly string[] = []): string[] => [...new Set(ids.map((id) => id.toLowerCase()))]
const normalizeIds = (ids?: readonly string[]): string[] => distinctIds(ids).toSorted()
/** The order of preferred agents is kept: the most wanted one comes first. */
const readPreference = ({ preferredUserIds }: { preferredUserIds?: string[] }) =>
  preferredUserIds && preferredUserIds.length > 0 ? { preferredUserIds: distinctIds(preferredUserIds) } : {}

/**
 * Ids in lower case, skills as a sorted list, the queue of a skill filled in.
 * @param field where the target is in the request, for the message
 * @throws Problem INVALID_REQUEST that names the field
 */
function normalizeTarget(target: Target, rules: Pick<Rules, 'defaultQueueId'>, field = 'target'): NormalizedTarget {
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
        ...readPreference(target),
        ...conditions,
      }
    case 'number':
      return { type: 'number', address: target.address, ...conditions }
    case 'callback':
      return {
        type: 'callback',
        queueId: target.queueId?.toLowerCase() ?? null,
        skillIds: normalizeIds(target.skillIds),
        ...(target.callbackNumber !== undefined && { callbackNumber: target.callbackNumber }),
        ...(target.scheduledAt !== undefined && { scheduledAt: requireTime(target.scheduledAt, `${field}.scheduledAt`) }),
        ...conditions,
      }
    case 'skill': {
      const { skillId, skillIds } = target
      if ((skillId === undefined) === (skillIds === undefined))
        throw invalid(`${field}.skillId`, `${field} needs either skillId or skillIds.`)
      const queueId = target.queueId ?? rules.defaultQueueId
      if (!queueId) throw invalid(`${field}.queueId`, `${field}.queueId is missing, and no DEFAULT_QUEUE_ID is configured.`)
      return {
        type: 'skill',
        queueId: queueId.toLowerCase(),
        skillIds: normalizeIds(skillIds ?? (skillId ? [skillId] : [])),
        ...readPreference(target),
        ...conditions,
      }
    }
  }
}

/**
 * A target with its number, if it has one, in E.164 form: how the number was written is not kept.
 * @param field where the target is in the request, for the message
 * @throws Problem INVALID_REQUEST that names the field
 */
export function withNormalizedNumber(target: Target, field: string): Target {
  if (target.type === 'number') return { ...target, address: requireNumber(target.address, `${field}.address`) }
  if (target.type !== 'callback' || target.callbackNumber === undefined) return target
  return { ...target, callbackNumber: requireNumber(target.callbackNumber, `${field}.callbackNumber`) }
}

/** RFC 3339 also writes leap seconds, which are no time that the platform could keep. */
function requireTime(text: string, field: string): string {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalid(field, `${field} must be a date and a time.`)
  return new Date(time).toISOString()
}

function requireNumber(text: string, field: string): string {
  const address = normalizePhoneNumber(text)
  if (address === undefined) throw invalid(field, `${field} must be ${phoneNumberForm}.`)
  return address
}

/**
 * Refuses targets that cannot be in this place of the list: a callback is the last to be tried, and the last place to which a call can move
 * has no other one to overflow to. A configured fallback queue comes after all of them.
 * @param targets the target of a request, then its fallbacks
 * @throws Problem INVALID_REQUEST that names the field
 */
export function checkOrder(
  targets: readonly NormalizedTarget[],
  { fallbackQueueId, defaultQueueId }: Pick<Rules, 'fallbackQueueId' | 'defaultQueueId'>,
): void {
  const lastMove = fallbackQueueId ? Infinity : targets.findLastIndex(({ type }) => type !== 'callback')
  for (const [index, target] of targets.entries()) {
    const { type, overflowAfterSeconds } = target
    const field = index === 0 ? 'target' : `fallback[${index - 1}]`
    if (target.type === 'callback' && callbackQueueOf(target, targets.slice(0, index), defaultQueueId) === undefined)
      throw invalid(`${field}.queueId`, `${field}.queueId is missing, and no DEFAULT_QUEUE_ID is configured.`)
    if (index > 0 && type === 'callback' && index < targets.length - 1)
      throw invalid(field, `${field} must be the last fallback, because it is a callback.`)
    if (overflowAfterSeconds !== undefined && index >= lastMove)
      throw invalid(`${field}.overflowAfterSeconds`, `${field}.overflowAfterSeconds needs a later fallback to which the call can move.`)
  }
}

/**
 * The target of a request or of a transfer, then its fallbacks.
 * @throws Problem INVALID_REQUEST that names the field
 */
export const normalizeTargets = (
  { target, fallback = [] }: { target: Target; fallback?: Target[] | undefined },
  rules: Pick<Rules, 'defaultQueueId'>,
): NormalizedTarget[] => [
  normalizeTarget(target, rules),
  ...fallback.map((alternative, index) => normalizeTarget(alternative, rules, `fallback[${index}]`)),
]
