/** Which WebSocket clients are accepted, and what a client gets besides events: heartbeats, pongs and the closing notice. */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { PlatformState } from '../model/platform-state.ts'
import type { ChannelConnection } from './channel.ts'
import type { NotificationService } from './notification-service.ts'

const socketPathPattern = /^\/notifications\/v2\/([^/?#]+)$/
const notFoundResponse = 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
const maxMessageBytes = 65_536
/** RFC 6455 section 7.4.1: the server is going away. */
const goingAwayCode = 1001

/** The path of a channel's WebSocket on the simulator's own server. */
export function createSocketPath(channelId: string): string {
  return `/notifications/v2/${channelId}`
}

/**
 * Accepts WebSockets on the platform's own server for channels that exist; any other upgrade is answered with 404.
 *
 * @returns A function that terminates all connections.
 */
export function acceptNotificationSockets(server: Server, platform: PlatformState, { channels }: NotificationService): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const channelId = socketPathPattern.exec(request.url ?? '')?.[1]
    if (channelId === undefined || channels.find(channelId) === undefined) {
      socket.on('error', () => socket.destroy())
      socket.end(notFoundResponse, () => socket.destroy())
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const connection = createConnection(platform, channelId, client)
      // The channel may have ended during the handshake.
      if (channels.connect(channelId, connection)) sendHeartbeats(platform, connection)
      else connection.terminate()
    })
  })
  return () => {
    for (const client of sockets.clients) client.terminate()
  }
}

function sendHeartbeats(platform: PlatformState, connection: ChannelConnection): void {
  platform.clock.after(platform.settings.heartbeatMs, () => {
    if (connection.send(createMetadataMessage('WebSocket Heartbeat'))) sendHeartbeats(platform, connection)
  })
}

function createConnection(platform: PlatformState, channelId: string, client: WebSocket): ChannelConnection {
  const connection: ChannelConnection = {
    get isOpen() {
      return client.readyState === WebSocket.OPEN
    },
    send(text) {
      if (!connection.isOpen) return false
      // A client that does not read must not fill the simulator's memory.
      if (client.bufferedAmount > platform.settings.socketBufferBytes) client.terminate()
      else client.send(text)
      return connection.isOpen
    },
    announceClosing() {
      connection.send(createClosingMessage(channelId))
    },
    close() {
      client.close(goingAwayCode)
    },
    terminate() {
      client.terminate()
    },
  }
  client.on('error', () => client.terminate())
  client.on('message', (data) => {
    if (isPing(data)) connection.send(createMetadataMessage('pong'))
  })
  return connection
}

/** `{"message":"ping"}` is the only message that a client is known to send (docs/genesys-cloud.md rule 59). */
function isPing(data: RawData): boolean {
  try {
    const message: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '')
    return typeof message === 'object' && message !== null && 'message' in message && message.message === 'ping'
  } catch {
    return false
  }
}

function createMetadataMessage(message: string): string {
  return JSON.stringify({ topicName: 'channel.metadata', eventBody: { message } })
}

function createClosingMessage(channelId: string): string {
  const eventBody = { channelId, reason: 'socket_closing', message: 'The WebSocket will be closed; please reconnect.' }
  return JSON.stringify({ topicName: 'v2.system.socket_closing', version: '2', eventBody })
}
