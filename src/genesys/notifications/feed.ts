import { steadyClock } from '../clock.ts'
import type { Clock } from '../clock.ts'
import type { NotificationCalls, TopicVerdict } from './calls.ts'
import { keepChannel } from './channel.ts'
import { openNotificationSocket } from './socket.ts'
import { createTopicRegistry } from './topics.ts'
import { createListeners } from './listeners.ts'
import type { TopicListener } from './listeners.ts'
import { USUAL_TIMING } from './timing.ts'
import type { NotificationTiming } from './timing.ts'

/** The platform's limit for one channel (genesys-api §4). */
const MOST_TOPICS = 1000
/** The platform's 20 are for all processes of one OAuth client, and one more silently ends the oldest (genesys-api §4). */
const MOST_CHANNELS = 5
const TOPIC = /^v2(\.[\w-]{1,255}){2,12}$/

type Say = (facts: object, message: string) => void

export interface NotificationFeedOptions {
  calls: NotificationCalls
  log: { info: Say; warn: Say; error: Say }
  /** Channels of this process; 5. */
  mostChannels?: number | undefined
  /** In ms, where it differs from the usual. */
  timing?: Partial<NotificationTiming> | undefined
  clock?: Clock | undefined
  /** From 0 up to 1. */
  random?: (() => number) | undefined
  connect?: typeof openNotificationSocket | undefined
}

export interface NotificationFeedState {
  channels: number
  sockets: number
  /** That somebody watches. */
  topics: number
  /** Of these. */
  covered: number
  rejected: number
  events: number
  malformed: number
  reconnects: number
}

/** Hears what happens on topics of the notification service (design §7). Nothing here throws or rejects. */
export interface NotificationFeed {
  /** Until the returned function is called. Nothing leaves for a topic that another one watches or that is still lingering. */
  watch(topic: string, listener: TopicListener): () => void
  /** Subscribed, permitted, and its connection was heard from lately: what happens now will be told. */
  covers(topic: string): boolean
  state(): NotificationFeedState
  /** Closes all at once, and uncovers whoever was covered. */
  close(): void
}

/** A feed without a connection; the first topic that is watched opens one. */
export function createNotificationFeed(options: NotificationFeedOptions): NotificationFeed {
  const { calls, log, clock = steadyClock, random = Math.random, connect = openNotificationSocket, mostChannels = MOST_CHANNELS } = options
  const timing = { ...USUAL_TIMING, ...options.timing }
  const { lingerMs, refusedMs } = timing
  const book = createTopicRegistry({ mostTopics: MOST_TOPICS, mostChannels, lingerMs, refusedMs })
  const listeners = createListeners((error) => log.error({ err: error }, 'a listener of the notification feed failed'))
  let [events, malformed, closed] = [0, 0, false]
  let [cancel, arrangesAt] = [() => {}, Infinity]

  const covers = (topic: string): boolean => {
    const place = book.placeOf(topic)
    return !closed && place !== undefined && channels[place]?.covers(topic) === true
  }
  const judged = ({ topic, permitted, ...why }: TopicVerdict) => {
    if (permitted) return book.permit(topic)
    if (book.refuse(topic, clock.now())) log.warn({ topic, ...why }, 'the platform refuses a notification topic, which is polled instead')
    arrangeIn(refusedMs)
  }
  const channels = book.places.map((topics) =>
    keepChannel({
      calls,
      connect,
      clock,
      random,
      timing,
      topics,
      mostTopics: MOST_TOPICS,
      judged,
      changed: () => listeners.report(covers),
      ears: {
        event: (topic, body) => ((events += 1), listeners.tell(topic, body)),
        malformed: () => void (malformed += 1),
      },
      ailing: (error, waitMs) =>
        log.warn(
          { err: error, waitMs: Math.round(waitMs) },
          'the notification service cannot be used for now; what it does not cover is polled',
        ),
      well: () => log.info({}, 'the notification service can be used again'),
    }),
  )

  /** Changes are gathered; what becomes due by itself is done in passing, or a little late, so that it is done together. */
  const arrangeIn = (ms: number) => {
    const at = clock.now() + ms
    if (closed || at >= arrangesAt) return
    cancel()
    arrangesAt = at
    cancel = clock.after(ms, arrange, 'background')
  }
  const arrange = () => {
    arrangesAt = Infinity
    const now = clock.now()
    book.arrange(now)
    listeners.report(covers)
    for (const channel of channels) channel.look()
    const next = book.nextChange(now)
    if (next < Infinity) arrangeIn(next - now + timing.lingerMs / 10)
  }

  return {
    covers,
    watch(topic, listener) {
      if (closed || !TOPIC.test(topic)) return () => {}
      book.watch(topic)
      const stop = listeners.add(topic, listener)
      if (covers(topic)) queueMicrotask(() => listeners.report(covers, topic))
      else arrangeIn(timing.gatherMs)
      return () => {
        if (!stop()) return
        book.leave(topic, clock.now())
        arrangeIn(timing.gatherMs)
      }
    },
    state() {
      const states = channels.map((channel) => channel.state())
      const { watched, refused } = book.counts(clock.now())
      return {
        channels: states.filter(({ channel }) => channel).length,
        sockets: states.filter(({ socket }) => socket).length,
        topics: watched,
        covered: listeners.topics().filter(covers).length,
        rejected: refused,
        events,
        malformed,
        reconnects: states.reduce((sum, { reconnects }) => sum + reconnects, 0),
      }
    },
    close() {
      if (closed) return
      closed = true
      cancel()
      for (const channel of channels) channel.close()
      listeners.report(covers)
    },
  }
}
