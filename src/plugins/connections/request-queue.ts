/** Handles the pipelined requests of a connection one after the other: the next one starts only when the previous response has been sent. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { readInSmallPieces } from './small-reads.ts'

type Exchange = [request: IncomingMessage, response: ServerResponse]
type Handler = (...exchange: Exchange) => void

interface Connection {
  isHandling: boolean
  /** Requests that were parsed and have not started yet. */
  waiting: Exchange[]
  continueReading(): void
}

export interface RequestQueue {
  /** To be called for each connection of the server, before its first read. */
  addConnection(socket: Socket): void
  /** To be called for each request. */
  handleInTurn: Handler
}

/**
 * While a request waits, nothing more is read from its connection or parsed. So each connection has at most one response and a few requests
 * in memory.
 * @param maxWaiting how many requests may wait, on all connections together; a connection that brings more is closed
 */
export function createRequestQueue(handle: Handler, maxWaiting: number): RequestQueue {
  const connections = new WeakMap<Socket, Connection>()
  let totalWaiting = 0

  function start(socket: Socket, connection: Connection, [request, response]: Exchange): void {
    connection.isHandling = true
    // `close` follows `finish`. If the connection is lost, there is only `close`.
    response.once('close', () => setImmediate(startNext, socket, connection))
    handle(request, response)
  }
  function startNext(socket: Socket, connection: Connection): void {
    connection.isHandling = false
    if (socket.destroyed || socket.writableEnded) dropWaiting(connection)
    const next = connection.waiting.shift()
    if (!next) return
    totalWaiting -= 1
    if (connection.waiting.length === 0) connection.continueReading()
    // Ends the time limit for reading the previous response (unread-responses.ts).
    socket.setTimeout(0)
    start(socket, connection, next)
  }
  function dropWaiting(connection: Connection): void {
    totalWaiting -= connection.waiting.length
    connection.waiting = []
  }

  return {
    addConnection(socket) {
      const connection: Connection = { isHandling: false, waiting: [], continueReading: () => {} }
      connections.set(socket, connection)
      connection.continueReading = readInSmallPieces(socket, () => connection.waiting.length > 0)
    },
    handleInTurn(request, response) {
      const { socket } = request
      const connection = connections.get(socket)
      // A request of `app.inject` has no connection.
      if (!connection) handle(request, response)
      else if (!connection.isHandling) start(socket, connection, [request, response])
      else if (totalWaiting >= maxWaiting) {
        dropWaiting(connection)
        socket.destroy()
      } else if (!socket.destroyed) {
        connection.waiting.push([request, response])
        totalWaiting += 1
      }
    },
  }
}
