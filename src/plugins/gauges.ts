/** The gauges and counters that are read at each scrape: from the ledger, the transfer service, the platform client, the notification feed and the log. */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { BreakerState } from '../genesys/http/breaker.ts'
import { standardOutput } from '../telemetry/log-output.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { GaugeSource } from '../telemetry/scrape.ts'
import { serviceVersion } from '../telemetry/version.ts'
import { epochMs } from '../model/clock.ts'

const breakerStates: Readonly<Record<BreakerState, number>> = { closed: 0, halfOpen: 1, open: 2 }

const ageSeconds = (timestamp: string | null, now: number): number =>
  timestamp === null ? 0 : Math.max(0, now - Date.parse(timestamp)) / 1_000

/** Sets a counter to the total of a component that counts by itself. */
function setCounter(counter: Metrics['events'], total: number): void {
  counter.reset()
  counter.inc(total)
}

const ledgerSource =
  (app: FastifyInstance) =>
  (metrics: Metrics): GaugeSource => ({
    async read() {
      const [knownEndpoints, isUp] = await Promise.all([
        app.ledger.listEndpoints(),
        // That the endpoints could be read proves nothing: a ledger on a full disk can still be read.
        app.checkLedger().then(
          () => true,
          () => false,
        ),
      ])
      const now = epochMs()
      const unusedEndpoints = app.crmWebhooks.endpoints
        .filter(({ id }) => !knownEndpoints.some((endpoint) => endpoint.id === id))
        .map(({ id }) => ({ id, pending: 0, oldestPendingAt: null, failingSince: null, pausedAt: null }))
      return () => {
        metrics.ledgerUp.set(isUp ? 1 : 0)
        metrics.leaseValid.set(app.ledger.currentLease().isValid() ? 1 : 0)
        for (const { id: endpoint, pending, oldestPendingAt, failingSince, pausedAt } of [...knownEndpoints, ...unusedEndpoints]) {
          metrics.webhookPending.set({ endpoint }, pending)
          metrics.webhookOldestPending.set({ endpoint }, ageSeconds(oldestPendingAt, now))
          metrics.webhookFailing.set({ endpoint }, ageSeconds(failingSince, now))
          metrics.webhookPaused.set({ endpoint }, pausedAt === null ? 0 : 1)
        }
      }
    },
    reset() {
      metrics.ledgerUp.set(0)
      metrics.leaseValid.set(app.ledger.currentLease().isValid() ? 1 : 0)
      for (const gauge of [metrics.webhookPending, metrics.webhookOldestPending, metrics.webhookFailing, metrics.webhookPaused])
        gauge.reset()
    },
  })

const transfersSource =
  (app: FastifyInstance) =>
  (metrics: Metrics): GaugeSource => ({
    read: () => () => {
      metrics.requestsInProgress.set(app.transfers.requestsInProgress)
      metrics.admissionLimit.set(app.transfers.requestLimit)
      metrics.watchedTransfers.set(app.transfers.watchedTransfers)
      metrics.watchOverdue.set(app.transfers.watchOverdueMs / 1_000)
      metrics.takeoverAge.set(app.takeoverAgeMs() / 1_000)
    },
  })

/** More are not counted: a service has a few at most. */
const maxBulkTransfers = 100
const bulkSource =
  (app: FastifyInstance) =>
  (metrics: Metrics): GaugeSource => ({
    async read() {
      const { items } = await app.ledger.listBulkTransfers({ states: ['running', 'paused'], limit: maxBulkTransfers })
      return () => {
        for (const state of ['running', 'paused'])
          metrics.bulkTransfers.set({ state }, items.filter(({ record }) => record.state === state).length)
      }
    },
    reset: () => metrics.bulkTransfers.reset(),
  })

const genesysSource =
  (app: FastifyInstance) =>
  (metrics: Metrics): GaugeSource => ({
    read() {
      const usageByToken = app.genesys.client.rateLimitUsage()
      const pausedFamilies = app.genesys.client.pausedFamilies()
      const { breaker, waiting } = app.genesys.client.load()
      return () => {
        for (const [token, { limit, used, pausedMs }] of usageByToken.entries()) {
          metrics.rateLimit.set({ token }, limit)
          metrics.rateLimitUsed.set({ token }, used)
          metrics.rateLimitPaused.set({ token }, pausedMs / 1_000)
        }
        for (const { family, pausedMs } of pausedFamilies) metrics.familyPaused.set({ family }, pausedMs / 1_000)
        for (const [lane, count] of Object.entries(waiting)) metrics.rateLimitWaiting.set({ lane }, count)
        metrics.breakerState.set(breakerStates[breaker])
      }
    },
  })

const notificationsSource =
  (app: FastifyInstance) =>
  (metrics: Metrics): GaugeSource => ({
    read() {
      const state = app.genesys.feed?.state()
      return () => {
        if (!state) return
        metrics.channels.set(state.channels)
        metrics.sockets.set(state.sockets)
        metrics.topics.set(state.topics)
        metrics.topicsSubscribed.set(state.subscribed)
        metrics.topicsRejected.set(state.rejected)
        setCounter(metrics.events, state.events)
        setCounter(metrics.malformedMessages, state.malformed)
        setCounter(metrics.reconnects, state.reconnects)
      }
    },
  })

const logSource =
  (app: FastifyInstance) =>
  (metrics: Metrics): GaugeSource => ({
    read: () => () => {
      setCounter(metrics.logLinesLost, standardOutput.lostLines)
      setCounter(metrics.unloggedRequests, app.unauthenticatedLineLimit.suppressed)
    },
  })

export interface GaugesPluginOptions {
  /** The DATABASE_URL setting: its scheme is the kind of the ledger. */
  databaseUrl: string
}

function gaugesPlugin(app: FastifyInstance, { databaseUrl }: GaugesPluginOptions, done: () => void): void {
  const buildInfo = {
    version: serviceVersion,
    node_version: process.versions.node,
    ledger: databaseUrl.startsWith('sqlite:') ? 'sqlite' : 'postgresql',
  }
  app.metrics.addSource('build', ({ buildInfo: gauge }) => ({ read: () => () => gauge.set(buildInfo, 1) }))
  app.metrics.addSource('ledger', ledgerSource(app))
  // Published as the label `source` of handoff_scrape_errors_total, so the name stays.
  app.metrics.addSource('switchboard', transfersSource(app))
  app.metrics.addSource('bulk', bulkSource(app))
  app.metrics.addSource('genesys', genesysSource(app))
  app.metrics.addSource('notifications', notificationsSource(app))
  app.metrics.addSource('log', logSource(app))
  done()
}

export default fp(gaugesPlugin, {
  name: 'gauges',
  dependencies: ['request-log', 'metrics', 'ledger', 'crm-webhooks', 'genesys', 'transfers'],
  fastify: '5.x',
})
