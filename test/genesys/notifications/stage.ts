import type { Test } from 'tap'
import { connectGenesys } from '../../../src/genesys/client.ts'
import type { NotificationCalls } from '../../../src/genesys/notifications/calls.ts'
import { createNotificationFeed } from '../../../src/genesys/notifications/feed.ts'
import type { NotificationFeed, NotificationFeedOptions } from '../../../src/genesys/notifications/feed.ts'
import { openNotificationSocket } from '../../../src/genesys/notifications/socket.ts'
import type { SimulatorOptions } from '../../../src/simulator/simulator.ts'
import { stage, type Stage } from '../../simulator/stage.ts'
import { drivenClock, settings } from '../platform.ts'

export const ofQueue = (id: string | number): string => `v2.routing.queues.${id}.conversations.calls`

/** Waits, without a limit of its own, until something is so. */
export async function becomes(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** A feed over `calls`, on a clock that the test drives and without jitter unless it says otherwise; closed with the test. */
export function feedOver(t: Test, calls: NotificationCalls, options: Partial<NotificationFeedOptions> = {}) {
  const clock = drivenClock()
  const logged: Array<{ level: string; facts: any; message: string }> = []
  const say = (level: string) => (facts: object, message: string) => void logged.push({ level, facts, message })
  const log = { info: say('info'), warn: say('warn'), error: say('error') }
  const feed = createNotificationFeed({ calls, log, clock, random: () => 0, ...options })
  t.teardown(() => feed.close())
  return {
    feed,
    logged,
    drive: (ms: number) => clock.drive(ms),
    /** Waits until something is so; what is due now happens meanwhile, but the time stands still. */
    until: async (condition: () => boolean) => {
      do {
        await clock.drive(0)
        await new Promise((resolve) => setImmediate(resolve))
      } while (!condition())
    },
  }
}

/** Somebody who watches a topic and keeps a diary of it: `covered`, `uncovered`, and the ids of what was heard. */
export function watcher(feed: NotificationFeed, topic: string) {
  const diary: string[] = []
  const stop = feed.watch(topic, {
    heard: (body) => void diary.push((body as { id: string }).id),
    covered: () => void diary.push('covered'),
    uncovered: () => void diary.push('uncovered'),
  })
  return { diary, stop, heard: () => diary.filter((entry) => !entry.endsWith('covered')) }
}

const SUBSCRIBE = 'POST /notifications/channels/{id}/subscriptions'
const REPLACE = 'PUT /notifications/channels/{id}/subscriptions'

/** The platform simulator, the real client of it, and a feed. Replacing goes by a request of the test's own (PUT). */
export async function listeningStage(t: Test, options: Partial<NotificationFeedOptions> = {}, simulator: SimulatorOptions = {}) {
  const at: Stage = await stage(t, { clock: 'manual', requestsPerMinute: 3000, ...simulator })
  const genesys = await connectGenesys(
    settings(at.url, { clientId: 'handoff-demo', clientSecret: 'handoff-demo-secret', requestsPerMinute: 3000 }),
  )
  const calls: NotificationCalls = genesys
  let inFlight = 0
  const counted =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      inFlight += 1
      return call(...args).finally(() => void (inFlight -= 1))
    }
  const fed = feedOver(
    t,
    {
      openNotificationChannel: counted(calls.openNotificationChannel),
      addNotificationTopics: counted(calls.addNotificationTopics),
      replaceNotificationTopics: counted(calls.replaceNotificationTopics),
    },
    { connect: counted(openNotificationSocket), ...options },
  )
  t.teardown(() => genesys.close())
  return {
    ...at,
    ...fed,
    genesys,
    /** A call of the platform is under way, or a connection being opened. */
    busy: () => inFlight > 0,
    /** Calls of the notification service: channels opened, topics added, topics replaced. */
    made: () => {
      const { counts } = at.scene.calls()
      return [counts['POST /notifications/channels'] ?? 0, counts[SUBSCRIBE] ?? 0, counts[REPLACE] ?? 0]
    },
    /** The topics of every channel that has a connection. */
    subscribed: () => at.scene.notifications.channels().flatMap(({ connected, topics }) => (connected ? [topics] : [])),
    /** A watcher of a topic that is covered already. */
    covered: async (topic: string) => {
      const one = watcher(fed.feed, topic)
      await fed.drive(50)
      await fed.until(() => fed.feed.covers(topic))
      return one
    },
    /** Something happens in a queue: a call arrives. */
    callIn: (queueId: string, id: string) => void at.scene.addConversation({ id, in: { queueId } }),
  }
}
