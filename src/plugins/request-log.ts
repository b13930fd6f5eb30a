/** Logs one line for each request: what was requested, how it was answered, and for which caller and transfer. No line contains personal data or a secret. */
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import { parseTraceId, validTraceparent } from '../telemetry/trace-context.ts'

/** Routes that are requested all the time and whose requests say nothing. */
export const unloggedRoutes: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

/** Logs a request whose response was sent. */
export function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  request.log.info(requestFields(request, reply, reply.statusCode), 'request answered')
}

function requestFields(request: FastifyRequest, reply: FastifyReply, status: number | null): object {
  const { problem, caller, transferId, method } = request
  return {
    method,
    route: request.routeOptions.url ?? null,
    status,
    code: problem?.code ?? null,
    field: problem?.extensions.field ?? null,
    caller: caller?.id ?? null,
    transferId: transferId ?? problem?.extensions.transferId ?? null,
    durationMs: Math.round(reply.elapsedTime),
    replayed: reply.getHeader('idempotent-replayed') === 'true',
  }
}

/**
 * A Fastify server option: creates the log of a request, before any hook runs. Every line about the request has its trace id. A request
 * without a valid traceparent starts a trace, and the header is set to it.
 */
export const createRequestLog: NonNullable<FastifyServerOptions['childLoggerFactory']> = (logger, bindings, options, { headers }) => {
  headers['traceparent'] = validTraceparent(headers['traceparent'])
  return logger.child({ ...bindings, 'trace.id': parseTraceId(headers['traceparent']) }, options)
}

function requestLogPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  app.decorateRequest('transferId')
  app.decorateRequest('traceparent', {
    getter(this: FastifyRequest) {
      return validTraceparent(this.headers['traceparent'])
    },
  })
  app.addHook('onResponse', (request, reply, next) => {
    if (!unloggedRoutes.has(request.routeOptions.url ?? '')) logRequest(request, reply)
    next()
  })
  // onResponse does not run when the connection is closed before the response is complete.
  app.addHook('onRequest', (request, reply, next) => {
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) request.log.info(requestFields(request, reply, null), 'request abandoned by the caller')
    })
    next()
  })
  done()
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The transfer that the request is about, for its log line. */
    transferId: string | undefined
    /** W3C trace context: the request's own, or a new one. */
    readonly traceparent: string
  }
}
export default fp(requestLogPlugin, { name: 'request-log', dependencies: ['problem-details'], fastify: '5.x' })
