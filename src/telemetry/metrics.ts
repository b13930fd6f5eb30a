/** Every metric of Handoff, defined once: its name, what it means, its labels. No label holds the id of a transfer, a call, a user or a queue. */
import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client'

/** Bounds in seconds. */
const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** PICKUP_TIMEOUT is 30 s unless set otherwise; what is picked up later is seen as well. */
const pickups = [1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 45, 60, 120, 300, 900]
/** A webhook is retried for about three days. */
const lags = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200, 28_800, 86_400, 259_200]

/** What may be missed is what happens for the first time: PromQL's increase() needs a zero before it. */
const fromZero: ReadonlyArray<{ state: string; code: string }> = [
  ...['accepted', 'decided', 'executing', 'initiated', 'picked_up'].map((state) => ({ state, code: 'none' })),
  { state: 'timeout', code: 'PICKUP_TIMEOUT' },
  { state: 'abandoned', code: 'CALLER_ABANDONED' },
  { state: 'failed', code: 'TRANSFER_FAILED' },
  { state: 'failed', code: 'FLOWED_OUT' },
  { state: 'superseded', code: 'SUPERSEDED' },
  { state: 'indeterminate', code: 'OUTCOME_UNKNOWN' },
]

export function defineMetrics(registry: Registry) {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `handoff_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `handoff_${name}`, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name: `handoff_${name}`, help, buckets, labelNames, registers })

  const metrics = {
    httpDuration: histogram('http_request_duration_seconds', 'Requests to Handoff, answered', quick, 'method', 'route', 'status'),
    callersRefused: counter('callers_refused_total', 'Requests refused for their key, its scope or its rate', 'code'),

    stageDuration: histogram('stage_duration_seconds', 'One stage of one transfer; audit-poll: from initiated to its end', [...quick, 30, 60, 300], 'stage', 'outcome'), // prettier-ignore
    transfers: counter('transfers_total', 'Moves of transfers, by the state they moved to and its code', 'state', 'code'),
    transferLatency: histogram('transfer_latency_seconds', 'Request received until the platform accepted the transfer', quick),
    pickup: histogram('pickup_seconds', 'Accepted by the platform until somebody picked up', pickups),
    underWay: gauge('requests_under_way', 'Requests for a transfer that are not answered yet'),
    admissionLimit: gauge('admission_limit', 'Requests under way beyond which more are refused as OVERLOADED'),
    watched: gauge('transfers_watched', 'Transfers that are watched for pickup or for their outcome'),
    watchLag: histogram('watch_lag_seconds', 'How much later than planned a transfer was looked at', quick),

    webhookAttempts: counter('webhook_attempts_total', 'Attempts to deliver a webhook', 'endpoint', 'outcome'),
    webhookAttemptDuration: histogram('webhook_attempt_duration_seconds', 'One attempt to deliver a webhook', quick),
    webhookLag: histogram('webhook_delivery_lag_seconds', 'Event created until the CRM had it', lags),
    webhookPending: gauge('webhook_pending', 'Deliveries that wait', 'endpoint'),
    webhookOldest: gauge('webhook_oldest_pending_seconds', 'Age of the oldest delivery that waits; 0: none does', 'endpoint'),
    webhookPaused: gauge('webhook_endpoint_paused', '1: the endpoint fails for long and is only probed', 'endpoint'),

    genesysRequests: counter('genesys_requests_total', 'Requests to the platform by status, by how they broke off, or held_back: never sent', 'operation', 'result'), // prettier-ignore
    genesysDuration: histogram('genesys_request_duration_seconds', 'Request to the platform, sent until answered', quick, 'operation'),
    genesysWait: histogram('genesys_wait_seconds', 'Wait for a place under the rate limit', quick, 'lane'),
    governorLimit: gauge('governor_limit', 'Requests allowed in 60 s', 'token'),
    governorUsed: gauge('governor_used', 'Requests of the last 60 s', 'token'),
    governorPaused: gauge('governor_paused_seconds', 'Until a pause after 429 is over', 'token'),
    governorWaiting: gauge('governor_waiting', 'Requests that wait for a place under the rate limit', 'lane'),
    breakerState: gauge('breaker_state', '0 closed, 1 half open, 2 open: the platform is taken to be down'),

    channels: gauge('notifications_channels', 'Notification channels of this node'),
    sockets: gauge('notifications_sockets', 'Of these, connected'),
    topics: gauge('notifications_topics', 'Topics that somebody watches'),
    topicsCovered: gauge('notifications_topics_covered', 'Of these, what happens is heard'),
    topicsRejected: gauge('notifications_topics_rejected', 'Of these, refused by the platform and polled'),
    events: counter('notifications_events_total', 'Events heard'),
    malformed: counter('notifications_malformed_total', 'Messages that could not be read'),
    reconnects: counter('notifications_reconnects_total', 'Connections that had to be made again'),

    ledgerUp: gauge('ledger_up', '1: the ledger answered this scrape'),
    scrapeErrors: counter('scrape_errors_total', 'Sources that did not answer a scrape', 'source'),
  }
  for (const labels of fromZero) metrics.transfers.inc(labels, 0)
  return metrics
}
export type Metrics = ReturnType<typeof defineMetrics>
