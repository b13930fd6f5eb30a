/** How one attempt of a delivery is made: signed, sent, recorded in the ledger and reported. */
import { setTimeout } from 'node:timers/promises'
import type { ClaimedDelivery, DeliveryState, DeliveryStore } from '../ledger/contract/deliveries.ts'
import { retryWhileUnavailable } from '../ledger/retry-while-unavailable.ts'
import type { OutageLog } from '../telemetry/outage-log.ts'
import { logAttempt, reportAttempt, type DeliveryLog, type DeliveryObserver } from './attempt-report.ts'
import { createDeliveryAudit, decideDeliveryResult } from './delivery-result.ts'
import type { Endpoint } from './endpoints.ts'
import type { delayBeforeAttempt } from './schedule.ts'
import { createSignatureHeaders } from './signature.ts'
import type { WebhookSender } from './webhook-sender.ts'

export interface AttemptDependencies {
  ledger: Pick<DeliveryStore, 'recordDeliveryResult'>
  send: WebhookSender['send']
  endpoint: Pick<Endpoint, 'url' | 'secrets'>
  /** Epoch ms. */
  clock: () => number
  /** From 0 to less than 1. */
  random: () => number
  log: DeliveryLog
  /** Reports when the endpoint begins to fail, and when it works again. */
  outageLog: OutageLog
  onAttempt?: DeliveryObserver
  delayBefore: typeof delayBeforeAttempt
  /** Whether the worker is closing. If so, a result that cannot be recorded is dropped, and the delivery is attempted again later. */
  isClosing: () => boolean
}

/** The pause between two attempts to record a result, ms. */
const recordPauseMs = 1_000

/**
 * Attempts a delivery once and records the result, however long the ledger is unavailable. Returns the state of the delivery.
 * @throws StoreUnavailable while closing
 */
export async function attemptDelivery(delivery: ClaimedDelivery, dependencies: AttemptDependencies): Promise<DeliveryState> {
  const { ledger, send, endpoint, clock, random, log, outageLog, onAttempt, delayBefore, isClosing } = dependencies
  // The receiver compares the timestamp with its own time, so this is the machine's time, not `clock`.
  const headers = {
    ...createSignatureHeaders(delivery.id, Math.floor(Date.now() / 1000), delivery.body, endpoint.secrets),
    ...(delivery.traceparent && { traceparent: delivery.traceparent }),
  }
  const sent = await send(endpoint.url, headers, delivery.body)
  const result = decideDeliveryResult(delivery, sent, clock(), (attempt) => delayBefore(attempt, random()))
  const resultWithAudit = { ...result, ...(result.state !== 'pending' && { audit: createDeliveryAudit(delivery, result) }) }
  const transition = await retryWhileUnavailable(() => ledger.recordDeliveryResult(resultWithAudit), {
    pauseMs: recordPauseMs,
    wait: setTimeout,
    isStopped: isClosing,
  })
  logAttempt({ log, outageLog, origin: new URL(endpoint.url).origin, certificateCode: sent.certificateCode }, delivery, result, transition)
  reportAttempt(delivery, sent, clock(), onAttempt)
  return result.state
}
