/** Whether a lost connection is replaced by one to the same channel of the platform or to a new one. */
import type { CallOptions } from '../http/call-options.ts'
import type { Clock } from '../http/clock.ts'
import type { NotificationCalls, NotificationChannel } from './calls.ts'
import type { NotificationSocket, openNotificationSocket, SocketHandlers } from './socket.ts'
import type { NotificationTiming } from './timing.ts'

/** A channel that can be connected to, and how many connection attempts in a row have failed. */
export interface ChannelCandidate {
  readonly channel: NotificationChannel
  failures: number
}

export interface ChannelOpener {
  /** Returns the last channel, or opens a new one if that was forgotten or cannot be connected to. @throws GenesysError */
  nextCandidate(): Promise<ChannelCandidate>
  /** @throws Error if the connection cannot be opened */
  connect(candidate: ChannelCandidate, handlers: SocketHandlers): Promise<NotificationSocket>
  /** Forgets the last channel, so that the next candidate is a new one. With `channelId`, only if that is the last channel. */
  forget(channelId?: string): void
}

/** After this many failed connections in a row a channel counts as gone: a WebSocket does not report why it could not be opened. */
const maximumFailures = 3

export function createChannelOpener({
  calls,
  connect,
  createCallOptions,
  clock,
  timing,
  signal,
}: {
  calls: Pick<NotificationCalls, 'openNotificationChannel'>
  connect: typeof openNotificationSocket
  createCallOptions: () => CallOptions
  clock: Clock
  timing: NotificationTiming
  signal: AbortSignal
}): ChannelOpener {
  let candidate: ChannelCandidate | undefined

  return {
    async nextCandidate() {
      if (candidate && candidate.failures >= maximumFailures) candidate = undefined
      candidate ??= { channel: await calls.openNotificationChannel(createCallOptions()), failures: 0 }
      return candidate
    },
    async connect(chosen, handlers) {
      chosen.failures += 1
      const socket = await connect(chosen.channel.connectUri, handlers, { clock, timing, signal })
      chosen.failures = 0
      return socket
    },
    forget(channelId) {
      if (channelId === undefined || channelId === candidate?.channel.id) candidate = undefined
    },
  }
}
