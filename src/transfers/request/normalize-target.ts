/** How a target of a request is brought into its one normal form. */
import { normalizePhoneNumber, phoneNumberForm } from '../../model/phone-number.ts'
import { Problem } from '../../model/problems.ts'
import type { NormalizedTarget, Target } from '../../model/target.ts'
import type { Rules } from '../stage-context.ts'

const invalid = (field: string, detail: string): Problem => new Problem('INVALID_REQUEST', detail, { field })

const normalizeIds = (ids: readonly string[] = []): string[] => [...new Set(ids.map((id) => id.toLowerCase()))].toSorted()

/**
 * Ids in lower case, skills as a sorted list, the queue of a skill filled in.
 * @param field where the target is in the request, for the message
 * @throws Problem INVALID_REQUEST that names the field
 */
function normalizeTarget(target: Target, rules: Pick<Rules, 'defaultQueueId'>, field = 'target'): NormalizedTarget {
  switch (target.type) {
    case 'agent':
      return { type: 'agent', userId: target.userId.toLowerCase(), ...(target.requireOnQueue === true && { requireOnQueue: true }) }
    case 'queue':
      return {
        type: 'queue',
        queueId: target.queueId.toLowerCase(),
        skillIds: normalizeIds(target.skillIds),
        languageId: target.languageId?.toLowerCase() ?? null,
      }
    case 'number':
      return { type: 'number', address: target.address }
    case 'skill': {
      const { skillId, skillIds } = target
      if ((skillId === undefined) === (skillIds === undefined))
        throw invalid(`${field}.skillId`, `${field} needs either skillId or skillIds.`)
      const queueId = target.queueId ?? rules.defaultQueueId
      if (!queueId) throw invalid(`${field}.queueId`, `${field}.queueId is missing, and no DEFAULT_QUEUE_ID is configured.`)
      return { type: 'skill', queueId: queueId.toLowerCase(), skillIds: normalizeIds(skillIds ?? (skillId ? [skillId] : [])) }
    }
  }
}

/**
 * A target with its number, if it has one, in E.164 form: how the number was written is not kept.
 * @param field where the target is in the request, for the message
 * @throws Problem INVALID_REQUEST that names the field
 */
export function withNormalizedNumber(target: Target, field: string): Target {
  if (target.type !== 'number') return target
  const address = normalizePhoneNumber(target.address)
  if (address === undefined) throw invalid(`${field}.address`, `${field}.address must be ${phoneNumberForm}.`)
  return { ...target, address }
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
