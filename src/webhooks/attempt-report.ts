/** How one attempt of a delivery appears in the log, the metrics and the trace. */
import type { ClaimedDelivery, DeliveryResult } from '../ledger/contract/deliveries.ts'
import type { EndpointTransition } from '../ledger/contract/endpoints.ts'
import { recordSpan } from '../telemetry/spans.ts'
import { parseTraceId } from '../telemetry/trace-context.ts'
import type { SendResult } from './webhook-sender.ts'

export type DeliveryLog = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>

/**
 * Called with the outcome and the duration (ms) of each attempt. `ageMs`, the time since the event, is passed only if the attempt delivered
 * the event for the first time.
 */
export type DeliveryObserver = (outcome: string, durationMs: number, ageMs?: number) => void

/** Logs an attempt, and a change of its endpoint's state. */
export function logAttempt(log: DeliveryLog, delivery: ClaimedDelivery, result: DeliveryResult, transition: EndpointTransition): void {
  const { endpoint } = delivery
  const fields = {
    transferId: delivery.transferId,
    'trace.id': parseTraceId(delivery.traceparent),
    deliveryId: delivery.id,
    endpoint,
    stage: 'webhook',
    outcome: result.state,
    attempt: delivery.attempts.length + 1,
    httpStatus: result.attempt.status,
    reason: result.attempt.error,
    durationMs: result.attempt.durationMs,
  }
  if (result.state === 'delivered') log.info(fields, `${delivery.type} delivered`)
  else log.warn(fields, `${delivery.type} not delivered`)
  if (transition === 'paused') log.error({ endpoint, stage: 'webhook', alert: true }, 'an endpoint has failed for too long and is paused')
  if (transition === 'resumed') log.info({ endpoint, stage: 'webhook' }, 'a paused endpoint works again')
}

/** Reports an attempt that ended at `now` (epoch ms) to the metrics and the trace. */
export function reportAttempt(
  delivery: ClaimedDelivery,
  { outcome, durationMs }: SendResult,
  now: number,
  observer: DeliveryObserver | undefined,
): void {
  // A delivery that was queued again after a success says nothing about how fast events arrive.
  const wasDeliveredBefore = delivery.attempts.some(({ status }) => status !== null && status < 300)
  const isFirstDelivery = outcome === 'delivered' && !wasDeliveredBefore
  observer?.(outcome, durationMs, isFirstDelivery ? now - Date.parse(delivery.createdAt) : undefined)
  recordSpan({
    name: 'webhook',
    traceparent: delivery.traceparent,
    startedAt: now - durationMs,
    endedAt: now,
    attributes: { 'handoff.stage': 'webhook', 'handoff.outcome': outcome, 'handoff.transfer_id': delivery.transferId },
    hasFailed: outcome !== 'delivered',
  })
}
