/** Logs one line for each request: what was requested, how it was answered, and for which caller and transfer. No line contains personal data or a secret. */
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import { createLineLimit, type LineLimit } from '../telemetry/line-limit.ts'
import { parseTraceId, ensureTraceparent } from '../telemetry/trace-context.ts'

/** Routes that are requested all the time. Their requests are logged only if the connection closes before the response is complete. */
export const unloggedRoutes: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

/** Logs one line about a request. @param status of the response; null: the connection was closed before the response was complete */
export function logRequest(request: FastifyRequest, reply: FastifyReply, status: number | null): void {
  // Lines about requests with a valid key are not limited here, because the rate of such requests is limited.
  if (!request.caller && !request.server.unauthenticatedLineLimit.admits(String(status))) return
  request.log.info(requestFields(request, reply, status), status === null ? 'request abandoned by the caller' : 'request answered')
}

function requestFields(request: FastifyRequest, reply: FastifyReply, status: number | null): object {
  const { problem, caller, sourceHash, transferId, method } = request
  return {
    method,
    route: request.routeOptions.url ?? null,
    status,
    code: problem?.code ?? null,
    field: problem?.extensions.field ?? null,
    caller: caller?.id ?? null,
    ...(sourceHash !== undefined && { sourceHash }),
    transferId: transferId ?? problem?.extensions.transferId ?? null,
    durationMs: Math.round(reply.elapsedTime),
    replayed: reply.getHeader('idempotent-replayed') === 'true',
  }
}

/**
 * A Fastify server option: creates the log of a request, before any hook runs. Every line about the request has its trace id. If
 * the request has no valid traceparent, a new trace starts and the header is set to its traceparent.
 */
export const createRequestLog: NonNullable<FastifyServerOptions['childLoggerFactory']> = (logger, bindings, options, { headers }) => {
  headers['traceparent'] = ensureTraceparent(headers['traceparent'])
  return logger.child({ ...bindings, 'trace.id': parseTraceId(headers['traceparent']) }, options)
}

function requestLogPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  const unauthenticatedLineLimit = createLineLimit((byStatus) =>
    app.log.info({ byStatus }, 'requests without a valid key that were not logged one by one'),
  )
  app.decorate('unauthenticatedLineLimit', unauthenticatedLineLimit)
  app.addHook('onClose', (_app, next) => {
    unauthenticatedLineLimit.close()
    next()
  })
  app.decorateRequest('transferId')
  app.decorateRequest('sourceHash')
  app.decorateRequest('traceparent', {
    getter(this: FastifyRequest) {
      return ensureTraceparent(this.headers['traceparent'])
    },
  })
  app.addHook('onResponse', (request, reply, next) => {
    if (!unloggedRoutes.has(request.routeOptions.url ?? '')) logRequest(request, reply, reply.statusCode)
    next()
  })
  // onResponse does not run when the connection is closed before the response is complete.
  app.addHook('onRequest', (request, reply, next) => {
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) logRequest(request, reply, null)
    })
    next()
  })
  done()
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Limits the log lines about requests without a valid key. */
    readonly unauthenticatedLineLimit: LineLimit
  }
  interface FastifyRequest {
    /** The transfer that the request is about, for its log line. */
    transferId: string | undefined
    /** Keyed hash of the address, for a request that was refused because it has no valid key. */
    sourceHash: string | undefined
    /** W3C trace context: the request's own, or a new one. */
    readonly traceparent: string
  }
}
export default fp(requestLogPlugin, { name: 'request-log', dependencies: ['problem-details'], fastify: '5.x' })
