/**
 * Stops the service on SIGTERM without dropping a request. After `drain()` the node reports that it is not ready and still serves every request,
 * so that the load balancer can take it out. Once the server closes, running requests are finished, new ones are refused, and every
 * response closes its connection instead of leaving it to the keep-alive timeout.
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
