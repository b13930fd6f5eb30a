/** How one attempt of a delivery appears in the log, the metrics and the trace. */
import type { ClaimedDelivery, DeliveryResult, DeliveryState } from '../ledger/contract/deliveries.ts'
import type { EndpointTransition } from '../ledger/contract/endpoints.ts'
import type { Outage, OutageLog } from '../telemetry/outage-log.ts'
import { recordSpan } from '../telemetry/spans.ts'
import { parseTraceId } from '../telemetry/trace-context.ts'
import type { SendResult } from './webhook-sender.ts'

export type DeliveryLog = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>

/**
 * Called with the outcome and the duration (ms) of each attempt. `ageMs`, the time since the event, is passed only if the attempt delivered
 * the event for the first time.
 */
export type DeliveryObserver = (outcome: string, durationMs: number, ageMs?: number) => void

const recovery = 'an endpoint accepts webhooks again'
/** What an operator must know while an endpoint accepts no webhooks, by the state of the delivery that failed. */
const outages: Readonly<Record<Exclude<DeliveryState, 'delivered'>, Outage>> = {
  pending: {
    level: 'warn',
    message:
      'an endpoint does not accept webhooks, which are retried for three days; look at the receiver, the reason says what it answered',
    recovery,
  },
  refused: {
    level: 'error',
    message:
      'webhooks to an endpoint are refused and not retried; correct what the reason says, then send them again with POST /v1/webhook-redeliveries',
    recovery,
  },
  exhausted: {
    level: 'error',
    message: 'a webhook was given up after three days; repair the receiver, then send it again with POST /v1/webhook-redeliveries',
    recovery,
  },
}

/**
 * Logs an attempt, and a change of its endpoint's state. Attempts that fail are no warnings, because there may be thousands: the outage of
 * the endpoint is logged once.
 */
export function logAttempt(
  {
    log,
    outageLog,
    origin,
    certificateCode,
  }: { log: DeliveryLog; outageLog: OutageLog; origin: string; certificateCode: string | undefined },
  delivery: ClaimedDelivery,
  result: DeliveryResult,
  transition: EndpointTransition,
): void {
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
  log.info(fields, `${delivery.type} ${result.state === 'delivered' ? '' : 'not '}delivered`)
  if (result.state === 'delivered') outageLog.end(endpoint)
  else
    outageLog.begin(endpoint, {
      ...outages[result.state],
      fields: {
        endpoint,
        origin,
        stage: 'webhook',
        outcome: result.state,
        httpStatus: result.attempt.status,
        reason: result.attempt.error,
        'error.code': certificateCode,
      },
    })
  if (transition === 'paused')
    log.error(
      { endpoint, stage: 'webhook', alert: true },
      'an endpoint has failed for too long and is paused: it gets a probe now and then, and all that is pending once it works again',
    )
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
