/** Handles the requests of a connection one after the other, so that a client that pipelines gets no response made before it has taken the one before. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

type Exchange = [request: IncomingMessage, response: ServerResponse]

/**
 * Wraps the listener of an HTTP server. Node parses everything that one read brings at once, up to 64 KiB and thousands of requests, and
 * calls the listener for all of them. Here only the first is handled; the next one follows when its response has left for the client,
 * and nothing more is read meanwhile. So each connection has at most one response in memory.
 * @param maxWaiting how many requests may wait, on all connections together; a connection that brings more is closed
 */
export function createRequestQueue(handle: RequestListener, maxWaiting: number): RequestListener {
  /** The requests that wait, by connection. A connection without an entry handles no request. */
  const queues = new WeakMap<Socket, Exchange[]>()
  let waiting = 0

  function start(socket: Socket, [request, response]: Exchange): void {
    // `close` follows `finish`, and comes alone when the connection is lost.
    response.once('close', () => setImmediate(startNext, socket))
    handle(request, response)
  }
  function startNext(socket: Socket): void {
    const queue = queues.get(socket) ?? []
    const canAnswer = !socket.destroyed && !socket.writableEnded
    const next = canAnswer ? queue.shift() : undefined
    if (!next) {
      waiting -= queue.length
      queues.delete(socket)
      return
    }
    waiting -= 1
    if (queue.length === 0) socket.resume()
    // Node itself resumes the reading when a response ends.
    else socket.pause()
    socket.setTimeout(0)
    start(socket, next)
  }

  return (request, response) => {
    const { socket } = request
    const queue = queues.get(socket)
    if (!queue) {
      queues.set(socket, [])
      start(socket, [request, response])
    } else if (waiting >= maxWaiting) {
      socket.destroy()
      waiting -= queue.length
      queue.length = 0
    } else if (!socket.destroyed) {
      queue.push([request, response])
      waiting += 1
      socket.pause()
    }
  }
}
