import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { Line } from './channels.ts'
import type { World } from '../world.ts'

const PATH = /^\/notifications\/v2\/([^/?#]+)$/
const REFUSAL = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
const MOST_BYTES_HEARD = 65_536
const GOING_AWAY = 1001

/** The path below the simulator's own address at which a channel's WebSocket is. */
export function socketPath(channelId: string): string {
  return `/notifications/v2/${channelId}`
}

/**
 * Lets WebSockets in on the platform's own server, for channels that exist; every other upgrade is answered 404.
 * What comes back closes all of them at once.
 */
export function notificationSockets(server: Server, world: World): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES_HEARD })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const id = PATH.exec(request.url ?? '')?.[1]
    if (id === undefined || world.notifications.channels.find(id) === undefined) {
      socket.on('error', () => socket.destroy())
      socket.end(REFUSAL, () => socket.destroy())
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => letIn(world, id, client))
  })
  return () => {
    for (const client of sockets.clients) client.terminate()
  }
}

function letIn(world: World, channelId: string, client: WebSocket): void {
  const line = lineTo(world, channelId, client)
  client.on('error', () => client.terminate())
  client.on('message', (data) => {
    if (isPing(data)) line.send(metadata('pong'))
  })
  if (!world.notifications.channels.connect(channelId, line)) return line.cut()
  const beatLater = () =>
    world.clock.after(world.settings.heartbeatMs, () => {
      if (line.send(metadata('WebSocket Heartbeat'))) beatLater()
    })
  beatLater()
}

function lineTo(world: World, channelId: string, client: WebSocket): Line {
  const line: Line = {
    get open() {
      return client.readyState === WebSocket.OPEN
    },
    send(text) {
      if (!line.open) return false
      // A client that does not read must not fill the simulator's memory.
      if (client.bufferedAmount > world.settings.socketBufferBytes) client.terminate()
      else client.send(text)
      return line.open
    },
    warn() {
      line.send(closingMessage(channelId))
    },
    close() {
      client.close(GOING_AWAY)
    },
    cut() {
      client.terminate()
    },
  }
  return line
}

/** The only thing that a client is known to say: `{"message":"ping"}` (genesys-api §4). */
function isPing(data: RawData): boolean {
  try {
    const said: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '')
    return typeof said === 'object' && said !== null && 'message' in said && said.message === 'ping'
  } catch {
    return false
  }
}

function metadata(message: string): string {
  return JSON.stringify({ topicName: 'channel.metadata', eventBody: { message } })
}

function closingMessage(channelId: string): string {
  const eventBody = { channelId, reason: 'socket_closing', message: 'The WebSocket will be closed; please reconnect.' }
  return JSON.stringify({ topicName: 'v2.system.socket_closing', version: '2', eventBody })
}
