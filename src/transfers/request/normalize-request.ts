/** Turns a request into its normal form, with its key and its hashes. Refuses requests that can be refused without asking the platform. */
import { Problem } from '../../model/problems.ts'
import type { NormalizedTarget } from '../../model/target.ts'
import type { Target } from '../../model/target-schema.ts'
import type { TransferRecord, TransferRequest } from '../../model/transfer.ts'
import { reservedAttributes } from '../loop-guard.ts'
import type { Rules } from '../stage-context.ts'
import { fingerprintOf, identityOf, readIdempotencyKey, writtenFingerprintOf, type RequestMeaning } from './fingerprint.ts'
import { checkOrder, fieldOf, normalizeTargets, withNormalizedNumber } from './normalize-target.ts'

export interface NormalizedRequest extends RequestMeaning {
  /** As the caller wrote it, except that a number is in E.164 form. */
  target: Target
  /** As the caller wrote them, except that numbers are in E.164 form. */
  fallback: Target[]
  /** The idempotency key. */
  key: string | undefined
  traceparent: string
  /** Equal for all ways in which the same request can be written. */
  fingerprint: string
  /** Equal only for the same request written in the same way. */
  writtenFingerprint: string
  /** Equal for all requests with the same conversation, target and mode. */
  identity: string
  /** Ms within which the caller must be answered; absent: the time that the rules set. */
  deadlineMs?: number
  /** Set by a bulk transfer, for each of its calls. */
  bulk?: NonNullable<TransferRecord['bulk']>
  /** What the caller's own system says about the request, for the audit trail. */
  origin?: Readonly<Record<string, string>>
}

/**
 * Text without what PostgreSQL cannot read in a record: NUL, and half of a surrogate pair, as it is left where a program has cut a text. The
 * latter becomes U+FFFD, as it does in everything that is sent as UTF-8.
 */
const toStorableText = (text: string): string => text.replaceAll('\0', '').toWellFormed()

/**
 * Normalizes a request that has passed its schema.
 * @param headers the Idempotency-Key, if there is one, and the trace context
 * @throws Problem INVALID_REQUEST that names the field
 */
export function normalizeRequest(
  request: TransferRequest,
  headers: { key?: string | undefined; traceparent: string },
  rules: Pick<Rules, 'defaultQueueId' | 'fallbackQueueId'>,
): NormalizedRequest {
  const { idempotencyKey, ...rest } = request
  const { mode = 'execute', priority = 0, reason = null } = rest
  const context = Object.fromEntries(Object.entries(rest.context ?? {}).map(([name, value]) => [name, toStorableText(value)]))
  // A blank summary says nothing. A voice bot that has nothing to say may send one.
  const summary = toStorableText(rest.summary ?? '').trim() || null
  const override = [...new Set(rest.override)].toSorted()
  const key = readIdempotencyKey(headers.key, idempotencyKey)
  const reserved = Object.keys(context).find((name) => reservedAttributes.includes(name))
  if (reserved)
    throw new Problem('INVALID_REQUEST', `context.${reserved} is reserved for Handoff itself.`, { field: `context.${reserved}` })

  const conversationId = request.conversationId.toLowerCase()
  const target = withNormalizedNumber(rest.target, fieldOf(0))
  const fallback = (rest.fallback ?? []).map((alternative, index) => withNormalizedNumber(alternative, fieldOf(index + 1)))
  const targets = normalizeTargets({ target, fallback }, rules)
  checkOrder(targets, rules)
  const [normalizedTarget] = targets as [NormalizedTarget]
  return {
    conversationId,
    mode,
    target,
    fallback,
    targets,
    priority,
    context,
    summary,
    reason,
    override,
    key,
    traceparent: headers.traceparent,
    fingerprint: fingerprintOf({ conversationId, mode, targets, priority, context, summary, reason, override }, rules),
    writtenFingerprint: writtenFingerprintOf(rest),
    identity: identityOf(conversationId, normalizedTarget, mode),
  }
}

/**
 * The identity of the request that a transfer was opened for; undefined if its targets are not valid under the present settings, which may
 * have changed since.
 */
export function identityOfRecord(
  record: Pick<TransferRecord, 'conversationId' | 'mode' | 'target' | 'fallback'>,
  rules: Pick<Rules, 'defaultQueueId'>,
): string | undefined {
  try {
    const [target] = normalizeTargets(record, rules) as [NormalizedTarget]
    return identityOf(record.conversationId, target, record.mode)
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}
