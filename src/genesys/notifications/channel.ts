/** Keeps a set of topics subscribed, through as many channels and connections of the platform as that takes, one at a time. */
import type { Clock } from '../http/clock.ts'
import { GenesysError } from '../http/errors.ts'
import { createBackoff } from './backoff.ts'
import type { NotificationCalls, TopicResult } from './calls.ts'
import { createChannelOpener } from './channel-opener.ts'
import { createChannelTopics, type ChannelTopics } from './channel-topics.ts'
import { createDrainingSockets } from './draining-sockets.ts'
import type { NotificationSocket, openNotificationSocket, SocketHandlers } from './socket.ts'
import { createTaskLoop } from './task-loop.ts'
import type { NotificationTiming } from './timing.ts'
import { epochMs } from '../../model/clock.ts'

export interface PersistentChannelOptions {
  calls: NotificationCalls
  connect: typeof openNotificationSocket
  clock: Clock
  /** Returns 0 to 1. */
  random: () => number
  timing: NotificationTiming
  /** How many topics a channel can hold. */
  topicLimit: number
  /** What the channel should be subscribed to; read anew each time. */
  topics: ReadonlySet<string>
  handlers: Pick<SocketHandlers, 'onEvent' | 'onMalformed'>
  onTopicResult: (result: TopicResult) => void
  /** `isSubscribed` may return something else than before. */
  onSubscriptionsChange: () => void
  /** It does not work at the moment. Called once, until `onUp`. */
  onDown: (error: unknown, waitMs: number) => void
  onUp: () => void
}

/** None of the functions throws. */
export interface PersistentChannel {
  /** Call it when `topics` has changed. */
  update(): void
  /** Events of the topic arrive now. */
  isSubscribed(topic: string): boolean
  state(): { hasChannel: boolean; hasSocket: boolean; reconnects: number }
  close(): void
}

/** One channel of the platform with its connection. */
interface Connection {
  channelId: string
  topics: ChannelTopics
  /** Undefined while it is being opened. */
  socket?: NotificationSocket
  /** The platform announced its end, or does not know the channel any more: replace it, and receive events from it until then. */
  isEnding: boolean
}

const isAlive = (connection: Connection | undefined): boolean => connection?.socket?.isAlive() === true

/**
 * Opens no channel yet. Costs two calls to begin with, one when only the connection was lost, one for each change of topics, and one
 * every 20 hours (docs/genesys-cloud.md rules 56–59); with backoff, whatever happens.
 */
export function createPersistentChannel(options: PersistentChannelOptions): PersistentChannel {
  const { clock, timing, topics, handlers, onSubscriptionsChange, onDown, onUp } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const createCallOptions = () => ({ deadline: epochMs() + timing.callTimeoutMs, signal })
  const backoff = createBackoff(options)
  const opener = createChannelOpener({ ...options, createCallOptions, signal })
  const drainingSockets = createDrainingSockets(clock, timing.drainMs)
  let current: Connection | undefined
  let openedConnections = 0
  let isDown = false

  const work = async () => {
    if (topics.size === 0) return closeCurrent()
    if (!isAlive(current) || current?.isEnding) await replaceConnection()
    if (current && !signal.aborted) await current.topics.sync()
  }
  const loop = createTaskLoop({
    clock,
    backoff,
    task: work,
    nextDueAt: () => current?.topics.nextDueAt() ?? Infinity,
    onSuccess() {
      if (!current) return
      if (isDown) onUp()
      isDown = false
    },
    onFailure(error, waitMs) {
      if (error instanceof GenesysError && error.reason === 'not_found') endCurrent()
      if (!isDown) onDown(error, waitMs)
      isDown = true
    },
  })

  const createConnection = (channelId: string): Connection => ({
    channelId,
    topics: createChannelTopics({
      ...options,
      channelId,
      wanted: topics,
      createCallOptions,
      onCall: () => backoff.recordCall(),
      onResult: options.onTopicResult,
      onChange: onSubscriptionsChange,
      onUnclear() {
        endCurrent()
        loop.runIn(0)
      },
    }),
    isEnding: false,
  })
  /** The old connection stays open until the new one is subscribed. */
  const replaceConnection = async () => {
    if (!isAlive(current)) current?.socket?.close()
    const candidate = await opener.nextCandidate()
    const next = createConnection(candidate.channel.id)
    const socket = await opener.connect(candidate, {
      ...handlers,
      onClosing: () => onClosing(next),
      onLost: () => onLost(next),
    })
    next.socket = socket
    try {
      await next.topics.addAll()
      if (!socket.isAlive() || signal.aborted) throw new Error('the WebSocket of the notification channel was lost at once')
    } catch (error) {
      socket.close()
      throw error
    }
    if (current?.socket) drainingSockets.drain(current.socket)
    current = next
    openedConnections += 1
    if (next.isEnding) onClosing(next)
    onSubscriptionsChange()
  }
  /** The next connection will be to another channel; this one is used until then. */
  const endCurrent = () => {
    opener.forget()
    if (current) current.isEnding = true
  }
  const closeCurrent = () => {
    if (!current) return
    current.socket?.close()
    current = undefined
    opener.forget()
    onSubscriptionsChange()
  }
  const onClosing = (connection: Connection) => {
    connection.isEnding = true
    opener.forget(connection.channelId)
    if (connection !== current) return
    backoff.recordEnd()
    loop.runIn(0)
  }
  const onLost = (connection: Connection) => {
    if (connection !== current) return
    if (!connection.isEnding) backoff.recordFailure()
    onSubscriptionsChange()
    loop.runIn(0)
  }

  return {
    update: () => loop.runIn(0),
    isSubscribed: (topic) => !signal.aborted && isAlive(current) && current?.topics.has(topic) === true,
    state: () => ({ hasChannel: current !== undefined, hasSocket: isAlive(current), reconnects: Math.max(0, openedConnections - 1) }),
    close() {
      loop.stop()
      stopping.abort()
      current?.socket?.close()
      drainingSockets.closeAll()
    },
  }
}
