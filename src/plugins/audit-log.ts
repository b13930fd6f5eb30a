/** What is logged: one line per request, one per audit row; nothing that is secret or personal. */
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import { auditInEcs } from '../telemetry/ecs.ts'
import type { AuditEntry } from '../ledger/ledger.ts'
import { traceIdOf, traceparentOf } from '../telemetry/trace-context.ts'

/** Routes that are asked all the time and tell nothing. */
export const quiet: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics'])

/** Logs how a request was answered, or that nobody waited for the whole answer. */
export function logAnswer(request: FastifyRequest, reply: FastifyReply, whole = true): void {
  const { problem, caller, transferId, method } = request
  const { field, transferId: refused } = problem?.particulars ?? {}
  request.log.info(
    {
      method,
      route: request.routeOptions.url ?? null,
      status: whole ? reply.statusCode : null,
      code: problem?.code ?? null,
      field: field ?? null,
      caller: caller?.id ?? null,
      transferId: transferId ?? refused ?? null,
      durationMs: Math.round(reply.elapsedTime),
      replayed: reply.getHeader('idempotent-replayed') === 'true',
    },
    whole ? 'request answered' : 'request abandoned by the caller',
  )
}

/** An option for Fastify itself: every line about a request carries its trace, also before any hook has run. A request without a trace begins one. */
export const traced: NonNullable<FastifyServerOptions['childLoggerFactory']> = (logger, bindings, options, { headers }) => {
  headers['traceparent'] = traceparentOf(headers['traceparent'])
  return logger.child({ ...bindings, 'trace.id': traceIdOf(headers['traceparent']) }, options)
}

function auditLogPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  app.decorate('auditLog', (entry: AuditEntry) => {
    app.log.info({ audit: true, ...auditInEcs(entry) }, `audit ${entry.status}`)
  })
  app.decorateRequest('traceparent', {
    getter(this: FastifyRequest) {
      return traceparentOf(this.headers['traceparent'])
    },
  })
  app.addHook('onResponse', (request, reply, next) => {
    if (!quiet.has(request.routeOptions.url ?? '')) logAnswer(request, reply)
    next()
  })
  // onResponse does not come when the connection is gone before the answer is.
  app.addHook('onRequest', (request, reply, next) => {
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) logAnswer(request, reply, false)
    })
    next()
  })
  app.decorateRequest('transferId')
  done()
}

declare module 'fastify' {
  interface FastifyInstance {
    auditLog(entry: AuditEntry): void
  }
  interface FastifyRequest {
    /** The transfer that the request was about. */
    transferId: string | undefined
    /** W3C trace context: the request's own, or a new one. */
    readonly traceparent: string
  }
}
export default fp(auditLogPlugin, { name: 'audit-log', fastify: '5.x' })
