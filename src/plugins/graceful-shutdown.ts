/**
 * Stops the service on SIGTERM without dropping a request. After `drain()` the node reports that it is not ready and still serves every request,
 * so that the load balancer can take it out. Every response closes its connection from then on, instead of leaving it to a proxy that sends
 * the next request on it. Once the server closes, it accepts no connections, running requests are finished, and new ones are refused.
 */
import { setTimeout } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from '../model/problems.ts'

export interface ShutdownOptions {
  /** How long the node still serves requests after it has reported that it is not ready, ms. */
  delayMs: number
  /** The process exits after this time in any case, ms. */
  timeoutMs: number
  /** Called last, when everything is closed. */
  onClosed: () => Promise<void>
}

/** Drains and closes the service on SIGTERM, SIGINT and other signals that end a process, and after an unexpected error. */
export function closeOnSignal(app: FastifyInstance, { delayMs, timeoutMs, onClosed }: ShutdownOptions): void {
  closeWithGrace({ delay: timeoutMs, logger: false }, async ({ err, signal }) => {
    if (err) app.log.fatal({ err }, 'stopping after an unexpected error')
    else app.log.info({ signal }, 'stopping')
    app.drain()
    await setTimeout(delayMs)
    await app.close()
    app.log.info('stopped')
    await onClosed()
  })
}

function gracefulShutdownPlugin(app: FastifyInstance, _options: object, done: () => void): void {
  let isDraining = false
  let isClosing = false
  app.decorate('isDraining', { getter: () => isDraining || isClosing })
  app.decorate('drain', () => {
    isDraining = true
  })
  app.addHook('preClose', (next) => {
    isClosing = true
    // At once: the hooks of other plugins may take a while, and a proxy whose connection is refused asks another node, but passes a 503 on.
    // Fastify calls close() again later, and waits for the connections that are still open.
    if (app.server.listening) app.server.close()
    next()
  })
  app.addHook('onRequest', (request, _reply, next) => {
    const isRefused = isClosing && !request.routeOptions.config.isServedWhileClosing
    next(isRefused ? new Problem('OVERLOADED', 'The service is stopping.') : undefined)
  })
  app.addHook('onSend', (_request, reply, payload, next) => {
    if (isDraining || isClosing) void reply.header('connection', 'close')
    next(null, payload)
  })
  // A response that was already being streamed has no `connection: close`, so its connection is closed here.
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
