/** Which topics a transfer has whose call moves on: a call may be picked up at an earlier place after all. */
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

/** Subscriptions to a feed that a test drives, and what was heard of which transfer. */
function createSubscriptions() {
  const listeners = new Map<string, Parameters<Feed['watch']>[1]>()
  const heard: string[] = []
  const feed: Feed = {
    watch(topic, listener) {
      listeners.set(topic, listener)
      return () => void listeners.delete(topic)
    },
  }
  const subscriptions = createEventSubscriptions(feed, {
    onEvent: (id) => heard.push(id) > 0,
    onSubscribed: () => {},
    onUnsubscribed: () => {},
  })
  const topicOf = (queueId: string) => `v2.routing.queues.${queueId}.conversations.calls`
  return {
    subscriptions,
    heard,
    topics: () => [...listeners.keys()],
    subscribe: (target: ResolvedTarget) =>
      subscriptions.subscribe({ id: 't', conversationId: 'c', resolvedTarget: toStoredTarget(target) }),
    permit: (queueId: string) => listeners.get(topicOf(queueId))?.onSubscribed(),
    send: (queueId: string) => listeners.get(topicOf(queueId))?.onEvent({ eventBody: { id: 'c', participants: [] } }),
    topicOf,
  }
}

t.test('given a call that moves on, then events of both places are heard, and those of the new one count', async (t) => {
  const { subscriptions, heard, topics, subscribe, permit, send, topicOf } = createSubscriptions()
  subscribe(toQueue('a'))
  permit('a')
  send('a')
  t.ok(subscriptions.receivesEvents('t'))
  subscribe(toQueue('b'))
  t.strictSame(topics(), [topicOf('a'), topicOf('b')])
  t.notOk(subscriptions.isSubscribed('t'), 'the new topic is not subscribed yet')
  t.notOk(subscriptions.receivesEvents('t'))
  send('a')
  t.equal(heard.length, 2)
  t.notOk(subscriptions.receivesEvents('t'), 'an event of the earlier place says nothing about the new one')
  permit('b')
  send('b')
  t.ok(subscriptions.isSubscribed('t') && subscriptions.receivesEvents('t'))
  subscriptions.unsubscribe('t')
  t.strictSame(topics(), [])
})

t.test('given a call that moves on to a number, then no events are expected; if it stays after all, then they are again', async (t) => {
  const { subscriptions, topics, subscribe, permit, send, topicOf } = createSubscriptions()
  subscribe(toQueue('a'))
  permit('a')
  send('a')
  subscribe(toNumber)
  t.strictSame(topics(), [topicOf('a')])
  t.notOk(subscriptions.receivesEvents('t'))
  subscribe(toQueue('a'))
  t.ok(subscriptions.receivesEvents('t'))
  subscriptions.unsubscribe('t')
  t.strictSame(topics(), [])
})
