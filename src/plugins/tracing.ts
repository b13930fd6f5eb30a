/** Traces for OpenTelemetry, where a collector is set: each request is a span, child of the caller's, and what it leads to is below it. */
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { beginSpan, type OpenSpan } from '../telemetry/spans.ts'
import { quiet, traced } from './audit-log.ts'

async function tracingPlugin(app: FastifyInstance, { endpoint }: { endpoint: string | undefined }): Promise<void> {
  if (!endpoint) return
  const { startTracing } = await import('../telemetry/tracing.ts')
  const tracing = startTracing(endpoint, app.log)
  app.addHook('onClose', () => tracing.close())

  const spans = new WeakMap<IncomingMessage, OpenSpan>()
  // Before the request has a log: its lines, its stages and the platform know the trace by what stands in the header from here on.
  app.setChildLoggerFactory((logger, bindings, options, raw) => {
    const span = beginSpan(raw.headers['traceparent'])
    raw.headers['traceparent'] = span.traceparent
    spans.set(raw, span)
    return traced.call(app, logger, bindings, options, raw)
  })
  app.addHook('onRequest', ({ raw, method, routeOptions: { url } }, reply, next) => {
    // Also where the caller has gone before there was an answer.
    reply.raw.once('close', () => {
      if (quiet.has(url ?? '')) return
      const { writableFinished: whole, statusCode } = reply.raw
      spans.get(raw)?.end(
        url === undefined ? method : `${method} ${url}`,
        {
          'http.request.method': method,
          ...(url !== undefined && { 'http.route': url }),
          ...(whole && { 'http.response.status_code': statusCode }),
        },
        !whole || statusCode >= 500,
      )
    })
    next()
  })
}
export default fp(tracingPlugin, { name: 'tracing', fastify: '5.x' })
