/**
 * Stops the service without dropping a request. After `drain()` the node reports that it is not ready and still serves every request,
 * so that the load balancer can take it out. Once the server closes, running requests are finished, new ones are refused, and every
 * response closes its connection instead of leaving it to the keep-alive timeout.
 */
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../model/problems.ts'

function gracefulShutdownPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  let isDraining = false
  let isClosing = false
  app.decorate('isDraining', { getter: () => isDraining || isClosing })
  app.decorate('drain', () => {
    isDraining = true
  })
  app.addHook('preClose', (next) => {
    isClosing = true
    next()
  })
  app.addHook('onRequest', (request, _reply, next) => {
    const isRefused = isClosing && !request.routeOptions.config.isServedWhileClosing
    next(isRefused ? new Problem('OVERLOADED', 'The service is stopping.') : undefined)
  })
  app.addHook('onSend', (_request, reply, payload, next) => {
    if (isClosing) void reply.header('connection', 'close')
    next(null, payload)
  })
  // The headers of a stream that was already being sent could not ask for the connection to be closed.
  app.addHook('onResponse', (_request, _reply, next) => {
    if (isClosing) setImmediate(() => app.server.closeIdleConnections())
    next()
  })
  done()
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the shutdown has begun: the node is no longer ready. */
    readonly isDraining: boolean
    /** Begins the shutdown: readiness becomes 503, everything else is still served. */
    drain(): void
  }
  interface FastifyContextConfig {
    /** The route is also served while the server is closing. */
    isServedWhileClosing?: boolean
  }
}
export default fp(gracefulShutdownPlugin, { name: 'graceful-shutdown', fastify: '5.x' })
