/**
 * A graceful stop: first the node says that it is not ready, and serves on until the balancer has seen that; then what is under way is
 * finished, what comes is refused, and no connection lingers until its keep-alive runs out.
 */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../model/problems.ts'

function gracefulShutdownPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  let isDraining = false
  let stopping = false
  app.decorate('isDraining', { getter: () => isDraining || stopping })
  app.decorate('drain', () => {
    isDraining = true
  })
  app.addHook('preClose', (begun) => {
    stopping = true
    begun()
  })
  app.addHook('onRequest', (request, _reply, next) => {
    next(stopping && !request.routeOptions.config.whileStopping ? new Problem('OVERLOADED', 'The service is stopping.') : undefined)
  })
  app.addHook('onSend', (_request, reply, payload, next) => {
    if (stopping) void reply.header('connection', 'close')
    next(null, payload)
  })
  // A stream that began before the stop could not be told to close.
  app.addHook('onResponse', (_request, _reply, next) => {
    if (stopping) setImmediate(() => app.server.closeIdleConnections())
    next()
  })
  done()
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether a stop has begun: not ready any more. */
    readonly isDraining: boolean
    /** Begins a stop: readiness turns 503, everything else is still served. */
    drain(): void
  }
  interface FastifyContextConfig {
    /** Answered during a stop as well. */
    whileStopping?: boolean
  }
}
export default fp(gracefulShutdownPlugin, { name: 'graceful-shutdown', dependencies: ['problem-details'], fastify: '5.x' })
