/** OpenTelemetry traces, if a collector is configured. The span of a request is a child of the caller's span and the parent of its stages' spans. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { RequestSpan } from '../telemetry/spans.ts'
import { createRequestLog, unloggedRoutes } from './request-log.ts'

export interface TracingPluginOptions {
  /** Base address of the collector; undefined: no traces. */
  endpoint: string | undefined
}

async function tracingPlugin(app: FastifyInstance, { endpoint }: TracingPluginOptions): Promise<void> {
  if (!endpoint) return
  const { startTracing } = await import('../telemetry/tracing.ts')
  const tracing = startTracing(endpoint, app.log)
  app.addHook('onClose', () => tracing.close())

  const spans = new WeakMap<IncomingMessage, RequestSpan>()
  // The span starts before the logger of the request is created: log lines, stages and platform calls read the trace from `traceparent`.
  app.setChildLoggerFactory((logger, bindings, options, raw) => {
    const span = tracing.startRequestSpan(raw.headers['traceparent'])
    raw.headers['traceparent'] = span.traceparent
    spans.set(raw, span)
    return createRequestLog.call(app, logger, bindings, options, raw)
  })
  app.addHook('onRequest', ({ raw, method, routeOptions: { url: route } }, reply, next) => {
    // `close` is also emitted when the caller disconnects before the response is complete.
    reply.raw.once('close', () => {
      if (unloggedRoutes.has(route ?? '')) return
      const { writableFinished: isComplete, statusCode } = reply.raw
      spans.get(raw)?.end({
        name: route === undefined ? method : `${method} ${route}`,
        attributes: {
          'http.request.method': method,
          ...(route !== undefined && { 'http.route': route }),
          ...(isComplete && { 'http.response.status_code': statusCode }),
        },
        hasFailed: !isComplete || statusCode >= 500,
      })
    })
    next()
  })
}
export default fp(tracingPlugin, { name: 'tracing', fastify: '5.x' })
