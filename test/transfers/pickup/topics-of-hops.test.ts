/** Which topics are watched for a call that moves on: those of all its places, because it may be picked up at an earlier one after all. */
import t from 'tap'
import { toStoredTarget, type ResolvedTarget } from '../../../src/model/target.ts'
import { createEventSubscriptions, type Feed } from '../../../src/transfers/pickup/event-subscriptions.ts'

const toQueue = (queueId: string): ResolvedTarget => ({
  type: 'queue',
  queueId,
  skillIds: [],
  languageId: null,
  priority: 0,
  usedFallback: false,
})
const toNumber: ResolvedTarget = { type: 'number', address: '+4930123456', priority: 0, usedFallback: false }

/** Subscriptions of the transfer `t` to a feed that the test drives. `received` has the ID of the transfer once for each event. */
function createSubscriptions() {
  const listeners = new Map<string, Parameters<Feed['watch']>[1]>()
  const received: string[] = []
  const feed: Feed = {
    watch(topic, listener) {
      listeners.set(topic, listener)
      return () => void listeners.delete(topic)
    },
  }
  const subscriptions = createEventSubscriptions(feed, {
    onEvent: (id) => received.push(id) > 0,
    onSubscribed: () => {},
    onUnsubscribed: () => {},
  })
  const topicOf = (queueId: string) => `v2.routing.queues.${queueId}.conversations.calls`
  return {
    subscriptions,
    received,
    topics: () => [...listeners.keys()],
    subscribe: (target: ResolvedTarget) =>
      subscriptions.subscribe({ id: 't', conversationId: 'c', resolvedTarget: toStoredTarget(target) }),
    confirmSubscription: (queueId: string) => listeners.get(topicOf(queueId))?.onSubscribed(),
    send: (queueId: string) => listeners.get(topicOf(queueId))?.onEvent({ eventBody: { id: 'c', participants: [] } }),
    topicOf,
  }
}

t.test(
  'given a call that moves on, then events of both places are received, and only those of the new one prove the subscription',
  async (t) => {
    const { subscriptions, received, topics, subscribe, confirmSubscription, send, topicOf } = createSubscriptions()
    subscribe(toQueue('a'))
    confirmSubscription('a')
    send('a')
    t.ok(subscriptions.receivesEvents('t'))
    subscribe(toQueue('b'))
    t.strictSame(topics(), [topicOf('a'), topicOf('b')])
    t.notOk(subscriptions.isSubscribed('t'), 'the new topic is not subscribed yet')
    t.notOk(subscriptions.receivesEvents('t'))
    send('a')
    t.equal(received.length, 2)
    t.notOk(subscriptions.receivesEvents('t'), 'an event of the earlier place says nothing about the new one')
    confirmSubscription('b')
    send('b')
    t.ok(subscriptions.isSubscribed('t') && subscriptions.receivesEvents('t'))
    subscriptions.unsubscribe('t')
    t.strictSame(topics(), [])
  },
)

t.test('given a call that moves on to a number, then no events are expected, until it turns out that the call stayed', async (t) => {
  const { subscriptions, topics, subscribe, confirmSubscription, send, topicOf } = createSubscriptions()
  subscribe(toQueue('a'))
  confirmSubscription('a')
  send('a')
  subscribe(toNumber)
  t.strictSame(topics(), [topicOf('a')])
  t.notOk(subscriptions.receivesEvents('t'))
  subscribe(toQueue('a'))
  t.ok(subscriptions.receivesEvents('t'))
  subscriptions.unsubscribe('t')
  t.strictSame(topics(), [])
})
