/** Delivers events of the notification service to listeners, and tells them when to poll instead. */
import type { SelectProxy } from '../../outbound/proxy-selector.ts'
import { steadyClock, type Clock } from '../http/clock.ts'
import type { NotificationCalls, TopicResult } from './calls.ts'
import { createPersistentChannel } from './channel.ts'
import { createListeners, type TopicListener } from './listeners.ts'
import { openNotificationSocket } from './socket.ts'
import { defaultTiming, type NotificationTiming } from './timing.ts'
import { createTopicRegistry } from './topics.ts'

/** The platform's limit for one channel (docs/genesys-cloud.md rule 58). */
const topicsPerChannel = 1000
/** All processes of an OAuth client share the platform's 20 channels; one more silently ends another (docs/genesys-cloud.md rule 58). */
const defaultMaximumChannels = 5
const topicPattern = /^v2(\.[\w-]{1,255}){2,12}$/

type LogFunction = (fields: object, message: string) => void

export interface NotificationFeedOptions {
  calls: NotificationCalls
  log: { info: LogFunction; warn: LogFunction; error: LogFunction }
  /** How many channels this process may open; 5 by default. */
  maximumChannels?: number | undefined
  /** Overrides of `defaultTiming`. */
  timing?: Partial<NotificationTiming> | undefined
  clock?: Clock | undefined
  /** Returns 0 to 1. */
  random?: (() => number) | undefined
  connect?: typeof openNotificationSocket | undefined
  selectProxy?: SelectProxy | undefined
}

/** Counts for metrics. */
export interface NotificationFeedState {
  channels: number
  sockets: number
  /** Topics with a listener. */
  topics: number
  /** Topics with a listener whose events arrive now. */
  subscribed: number
  /** Topics that the platform rejects at the moment. */
  rejected: number
  /** Events received since the start. */
  events: number
  /** Messages since the start that could not be parsed. */
  malformed: number
  /** Connections since the start that replaced another one. */
  reconnects: number
}

/** None of the functions throws or rejects (docs/architecture.md#pickup). */
export interface NotificationFeed {
  /**
   * Subscribes to a topic until the returned function is called. A topic that is still subscribed from an earlier watch costs no call. After
   * `close`, and for a malformed topic, nothing is watched.
   */
  watch(topic: string, listener: TopicListener): () => void
  state(): NotificationFeedState
  /** Closes every connection at once, and reports to listeners that they are no longer subscribed. */
  close(): void
}

/** Creates a feed without a connection; the first watched topic opens one. */
export function createNotificationFeed(options: NotificationFeedOptions): NotificationFeed {
  const { calls, log, clock = steadyClock, random = Math.random, connect = openNotificationSocket } = options
  const { maximumChannels = defaultMaximumChannels, selectProxy } = options
  const timing = { ...defaultTiming, ...options.timing }
  const { lingerMs, retryRejectedAfterMs } = timing
  const registry = createTopicRegistry({ topicsPerChannel, maximumChannels, lingerMs, retryRejectedAfterMs })
  const listeners = createListeners((error) => log.error({ err: error }, 'a listener of the notification feed failed'))
  let events = 0
  let malformed = 0
  let isClosed = false
  let cancelTimer = () => {}
  let assignAt = Infinity

  const isSubscribed = (topic: string): boolean => {
    const channel = registry.channelOf(topic)
    return !isClosed && channel !== undefined && channels[channel]?.isSubscribed(topic) === true
  }
  const onTopicResult = ({ topic, isPermitted, ...explanation }: TopicResult) => {
    if (isPermitted) return registry.permit(topic)
    if (registry.reject(topic, clock.now()))
      log.warn({ topic, ...explanation }, 'the platform rejected a notification topic; its transfers are polled instead')
    assignIn(retryRejectedAfterMs)
  }
  const channels = registry.channels.map((topics) =>
    createPersistentChannel({
      calls,
      connect: (connectUri, handlers, socketOptions) => connect(connectUri, handlers, { ...socketOptions, selectProxy }),
      clock,
      random,
      timing,
      topics,
      topicLimit: topicsPerChannel,
      onTopicResult,
      onSubscriptionsChange: () => listeners.reportSubscriptions(isSubscribed),
      handlers: {
        onEvent(topic, body) {
          events += 1
          listeners.dispatch(topic, body)
        },
        onMalformed: () => void (malformed += 1),
      },
      onDown: (error, waitMs) =>
        log.warn({ err: error, waitMs: Math.round(waitMs) }, 'the notification service is not available; transfers are polled meanwhile'),
      onUp: () => log.info({}, 'the notification service is available again'),
    }),
  )

  /** Schedules the next assignment. Changes until then are applied together. */
  const assignIn = (ms: number) => {
    const at = clock.now() + ms
    if (isClosed || at >= assignAt) return
    cancelTimer()
    assignAt = at
    cancelTimer = clock.schedule(ms, assign, 'background')
  }
  const assign = () => {
    assignAt = Infinity
    const now = clock.now()
    registry.assign(now)
    listeners.reportSubscriptions(isSubscribed)
    for (const channel of channels) channel.update()
    const nextChangeAt = registry.nextChangeAt(now)
    // A little late, so that topics whose time ends at about the same moment are unsubscribed together.
    if (nextChangeAt < Infinity) assignIn(nextChangeAt - now + lingerMs / 10)
  }

  return {
    watch(topic, listener) {
      if (isClosed || !topicPattern.test(topic)) return () => {}
      registry.watch(topic)
      const removeListener = listeners.add(topic, listener)
      if (isSubscribed(topic)) queueMicrotask(() => listeners.reportSubscriptions(isSubscribed, topic))
      else assignIn(timing.batchMs)
      return () => {
        if (!removeListener()) return
        registry.unwatch(topic, clock.now())
        assignIn(timing.batchMs)
      }
    },
    state() {
      const states = channels.map((channel) => channel.state())
      const { watched, rejected } = registry.counts(clock.now())
      return {
        channels: states.filter(({ hasChannel }) => hasChannel).length,
        sockets: states.filter(({ hasSocket }) => hasSocket).length,
        topics: watched,
        subscribed: listeners.topics().filter(isSubscribed).length,
        rejected,
        events,
        malformed,
        reconnects: states.reduce((sum, { reconnects }) => sum + reconnects, 0),
      }
    },
    close() {
      if (isClosed) return
      isClosed = true
      cancelTimer()
      for (const channel of channels) channel.close()
      listeners.reportSubscriptions(isSubscribed)
    },
  }
}
