/** The WebSocket of one channel: how it is opened, what its messages mean, and when it counts as lost. */
import type { Socket } from 'node:net'
import { parseObject } from '../../model/json-fields.ts'
import { createConnector } from '../../outbound/connector.ts'
import type { SelectProxy } from '../../outbound/proxy-selector.ts'
import { Agent, loadWebSocket } from '../../outbound/undici.ts'
import type { Clock } from '../http/clock.ts'
import { createHeartbeat } from './heartbeat.ts'
import type { NotificationTiming } from './timing.ts'

const maximumMessageBytes = 1_048_576
const pingMessage = JSON.stringify({ message: 'ping' })

/** The handlers of one connection. None of them may throw. */
export interface SocketHandlers {
  onEvent(topic: string, body: unknown): void
  onMalformed(): void
  /** The platform announced that it will close this connection (docs/genesys-cloud.md rule 59). */
  onClosing(): void
  /** The connection was lost. Called at most once, and never after `close`. */
  onLost(): void
}

export interface SocketOptions {
  selectProxy?: SelectProxy | undefined
  clock: Clock
  timing: NotificationTiming
  signal: AbortSignal
}

export interface NotificationSocket {
  /** Whether the connection is open and a message was received within `timing.giveUpAfterMs`. */
  isAlive(): boolean
  /** Closes the connection at once; messages on their way are lost. */
  close(): void
}

/** Creates an agent and a function that destroys its TCP connection, because a closing handshake may never be answered. */
function createDestroyableAgent(selectProxy: SelectProxy | undefined, timeoutMs: number): { agent: Agent; destroy: () => void } {
  let tcpSocket: Socket | undefined
  let isDestroyed = false
  const connect = createConnector({ selectProxy, timeoutMs })
  const agent = new Agent({
    webSocket: { maxPayloadSize: maximumMessageBytes },
    connect: (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error) return callback(error, null)
        tcpSocket = socket
        if (isDestroyed) socket.destroy()
        return callback(null, socket)
      }),
  })
  const destroy = () => {
    isDestroyed = true
    // Later, so that a close frame can still be written.
    setImmediate(() => {
      tcpSocket?.destroy()
      agent.destroy().catch(() => {})
    })
  }
  return { agent, destroy }
}

function dispatchMessage(data: unknown, handlers: SocketHandlers): void {
  const { topicName, eventBody } = (typeof data === 'string' && parseObject(data)) || {}
  if (typeof topicName !== 'string' || eventBody === undefined) return handlers.onMalformed()
  if (topicName === 'v2.system.socket_closing') return handlers.onClosing()
  // `channel.metadata` messages are heartbeats and answers to a ping.
  if (topicName !== 'channel.metadata') handlers.onEvent(topicName, eventBody)
}

/**
 * Connects to a channel (docs/genesys-cloud.md rule 56). No token is sent and no redirect is followed; a message of more than 1 MiB
 * ends the connection.
 * @throws Error if the connection is not open within `timing.connectTimeoutMs`, or `signal` aborts before
 */
export async function openNotificationSocket(
  connectUri: string,
  handlers: SocketHandlers,
  { selectProxy, clock, timing, signal }: SocketOptions,
): Promise<NotificationSocket> {
  const { agent, destroy } = createDestroyableAgent(selectProxy, timing.connectTimeoutMs)
  const WebSocket = await loadWebSocket()
  const socket = new WebSocket(connectUri, { dispatcher: agent })
  let isOver = false
  let cancelConnectTimer = () => {}

  /** Ends the connection. Returns false if it was over already. A silent peer does not answer a closing handshake, hence `destroy`. */
  const end = (): boolean => {
    if (isOver) return false
    isOver = true
    cancelConnectTimer()
    heartbeat.stop()
    socket.close()
    destroy()
    return true
  }
  const endAsLost = () => {
    if (end()) handlers.onLost()
  }
  const heartbeat = createHeartbeat({ clock, timing, sendPing: () => socket.send(pingMessage), onDead: endAsLost })

  return new Promise((resolve, reject) => {
    const failToOpen = () => {
      signal.removeEventListener('abort', failToOpen)
      end()
      reject(new Error('the WebSocket of the notification channel could not be opened'))
    }
    let onFailure = failToOpen
    cancelConnectTimer = clock.schedule(timing.connectTimeoutMs, failToOpen, 'background')
    signal.addEventListener('abort', failToOpen, { once: true })
    socket.addEventListener('message', ({ data }) => {
      if (isOver) return
      heartbeat.recordMessage()
      dispatchMessage(data, handlers)
    })
    socket.addEventListener('error', () => onFailure())
    socket.addEventListener('close', () => onFailure())
    socket.addEventListener('open', () => {
      if (isOver) return
      onFailure = endAsLost
      signal.removeEventListener('abort', failToOpen)
      cancelConnectTimer()
      heartbeat.start()
      resolve({ isAlive: () => !isOver && heartbeat.isAlive(), close: () => void end() })
    })
    if (signal.aborted) failToOpen()
  })
}
