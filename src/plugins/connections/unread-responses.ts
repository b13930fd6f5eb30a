/** Closes the connections of clients that do not read their responses, so that unread responses do not fill the memory. */
import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

export interface UnreadResponsesOptions {
  /** A connection is closed when its client reads nothing of a response for this time, ms. */
  readTimeoutMs: number
  /** How much may wait to be read on all connections together, in characters. Beyond it, the connections that have waited longest are closed. */
  maxUnreadLength: number
}

/** How much of a streamed response can wait in memory, in characters: its pipes stop at their high-water marks. */
const maxStreamLength = 1_000_000

/** How much memory a payload takes, in characters. Buffers do not count: only documents are sent as buffers, and all responses share them. */
function lengthOf(payload: unknown): number {
  if (typeof payload === 'string') return payload.length
  return payload === null || payload === undefined || Buffer.isBuffer(payload) ? 0 : maxStreamLength
}

function unreadResponsesPlugin(app: FastifyInstance, { readTimeoutMs, maxUnreadLength }: UnreadResponsesOptions, done: () => void): void {
  /** The length of each response that has not been sent completely, the oldest first. */
  const unread = new Map<ServerResponse, number>()
  let total = 0

  function remove(response: ServerResponse): void {
    total -= unread.get(response) ?? 0
    unread.delete(response)
  }
  app.addHook('onSend', (request, reply, payload, next) => {
    const response = reply.raw
    // The time limit starts again with every byte that the client reads. It does not depend on the wall clock. After the response, Node sets
    // its keep-alive timeout instead. A request of `app.inject` has no socket.
    if (request.raw.socket instanceof Socket) request.raw.socket.setTimeout(readTimeoutMs)
    // A stream of events is always open. It limits by itself what may wait for each of its readers, and they share it.
    if (request.routeOptions.config.isEventStream) return next(null, payload)
    unread.set(response, lengthOf(payload))
    total += lengthOf(payload)
    response.once('finish', () => remove(response))
    response.once('close', () => remove(response))
    for (const oldest of unread.keys()) {
      if (total <= maxUnreadLength || oldest === response) break
      remove(oldest)
      oldest.destroy()
    }
    next(null, payload)
  })
  done()
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers with events for as long as its client stays, and limits itself how much of them may wait to be read. */
    isEventStream?: boolean
  }
}
export default fp(unreadResponsesPlugin, { name: 'unread-responses', fastify: '5.x' })
