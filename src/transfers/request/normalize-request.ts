/** What a request means: its targets in normal form, its key, its identity. Refuses what can be refused without asking the platform. */
import { Problem } from '../../model/problems.ts'
import type { NormalizedTarget, Target } from '../../model/target.ts'
import type { Mode, TransferRequest } from '../../model/transfer.ts'
import { reservedAttributes } from '../loop-guard.ts'
import type { Rules } from '../stage-context.ts'
import { fingerprintOf, identityOf, readIdempotencyKey } from './idempotency.ts'
import { normalizeTargets } from './normalize-target.ts'

export interface NormalizedRequest {
  conversationId: string
  mode: Mode
  /** As the caller wrote it. */
  target: Target
  fallback: Target[]
  /** The target in normal form, then the fallbacks. */
  targets: NormalizedTarget[]
  priority: number
  context: Record<string, string>
  key: string | undefined
  traceparent: string
  fingerprint: string
  identity: string
  /** Until the answer, ms, if the caller has less time than the rules allow. */
  deadlineMs?: number
  /** What the caller's own system says about the request, for the audit trail. */
  origin?: Readonly<Record<string, string>>
}

/**
 * Reads a request that has passed its schema.
 * @param headers the Idempotency-Key, if there is one, and the trace context
 * @throws Problem INVALID_REQUEST that names the field
 */
export function normalizeRequest(
  request: TransferRequest,
  headers: { key?: string | undefined; traceparent: string },
  rules: Pick<Rules, 'defaultQueueId'>,
): NormalizedRequest {
  const { idempotencyKey, ...rest } = request
  const { target, fallback = [], context = {}, mode = 'execute', priority = 0 } = rest
  const key = readIdempotencyKey(headers.key, idempotencyKey)
  const reserved = Object.keys(context).find((name) => reservedAttributes.includes(name))
  if (reserved)
    throw new Problem('INVALID_REQUEST', `context.${reserved} is reserved for Handoff itself.`, { field: `context.${reserved}` })

  const conversationId = request.conversationId.toLowerCase()
  const targets = normalizeTargets({ target, fallback }, rules)
  const [normalizedTarget] = targets as [NormalizedTarget]
  return {
    conversationId,
    mode,
    target,
    fallback,
    targets,
    priority,
    context,
    key,
    traceparent: headers.traceparent,
    fingerprint: fingerprintOf(rest),
    identity: identityOf(conversationId, normalizedTarget, mode),
  }
}
