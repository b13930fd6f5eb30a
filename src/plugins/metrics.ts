/** Prometheus metrics: counts what happens, and reads the gauges at each scrape. No metric names a call or a person. */
import Registry from '@prometheus-io/client/lib/registry.js'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { RequestObserver } from '../genesys/http/attempt.ts'
import { GenesysError } from '../genesys/http/errors.ts'
import type { AuditEntry } from '../ledger/contract/audit.ts'
import { states } from '../model/states.ts'
import { defineMetrics, type CertificatePeer, type Metrics } from '../telemetry/metrics.ts'
import { scrapeProcess } from '../telemetry/process-metrics.ts'
import { readSources, type GaugeSource } from '../telemetry/scrape.ts'
import { findEndedHop, isRepeatedState, type PipelineObservers } from '../transfers/stage-metrics.ts'
import type { DeliveryObserver } from '../webhooks/attempt-report.ts'

const callerRefusals: ReadonlySet<string> = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'TOO_MANY_REQUESTS'])
const transferStates: ReadonlySet<string> = new Set(states)

interface Observers {
  audit(entry: AuditEntry): void
  pipeline: PipelineObservers
  webhook(endpoint: string): DeliveryObserver
  genesys: RequestObserver
  /** A login ended. @param error absent after a success */
  onLogin(error?: unknown): void
  onCertificateError(peer: CertificatePeer): void
  onLeaseExpired(): void
}

const toSeconds = (ms: number): number => Math.max(0, ms) / 1_000

/** Functions that other parts of the service call when something happens. */
function createObservers(metrics: Metrics): Observers {
  return {
    audit(entry) {
      const { status, code, latencyMs } = entry
      if (!transferStates.has(status)) return
      const ended = findEndedHop(entry)
      if (ended) metrics.hops.inc({ hop: String(ended.hop), outcome: ended.outcome })
      if (isRepeatedState(entry)) return
      metrics.transfers.inc({ state: status, code: code ?? 'none' })
      if (status === 'initiated' && latencyMs !== null) metrics.transferLatency.observe(toSeconds(latencyMs))
    },
    pipeline: {
      onStage: (stage, outcome, ms) => metrics.stageDuration.observe({ stage, outcome }, toSeconds(ms)),
      onPickup: (ms) => metrics.pickup.observe(toSeconds(ms)),
      onLatePoll: (ms) => metrics.pollDelay.observe(toSeconds(ms)),
    },
    webhook: (endpoint) => (outcome, ms, lagMs) => {
      metrics.webhookAttempts.inc({ endpoint, outcome })
      metrics.webhookAttemptDuration.observe(toSeconds(ms))
      metrics.stageDuration.observe({ stage: 'webhook', outcome }, toSeconds(ms))
      if (lagMs !== undefined) metrics.webhookLag.observe(toSeconds(lagMs))
    },
    genesys: {
      onRequest(operation, result, ms) {
        metrics.genesysRequests.inc({ operation, result })
        if (ms !== undefined) metrics.genesysDuration.observe({ operation }, toSeconds(ms))
      },
      onWait: (lane, ms) => metrics.genesysWait.observe({ lane }, toSeconds(ms)),
    },
    onLogin: (error) =>
      metrics.logins.inc({ result: error === undefined ? 'ok' : error instanceof GenesysError ? error.reason : 'unavailable' }),
    onCertificateError: (peer) => metrics.certificateFailures.inc({ peer }),
    onLeaseExpired: () => metrics.leasesExpired.inc(),
  }
}

function metricsPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  const registry = new Registry()
  const metrics = defineMetrics(registry)
  const sources = new Map<string, GaugeSource>()

  async function collect(): Promise<string> {
    await readSources(sources, (source) => metrics.scrapeErrors.inc({ source }))
    return [await registry.metrics(), await scrapeProcess()].join('\n')
  }
  // Scrapes at the same time share one collection.
  let running: Promise<string> | undefined
  app.decorate('metrics', {
    ...createObservers(metrics),
    contentType: registry.contentType,
    scrape: () => (running ??= collect().finally(() => (running = undefined))),
    addSource: (name, createSource) => void sources.set(name, createSource(metrics)),
  })
  app.addHook('onResponse', (request, reply, next) => {
    const route = request.routeOptions.url ?? 'none'
    // How long a client listens to events says nothing about how fast the service answers.
    if (!request.routeOptions.config.isEventStream)
      metrics.httpDuration.observe({ method: request.method, route, status: reply.statusCode }, toSeconds(reply.elapsedTime))
    const code = request.problem?.code
    if (code && callerRefusals.has(code)) metrics.callersRefused.inc({ code })
    next()
  })
  done()
}

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Observers & {
      readonly contentType: string
      /** All metrics in the text format of Prometheus. */
      scrape(): Promise<string>
      /** Adds a source of gauges, read at each scrape. */
      addSource(name: string, createSource: (metrics: Metrics) => GaugeSource): void
    }
  }
}
export default fp(metricsPlugin, { name: 'metrics', dependencies: ['problem-details'], fastify: '5.x' })
