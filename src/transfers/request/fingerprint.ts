/** Recognizes repeated requests: by the idempotency key, and by hashes of what they ask for (docs/architecture.md#idempotency). */
import { createHash } from 'node:crypto'
import { conditionsOf, type Override } from '../../model/conditions.ts'
import { isIdempotencyKey } from '../../model/formats/patterns.ts'
import { Problem } from '../../model/problems.ts'
import { callByType, toTargetFields, type ByTargetType, type NormalizedTarget } from '../../model/target.ts'
import type { Target } from '../../model/target-schema.ts'
import type { Mode, TransferRequest } from '../../model/transfer.ts'
import type { Rules } from '../stage-context.ts'
import { impliedCallbackQueue } from './normalize-target.ts'

/** JSON with sorted keys, so that equal values give equal text. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .filter(([, property]) => property !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, property]) => `${JSON.stringify(name)}:${canonicalJson(property)}`)
    .join(',')}}`
}
const hash = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

/**
 * The key of a request, from the Idempotency-Key header or the `idempotencyKey` field.
 * @throws Problem INVALID_REQUEST if the header's key is malformed, or the two keys differ
 */
export function readIdempotencyKey(header: string | undefined, field: string | undefined): string | undefined {
  if (header !== undefined && !isIdempotencyKey(header))
    throw new Problem('INVALID_REQUEST', 'Idempotency-Key must be 1 to 255 visible ASCII characters.', { field: 'Idempotency-Key' })
  if (header !== undefined && field !== undefined && header !== field)
    throw new Problem('INVALID_REQUEST', 'idempotencyKey and the Idempotency-Key header differ.', { field: 'idempotencyKey' })
  return header ?? field
}

/** What a request asks for: each of its values, the defaults included. */
export interface RequestMeaning {
  conversationId: string
  mode: Mode
  /** The target in normal form, then the fallbacks. */
  targets: NormalizedTarget[]
  priority: number
  context: Record<string, string>
  /** Without spaces around it. */
  summary: string | null
  reason: string | null
  /** Checks to skip, in alphabetical order. */
  override: Override[]
}

/** The shortest way to write a target in a request: without defaults, ids in lower case, skills in order. */
const shortestTarget: ByTargetType<Target, [earlier: readonly NormalizedTarget[], rules: Pick<Rules, 'defaultQueueId'>]> = {
  agent: ({ userId, requireOnQueue }) => ({ type: 'agent', userId, ...(requireOnQueue && { requireOnQueue }) }),
  queue: ({ queueId, skillIds, languageId, preferredUserIds }) => ({
    type: 'queue',
    queueId,
    ...(skillIds.length > 0 && { skillIds }),
    ...(languageId !== null && { languageId }),
    ...(preferredUserIds && { preferredUserIds }),
  }),
  skill: ({ queueId, skillIds: [skillId, ...others], preferredUserIds }, _earlier, { defaultQueueId }) => ({
    type: 'skill',
    ...(skillId !== undefined && (others.length === 0 ? { skillId } : { skillIds: [skillId, ...others] })),
    ...(queueId !== defaultQueueId?.toLowerCase() && { queueId }),
    ...(preferredUserIds && { preferredUserIds }),
  }),
  number: ({ address }) => ({ type: 'number', address }),
  callback: ({ queueId, skillIds, callbackNumber, scheduledAt }, earlier, rules) => ({
    type: 'callback',
    ...(queueId !== impliedCallbackQueue(earlier, rules) && { queueId }),
    ...(skillIds.length > 0 && { skillIds }),
    ...(callbackNumber !== undefined && { callbackNumber }),
    ...(scheduledAt !== undefined && { scheduledAt }),
  }),
}

/**
 * Hash of everything that a request asks for, in whatever form it is written: the same key with another fingerprint is another request. It
 * is computed from the shortest request with the same meaning, so for most requests it equals the written fingerprint.
 */
export function fingerprintOf(
  { conversationId, mode, targets, priority, context, summary, reason, override }: RequestMeaning,
  rules: Pick<Rules, 'defaultQueueId'>,
): string {
  const [target, ...fallback] = targets.map((normalized, index) => ({
    ...callByType(shortestTarget, normalized, targets.slice(0, index), rules),
    ...conditionsOf(normalized),
  }))
  return hash({
    conversationId,
    target,
    ...(fallback.length > 0 && { fallback }),
    ...(mode !== 'execute' && { mode }),
    ...(priority !== 0 && { priority }),
    ...(Object.keys(context).length > 0 && { context }),
    ...(summary !== null && { summary }),
    ...(reason !== null && { reason }),
    ...(override.length > 0 && { override }),
  })
}

/** Hash of a request as it is written. Version 0.1.0 stored only this hash, so a request with a key of that time is recognized by it. */
export const writtenFingerprintOf = (request: Omit<TransferRequest, 'idempotencyKey'>): string =>
  hash({ ...request, conversationId: request.conversationId.toLowerCase() })

/** Hash of conversation, target and mode. A request without a key counts as a repeat of an open transfer with the same identity. */
export const identityOf = (conversationId: string, target: NormalizedTarget, mode: Mode): string =>
  hash({ conversationId, place: toTargetFields(target), mode })
