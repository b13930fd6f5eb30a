import type { Socket } from 'node:net'
import { Agent, buildConnector, WebSocket } from 'undici'
import type { Clock } from '../clock.ts'
import { parsedObject } from '../http/error-body.ts'
import type { NotificationTiming } from './timing.ts'

const LARGEST_MESSAGE = 1_048_576
const PING = JSON.stringify({ message: 'ping' })

/** Who is told what a connection says. None of them may throw. */
export interface SocketEars {
  event(topic: string, body: unknown): void
  malformed(): void
  /** The platform announced that it will close this connection. */
  closing(): void
  /** Nothing will come any more. Called once, and not after `close`. */
  lost(): void
}

export interface NotificationSocket {
  /** It is open, and was heard from lately. */
  alive(): boolean
  /** Ends it at once; what was on its way is lost. */
  close(): void
}

/**
 * The WebSocket of one channel (genesys-api §4). No token is sent, no redirect followed, and a message of more than 1 MiB ends it.
 * Rejects with a plain Error where it does not come to be in `connectMs`, or before `signal` aborts.
 */
export function openNotificationSocket(
  connectUri: string,
  ears: SocketEars,
  { clock, timing, signal }: { clock: Clock; timing: NotificationTiming; signal: AbortSignal },
): Promise<NotificationSocket> {
  let raw: Socket | undefined
  const connector = buildConnector({ allowH2: false, timeout: timing.connectMs })
  const dispatcher = new Agent({
    webSocket: { maxPayloadSize: LARGEST_MESSAGE },
    connect: (options, callback) =>
      connector(options, (...[error, socket]) => {
        if (error) return callback(error, null)
        raw = socket
        if (over) socket.destroy()
        return callback(null, socket)
      }),
  })
  const socket = new WebSocket(connectUri, { dispatcher })
  let heardAt = clock.now()
  let over = false
  let cancel = () => {}

  /** Whoever keeps silent does not take part in a closing handshake either, so the connection itself is taken down. */
  const end = () => {
    if (over) return false
    over = true
    cancel()
    socket.close()
    setImmediate(() => {
      raw?.destroy()
      dispatcher.destroy().catch(() => {})
    })
    return true
  }
  const listenOn = () => {
    const silent = clock.now() - heardAt
    if (silent >= timing.giveUpAfterMs) return void (end() && ears.lost())
    const asked = silent >= timing.pingAfterMs
    if (asked) socket.send(PING)
    cancel = clock.after((asked ? timing.giveUpAfterMs : timing.pingAfterMs) - silent, listenOn, 'background')
  }
  const hear = (data: unknown) => {
    if (over) return
    heardAt = clock.now()
    const { topicName, eventBody } = (typeof data === 'string' && parsedObject(data)) || {}
    if (typeof topicName !== 'string' || eventBody === undefined) return ears.malformed()
    if (topicName === 'v2.system.socket_closing') return ears.closing()
    if (topicName !== 'channel.metadata') ears.event(topicName, eventBody)
  }

  return new Promise((resolve, reject) => {
    let opened = false
    const fail = () => {
      signal.removeEventListener('abort', fail)
      const mine = end()
      if (!opened) reject(new Error('the WebSocket of the notification channel could not be opened'))
      else if (mine) ears.lost()
    }
    cancel = clock.after(timing.connectMs, fail, 'background')
    signal.addEventListener('abort', fail, { once: true })
    socket.addEventListener('message', ({ data }) => hear(data))
    socket.addEventListener('error', fail)
    socket.addEventListener('close', fail)
    socket.addEventListener('open', () => {
      if (over) return
      opened = true
      signal.removeEventListener('abort', fail)
      cancel()
      heardAt = clock.now()
      listenOn()
      resolve({ alive: () => !over && clock.now() - heardAt < timing.giveUpAfterMs, close: () => void end() })
    })
    if (signal.aborted) fail()
  })
}
