/** A notification feed on a clock that the test drives, over calls of the test's own or over the simulated platform. */
import type { Test } from 'tap'
import { connectGenesys } from '../../../src/genesys/client.ts'
import type { NotificationCalls } from '../../../src/genesys/notifications/calls.ts'
import { createNotificationFeed, type NotificationFeed, type NotificationFeedOptions } from '../../../src/genesys/notifications/feed.ts'
import { openNotificationSocket } from '../../../src/genesys/notifications/socket.ts'
import type { SimulatorOptions } from '../../../src/simulator/simulator.ts'
import { startPlatform } from '../../simulator/test-platform.ts'
import { createSettings } from '../support/connect.ts'
import { createDrivenClock } from '../support/driven-clock.ts'

export const queueTopic = (id: string | number): string => `v2.routing.queues.${id}.conversations.calls`

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** Waits for a condition, with the time limit of the test. */
export async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn()
}

interface LogEntry {
  level: string
  fields: any
  message: string
}

/** Creates a feed without jitter, unless `options` say otherwise. It is closed after the test. */
export function createFeed(t: Test, calls: NotificationCalls, options: Partial<NotificationFeedOptions> = {}) {
  const clock = createDrivenClock()
  const logEntries: LogEntry[] = []
  const createLogFunction = (level: string) => (fields: object, message: string) => void logEntries.push({ level, fields, message })
  const log = { info: createLogFunction('info'), warn: createLogFunction('warn'), error: createLogFunction('error') }
  const feed = createNotificationFeed({ calls, log, clock, random: () => 0, ...options })
  t.teardown(() => feed.close())
  return {
    feed,
    logEntries,
    drive: (ms: number) => clock.drive(ms),
    /** Waits for a condition. Timers that are due now run meanwhile, but the clock stands still. */
    until: async (condition: () => boolean) => {
      do {
        await clock.drive(0)
        await nextTurn()
      } while (!condition())
    },
  }
}

/** Watches a topic and records the notifications of its listener: `subscribed`, `unsubscribed`, and the ids of events. */
export function watchTopic(feed: NotificationFeed, topic: string) {
  const received: string[] = []
  const isStateChange = (entry: string) => entry.endsWith('subscribed')
  const stop = feed.watch(topic, {
    onEvent: (body) => void received.push((body as { id: string }).id),
    onSubscribed: () => void received.push('subscribed'),
    onUnsubscribed: () => void received.push('unsubscribed'),
  })
  return {
    received,
    stop,
    eventIds: () => received.filter((entry) => !isStateChange(entry)),
    isSubscribed: () => received.findLast(isStateChange) === 'subscribed',
  }
}

const addTopicsOperation = 'POST /notifications/channels/{id}/subscriptions'
const replaceTopicsOperation = 'PUT /notifications/channels/{id}/subscriptions'

/** A feed over the real client of a simulated platform, whose clock stands still unless the test moves it. */
export async function startFeedOnSimulator(
  t: Test,
  options: Partial<NotificationFeedOptions> = {},
  simulatorOptions: SimulatorOptions = {},
) {
  const platform = await startPlatform(t, { clock: 'manual', requestsPerMinute: 3000, ...simulatorOptions })
  const { control } = platform
  const genesys = await connectGenesys(
    createSettings(platform.url, { clientId: 'handoff-demo', clientSecret: 'handoff-demo-secret', requestsPerMinute: 3000 }),
  )
  let inProgress = 0
  const trackProgress =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      inProgress += 1
      return call(...args).finally(() => void (inProgress -= 1))
    }
  const trackedCalls = {
    openNotificationChannel: trackProgress(genesys.openNotificationChannel),
    addNotificationTopics: trackProgress(genesys.addNotificationTopics),
    replaceNotificationTopics: trackProgress(genesys.replaceNotificationTopics),
  }
  const fixture = createFeed(t, trackedCalls, { connect: trackProgress(openNotificationSocket), ...options })
  t.teardown(() => genesys.close())
  return {
    ...fixture,
    control,
    /** Whether a call to the platform is in progress or a connection is being opened. */
    isBusy: () => inProgress > 0,
    /** How often the platform was called: to open a channel, to add topics, to replace topics. */
    callCounts: () => {
      const { counts } = control.requests()
      return [counts['POST /notifications/channels'] ?? 0, counts[addTopicsOperation] ?? 0, counts[replaceTopicsOperation] ?? 0]
    },
    /** For each channel that has a connection, its topics. */
    connectedTopics: () => control.notifications.channels().flatMap(({ connected, topics }) => (connected ? [topics] : [])),
    watchUntilSubscribed: async (topic: string) => {
      const watcher = watchTopic(fixture.feed, topic)
      await fixture.drive(50)
      await fixture.until(() => watcher.isSubscribed())
      return watcher
    },
    /** Causes an event of a queue: a call arrives. */
    startCall: (queueId: string, id: string) => void control.addConversation({ id, in: { queueId } }),
  }
}
