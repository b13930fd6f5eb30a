/** What the result of an attempt means for its delivery: whether it is delivered, due again later or given up, and how the end is audited. */
import { createAuditDraft } from '../ledger/audit/draft.ts'
import type { AuditDraft } from '../ledger/contract/audit.ts'
import type { ClaimedDelivery, DeliveryResult, DeliveryState } from '../ledger/contract/deliveries.ts'
import { parseTraceId } from '../telemetry/trace-context.ts'
import type { SendResult } from './webhook-sender.ts'

const finalStates: Readonly<Record<Exclude<SendResult['outcome'], 'retry'>, DeliveryState>> = {
  delivered: 'delivered',
  gone: 'refused',
  refused: 'refused',
}

/**
 * Decides the state after an attempt and, while the delivery is pending, when the next attempt is due: by the retry schedule or by the
 * receiver's Retry-After, whichever is later.
 * @param now epoch ms
 * @param delayBefore returns the ms to wait before an attempt, by its number from 1; undefined if there is no such attempt
 */
export function decideDeliveryResult(
  { id, tries, isProbe }: Pick<ClaimedDelivery, 'id' | 'tries' | 'isProbe'>,
  { outcome, status, error, durationMs, retryAfterMs }: SendResult,
  now: number,
  delayBefore: (attempt: number) => number | undefined,
): DeliveryResult {
  const attempt = { at: new Date(now).toISOString(), status: status ?? null, error: error ?? null, durationMs }
  // A failed probe does not end its delivery: the delivery waits with the others until the endpoint works again.
  if (isProbe && outcome !== 'delivered') return { id, state: 'pending', attempt, nextAt: now, isProbe }
  if (outcome !== 'retry') return { id, state: finalStates[outcome], attempt, nextAt: null }
  // `tries` attempts came before this one, so the next one is number `tries` + 2.
  const delayMs = delayBefore(tries + 2)
  return delayMs === undefined
    ? { id, state: 'exhausted', attempt, nextAt: null }
    : { id, state: 'pending', attempt, nextAt: now + Math.max(delayMs, retryAfterMs ?? 0) }
}

/** The audit entry of a delivery that is no longer pending. */
export const createDeliveryAudit = (delivery: ClaimedDelivery, result: DeliveryResult): AuditDraft =>
  createAuditDraft(`delivery_${result.state}`, {
    conversationId: delivery.conversationId,
    actionId: delivery.transferId,
    stage: 'webhook',
    traceId: parseTraceId(delivery.traceparent),
    detail: {
      deliveryId: delivery.id,
      endpoint: delivery.endpoint,
      type: delivery.type,
      attempt: delivery.attempts.length + 1,
      httpStatus: result.attempt.status,
      error: result.attempt.error,
    },
  })
