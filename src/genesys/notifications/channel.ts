/** How a set of topics stays subscribed: whenever the platform's channel or its connection ends, another one replaces it. */
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
  /** The topics that the channel should be subscribed to. The set is read again on each update. */
  topics: ReadonlySet<string>
  handlers: Pick<SocketHandlers, 'onEvent' | 'onMalformed'>
  onTopicResult: (result: TopicResult) => void
  /** Called when the results of `isSubscribed` may have changed. */
  onSubscriptionsChange: () => void
  /** Called when the channel stops working, and not again until `onUp`. The next attempt is in `waitMs`. */
  onDown: (error: unknown, waitMs: number) => void
  /** Called when the channel works again. */
  onUp: () => void
}

/** None of the functions throws. */
export interface PersistentChannel {
  /** Must be called when `topics` has changed. */
  update(): void
  /** Whether events of the topic arrive now. */
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
  /**
   * Whether the channel must be replaced: the platform announced its end or no longer knows it, or it is unclear which topics it has. Its
   * events are received until then.
   */
  isEnding: boolean
}

const isAlive = (connection: Connection | undefined): boolean => connection?.socket?.isAlive() === true

/**
 * Creates a persistent channel, which opens no channel of the platform until there are topics. It costs two calls to begin with, one when
 * only the connection was lost, one for each change of topics, and one every 20 hours (docs/genesys-cloud.md rules 56–59). A backoff limits
 * the calls in every case.
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
  /** Opens a new connection. The old one stays open until the new one is subscribed. */
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
  /** Makes the next connection go to a new channel. The current one is used until then. */
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
