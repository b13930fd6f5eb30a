/** Every metric of Handoff, defined once: its name, its meaning and its labels. No label contains the id of a transfer, a call, a user or a queue. */
import type { Registry } from '@prometheus-io/client'
import Counter from '@prometheus-io/client/lib/counter.js'
import Gauge from '@prometheus-io/client/lib/gauge.js'
import Histogram from '@prometheus-io/client/lib/histogram.js'

/** Upper bounds of the buckets, in seconds. */
const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** In seconds. PICKUP_TIMEOUT_MS is 30 s by default, but later pickups are counted too. */
const pickupBuckets = [1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 45, 60, 120, 300, 900]
/** In seconds. A webhook is retried for about three days. */
const deliveryLagBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200, 28_800, 86_400, 259_200]

/** Series that start at 0 instead of with their first event: without the 0, `increase()` in PromQL misses the first event. */
const seriesFromZero: ReadonlyArray<{ state: string; code: string }> = [
  ...['accepted', 'decided', 'executing', 'initiated', 'picked_up', 'callback_created'].map((state) => ({ state, code: 'none' })),
  { state: 'timeout', code: 'PICKUP_TIMEOUT' },
  { state: 'abandoned', code: 'CALLER_ABANDONED' },
  { state: 'failed', code: 'TRANSFER_FAILED' },
  { state: 'failed', code: 'FLOWED_OUT' },
  { state: 'superseded', code: 'SUPERSEDED' },
  { state: 'indeterminate', code: 'OUTCOME_UNKNOWN' },
]

/** The servers whose certificates are checked; the outbound proxy counts as the server behind it. */
const certificatePeers = ['platform', 'webhook', 'ledger'] as const
export type CertificatePeer = (typeof certificatePeers)[number]

/** Defines all metrics in a registry. */
export function defineMetrics(registry: Registry) {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name: `handoff_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name: `handoff_${name}`, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]) =>
    new Histogram({ name: `handoff_${name}`, help, buckets, labelNames, registers })

  const metrics = {
    httpDuration: histogram(
      'http_request_duration_seconds',
      'Requests to Handoff, until answered',
      requestBuckets,
      'method',
      'route',
      'status',
    ),
    callersRefused: counter('callers_refused_total', 'Requests refused because of their key, its scopes or its rate', 'code'),

    stageDuration: histogram('stage_duration_seconds', 'One stage of one transfer; audit-poll: from initiated to a final state', [...requestBuckets, 30, 60, 300], 'stage', 'outcome'), // prettier-ignore
    transfers: counter('transfers_total', 'State changes of transfers, by the new state and its code', 'state', 'code'),
    hops: counter('hops_total', 'Hops that ended, by their number and by how; overflowed: the call moved on', 'hop', 'outcome'),
    transferLatency: histogram(
      'transfer_latency_seconds',
      'From the request to the acceptance of the transfer by the platform',
      requestBuckets,
    ),
    pickup: histogram('pickup_seconds', 'From the acceptance of the first hop by the platform to the pickup', pickupBuckets),
    requestsInProgress: gauge('requests_under_way', 'Transfer requests that are not answered yet'),
    admissionLimit: gauge('admission_limit', 'Number of transfer requests in progress above which new ones are refused as OVERLOADED'),
    watchedTransfers: gauge('transfers_watched', 'Transfers that are watched for their pickup or outcome'),
    watchOverdue: gauge('watch_overdue_seconds', 'How long the poll that is most overdue or running longest has been so; 0: none is'),
    pollDelay: histogram('watch_lag_seconds', 'How much later than planned a transfer was polled', requestBuckets),

    webhookAttempts: counter('webhook_attempts_total', 'Attempts to deliver a webhook', 'endpoint', 'outcome'),
    webhookAttemptDuration: histogram('webhook_attempt_duration_seconds', 'One attempt to deliver a webhook', requestBuckets),
    webhookLag: histogram('webhook_delivery_lag_seconds', 'From the event to its delivery to the CRM', deliveryLagBuckets),
    webhookPending: gauge('webhook_pending', 'Pending deliveries', 'endpoint'),
    webhookOldestPending: gauge('webhook_oldest_pending_seconds', 'Age of the oldest pending delivery; 0: none is pending', 'endpoint'),
    webhookFailing: gauge('webhook_endpoint_failing_seconds', 'For how long every attempt has failed; 0: the last one succeeded', 'endpoint'), // prettier-ignore
    webhookPaused: gauge('webhook_endpoint_paused', '1: the endpoint has been failing for long and gets only probes', 'endpoint'),

    logins: counter('logins_total', 'Logins at the platform: ok, login_failed (the OAuth client is not accepted), rate_limited, unavailable', 'result'), // prettier-ignore
    genesysRequests: counter('genesys_requests_total', 'Requests to the platform by status, by kind of failure, or held_back: never sent', 'operation', 'result'), // prettier-ignore
    genesysDuration: histogram(
      'genesys_request_duration_seconds',
      'Request to the platform, from sent to answered',
      requestBuckets,
      'operation',
    ),
    genesysWait: histogram('genesys_wait_seconds', 'Wait for the rate limit', requestBuckets, 'lane'),
    rateLimit: gauge('governor_limit', 'Requests allowed in 60 s', 'token'),
    rateLimitUsed: gauge('governor_used', 'Requests of the last 60 s', 'token'),
    rateLimitPaused: gauge('governor_paused_seconds', 'Time left of a pause after a 429', 'token'),
    familyPaused: gauge('governor_family_paused_seconds', 'Time left of a pause after a 429 about a limit of the organization', 'family'),
    rateLimitWaiting: gauge('governor_waiting', 'Requests that wait for the rate limit', 'lane'),
    breakerState: gauge('breaker_state', '0 closed, 1 half open, 2 open: the platform counts as down'),

    channels: gauge('notifications_channels', 'Notification channels of this node'),
    sockets: gauge('notifications_sockets', 'Channels whose WebSocket is connected'),
    topics: gauge('notifications_topics', 'Topics with a handler'),
    topicsSubscribed: gauge('notifications_topics_covered', 'Topics whose events arrive'),
    topicsRejected: gauge('notifications_topics_rejected', 'Topics that the platform rejected; their transfers are polled'),
    events: counter('notifications_events_total', 'Events received'),
    malformedMessages: counter('notifications_malformed_total', 'Messages that could not be parsed'),
    reconnects: counter('notifications_reconnects_total', 'Connections that had to be opened again'),

    bulkTransfers: gauge('bulk_transfers', 'Bulk transfers in the ledger that are not over', 'state'),

    ledgerUp: gauge('ledger_up', '1: the ledger can be read, and a transfer can be written'),
    leaseValid: gauge('lease_valid', "1: this node's lease is valid; 0: other nodes may take over its transfers, and it sends no command"),
    leasesExpired: counter('leases_expired_total', 'How often the lease of this node had expired before it was renewed'),
    takeoverAge: gauge('takeover_age_seconds', 'Time since this node last took over what nodes without a lease have left'),
    certificateFailures: counter('certificate_failures_total', 'Connections that failed because of a certificate, by the server', 'peer'),
    buildInfo: gauge(
      'build_info',
      'Always 1: which version runs, on which Node.js, with which ledger',
      'version',
      'node_version',
      'ledger',
    ),
    scrapeErrors: counter('scrape_errors_total', 'Sources that did not answer a scrape', 'source'),
    logLinesLost: counter('log_lines_lost_total', 'Log lines that could not be written'),
    unloggedRequests: counter('requests_unlogged_total', 'Requests without a valid key that were counted in the log instead of getting a line each'), // prettier-ignore
  }
  for (const labels of seriesFromZero) metrics.transfers.inc(labels, 0)
  metrics.hops.inc({ hop: '1', outcome: 'overflowed' }, 0)
  for (const result of ['ok', 'login_failed', 'rate_limited', 'unavailable']) metrics.logins.inc({ result }, 0)
  for (const peer of certificatePeers) metrics.certificateFailures.inc({ peer }, 0)
  return metrics
}
export type Metrics = ReturnType<typeof defineMetrics>
