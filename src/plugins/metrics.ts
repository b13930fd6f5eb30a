/** Prometheus: what is counted while it happens, and what is looked up when somebody asks. One registry for each app; nothing in it names a call or a person. */
import { collectDefaultMetrics, Registry } from '@prometheus-io/client'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { AuditEntry } from '../ledger/ledger.ts'
import { states } from '../model/states.ts'
import type { Observers as PipelineObservers } from '../transfers/stage-metrics.ts'
import type { AttemptObserver } from '../webhooks/delivery-worker.ts'
import type { GenesysObservers } from '../genesys/http/http-client.ts'
import { defineMetrics, type Metrics } from './metrics-table.ts'
import { gaugeSources } from './metrics-sources.ts'

/** A source that has not answered by then counts as failed, ms: a scrape has some seconds. */
const sourceTimeoutMs = 2_000
const refusedCallers = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'TOO_MANY_REQUESTS'])
const moved = new Set<string>(states)

/** Event loop, memory and garbage collection belong to the process, however many apps run in it. */
let ofTheProcess: Registry | undefined
function processRegistry(): Registry {
  if (!ofTheProcess) {
    ofTheProcess = new Registry()
    collectDefaultMetrics({ register: ofTheProcess })
  }
  return ofTheProcess
}

export interface Observers {
  audit(entry: AuditEntry): void
  pipeline: PipelineObservers
  webhook(endpoint: string): AttemptObserver
  genesys: GenesysObservers
}

function observersOf(metrics: Metrics): Observers {
  const seconds = (ms: number): number => Math.max(0, ms) / 1_000
  return {
    audit({ status, code, latencyMs }) {
      if (!moved.has(status)) return
      metrics.transfers.inc({ state: status, code: code ?? 'none' })
      if (status === 'initiated' && latencyMs !== null) metrics.transferLatency.observe(seconds(latencyMs))
    },
    pipeline: {
      stage: (stage, outcome, ms) => metrics.stageDuration.observe({ stage, outcome }, seconds(ms)),
      pickup: (ms) => metrics.pickup.observe(seconds(ms)),
      late: (ms) => metrics.watchLag.observe(seconds(ms)),
    },
    webhook: (endpoint) => (outcome, ms, lagMs) => {
      metrics.webhookAttempts.inc({ endpoint, outcome })
      metrics.webhookAttemptDuration.observe(seconds(ms))
      metrics.stageDuration.observe({ stage: 'webhook', outcome }, seconds(ms))
      if (lagMs !== undefined) metrics.webhookLag.observe(seconds(lagMs))
    },
    genesys: {
      request(operation, result, ms) {
        metrics.genesysRequests.inc({ operation, result })
        if (ms !== undefined) metrics.genesysDuration.observe({ operation }, seconds(ms))
      },
      wait: (lane, ms) => metrics.genesysWait.observe({ lane }, seconds(ms)),
    },
  }
}

/** Rejects when `work` takes too long; what it brings later is let go. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), sourceTimeoutMs)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function metricsPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  const registry = new Registry()
  const metrics = defineMetrics(registry)
  const sources = gaugeSources(app, metrics)

  async function gather(): Promise<string> {
    await Promise.all(
      Object.entries(sources).map(async ([source, { read, forget }]) => {
        try {
          const write = await inTime(Promise.resolve().then(read))
          forget?.()
          write()
        } catch {
          // Better nothing than what was true once.
          forget?.()
          metrics.scrapeErrors.inc({ source })
        }
      }),
    )
    return [await registry.metrics(), await processRegistry().metrics()].join('\n')
  }
  // Several who scrape at once are told the same.
  let gathering: Promise<string> | undefined
  app.decorate('metrics', {
    ...observersOf(metrics),
    contentType: registry.contentType,
    text: () => (gathering ??= gather().finally(() => void (gathering = undefined))),
  })
  app.addHook('onResponse', (request, reply, next) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.httpDuration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000)
    const code = request.problem?.code
    if (code && refusedCallers.has(code)) metrics.callersRefused.inc({ code })
    next()
  })
  done()
}

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Observers & {
      readonly contentType: string
      /** Everything, in the text format of Prometheus. */
      text(): Promise<string>
    }
  }
}
export default fp(metricsPlugin, { name: 'metrics', dependencies: ['problem-details'], fastify: '5.x' })
