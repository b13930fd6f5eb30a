/** The HTTP server below Fastify: its time limits, its connection limit, and the requests that Node would otherwise answer by itself. */
import type { RequestListener, Server } from 'node:http'
import type { Socket } from 'node:net'
import { HttpProblem } from '../../routes/problem-response.ts'
import { endWithProblem } from '../early-errors.ts'
import { maxConnections } from './connection-limit.ts'
import { createRequestQueue } from './request-queue.ts'

// An `import` would read every export of the module, and some of them load Node's own copy of undici (9 MB).
const { createServer } = process.getBuiltinModule('node:http')

export interface HttpServerOptions {
  /** How long a request may take to arrive, headers and body, ms. */
  requestTimeoutMs: number
  /** How long a connection without a request is kept, ms. */
  keepAliveTimeoutMs: number
  /** How many pipelined requests may wait, on all connections together. */
  maxWaiting: number
}

/** How often Node looks for requests that take too long, ms. Its default of 30 s would double the time limit. */
const checkIntervalMs = 1_000

/** A factory for Fastify's `serverFactory`. */
export const createHttpServer =
  ({ requestTimeoutMs, keepAliveTimeoutMs, maxWaiting }: HttpServerOptions) =>
  (handle: RequestListener): Server => {
    const queue = createRequestQueue(handle, maxWaiting)
    const server = createServer(
      {
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        connectionsCheckingInterval: Math.min(checkIntervalMs, requestTimeoutMs),
        // Node would refuse a request without Host with an empty body. The request-headers plugin refuses it with problem details.
        requireHostHeader: false,
      },
      queue.handleInTurn,
    )
    server.on('connection', (socket) => queue.addConnection(socket))
    server.maxConnections = maxConnections()
    // At the limit, connections without a request are closed to make room for the next client.
    server.on('drop', () => server.closeIdleConnections())
    // Without these two listeners Node answers such requests with an empty body, or not at all.
    server.on('checkExpectation', queue.handleInTurn)
    server.on('connect', (_request, socket) =>
      endWithProblem(socket as Socket, new HttpProblem('INVALID_REQUEST', 'CONNECT is not possible: this is not a proxy.', 405)),
    )
    return server
  }
