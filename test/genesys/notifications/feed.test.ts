/** What listeners are notified of, and how many calls to the platform that takes. */
import t from 'tap'
import { queueTopic, startFeedOnSimulator, watchTopic } from './feed-fixture.ts'

const supportTopic = queueTopic('support')
const salesTopic = queueTopic('sales')
const minuteMs = 60_000
/** For tests whose clock runs faster than the network, so that no connection is given up because of that. */
const withoutHeartbeat = { pingAfterMs: 9e9, giveUpAfterMs: 9e9 }

t.test('given a topic that is watched, then it is subscribed after two calls, and its events arrive', async (t) => {
  const fixture = await startFeedOnSimulator(t)
  fixture.control.addQueue({ id: 'support' })
  const support = watchTopic(fixture.feed, supportTopic)
  t.equal(support.isSubscribed(), false)
  await fixture.drive(50)
  await fixture.until(() => support.isSubscribed())
  fixture.startCall('support', 'c1')
  await fixture.until(() => support.received.length === 2)
  t.strictSame(support.received, ['subscribed', 'c1'])
  t.strictSame(fixture.callCounts(), [1, 1, 0])
  t.match(fixture.feed.state(), { channels: 1, sockets: 1, topics: 1, subscribed: 1, rejected: 0, events: 1, malformed: 0, reconnects: 0 })
})

t.test('given no watched topic, then the platform is not called', async (t) => {
  const fixture = await startFeedOnSimulator(t)
  await fixture.drive(60 * minuteMs)
  watchTopic(fixture.feed, supportTopic).stop()
  await fixture.drive(60 * minuteMs)
  t.strictSame(fixture.callCounts(), [0, 0, 0])
})

t.test('given two watchers of one topic, then it is subscribed once, and both get its events until they stop', async (t) => {
  const fixture = await startFeedOnSimulator(t)
  fixture.control.addQueue({ id: 'support' })
  const first = await fixture.watchUntilSubscribed(supportTopic)
  const second = watchTopic(fixture.feed, supportTopic)
  await fixture.until(() => second.received.includes('subscribed'))
  fixture.startCall('support', 'c1')
  await fixture.until(() => second.eventIds().length === 1)
  first.stop()
  first.stop()
  fixture.startCall('support', 'c2')
  await fixture.until(() => second.eventIds().length === 2)
  t.strictSame(
    [first.received, second.received],
    [
      ['subscribed', 'c1'],
      ['subscribed', 'c1', 'c2'],
    ],
  )
  t.strictSame(fixture.callCounts(), [1, 1, 0])
})

t.test('given many topics at the same time, then they are added in one call; later ones in one more', async (t) => {
  const fixture = await startFeedOnSimulator(t)
  for (let index = 0; index < 100; index += 1) watchTopic(fixture.feed, queueTopic(index))
  await fixture.drive(50)
  await fixture.until(() => fixture.feed.state().subscribed === 100)
  for (let index = 100; index < 200; index += 1) {
    watchTopic(fixture.feed, queueTopic(index))
    await fixture.drive(9)
  }
  t.strictSame(fixture.callCounts(), [1, 1, 0], 'calls for a channel are at least a second apart')
  await fixture.drive(1000)
  await fixture.until(() => fixture.feed.state().subscribed === 200)
  t.strictSame(fixture.callCounts(), [1, 2, 0])
})

t.test(
  'given a topic that is not watched any more, then it stays subscribed for the next watcher, and is removed after a while',
  async (t) => {
    const fixture = await startFeedOnSimulator(t, { timing: withoutHeartbeat })
    await fixture.watchUntilSubscribed(supportTopic)
    const first = watchTopic(fixture.feed, salesTopic)
    await fixture.drive(1000)
    await fixture.until(() => first.received.length === 1)
    first.stop()
    await fixture.drive(9 * minuteMs)
    const second = watchTopic(fixture.feed, salesTopic)
    await fixture.until(() => second.received.includes('subscribed'))
    t.strictSame(fixture.callCounts(), [1, 2, 0])
    second.stop()
    await fixture.drive(11 * minuteMs)
    await fixture.until(() => fixture.connectedTopics()[0]?.length === 1)
    t.strictSame(fixture.connectedTopics(), [[supportTopic]])
    t.strictSame(fixture.callCounts(), [1, 2, 1])
  },
)

t.test(
  'given a feed whose last topic is not watched any more, then its connection is closed after a while, and opened again for the next topic',
  async (t) => {
    const fixture = await startFeedOnSimulator(t, { timing: withoutHeartbeat })
    const only = await fixture.watchUntilSubscribed(supportTopic)
    only.stop()
    await fixture.drive(11 * minuteMs)
    await fixture.until(() => fixture.connectedTopics().length === 0)
    t.match(fixture.feed.state(), { channels: 0, sockets: 0, topics: 0 })
    const next = await fixture.watchUntilSubscribed(supportTopic)
    t.strictSame(next.received, ['subscribed'])
    t.strictSame(fixture.callCounts(), [2, 2, 0])
  },
)

t.test(
  'given a topic that is rejected, then the others are subscribed; it is logged once, and requested again after half an hour',
  async (t) => {
    const fixture = await startFeedOnSimulator(t, { timing: withoutHeartbeat })
    fixture.control.notifications.forbidTopics({ pattern: salesTopic, missingPermissions: ['routing:queue:view'] })
    const sales = watchTopic(fixture.feed, salesTopic)
    await fixture.watchUntilSubscribed(supportTopic)
    t.equal(sales.isSubscribed(), false)
    t.match(fixture.feed.state(), { topics: 2, subscribed: 1, rejected: 1 })
    const warning = { level: 'warn', fields: { topic: salesTopic, reason: String, missingPermissions: ['routing:queue:view'] } }
    t.match(fixture.logEntries, [warning])
    await fixture.drive(29 * minuteMs)
    t.strictSame(fixture.callCounts(), [1, 1, 0])
    await fixture.drive(3 * minuteMs)
    await fixture.until(() => fixture.callCounts()[1] === 2 && fixture.feed.state().rejected === 1)
    t.equal(fixture.logEntries.length, 1)
    fixture.control.notifications.permitTopics()
    await fixture.drive(32 * minuteMs)
    await fixture.until(() => sales.isSubscribed())
    t.strictSame(sales.received, ['subscribed'])
    t.match(fixture.feed.state(), { subscribed: 2, rejected: 0 })
  },
)

t.test('given a name that is no topic among others, then only that name is not subscribed', async (t) => {
  const fixture = await startFeedOnSimulator(t)
  const invalid = watchTopic(fixture.feed, 'v2.users.7.shoes')
  watchTopic(fixture.feed, 'not a topic at all')
  for (let index = 0; index < 8; index += 1) watchTopic(fixture.feed, queueTopic(index))
  await fixture.drive(50)
  await fixture.until(() => fixture.feed.state().subscribed === 8)
  t.strictSame(invalid.received, [])
  t.match(fixture.logEntries, [{ level: 'warn', fields: { topic: 'v2.users.7.shoes' } }])
  t.equal(fixture.logEntries.length, 1)
})

t.test('given 1,001 topics, then they take two channels', async (t) => {
  const fixture = await startFeedOnSimulator(t)
  for (let index = 0; index < 1001; index += 1) watchTopic(fixture.feed, queueTopic(index))
  await fixture.drive(50)
  await fixture.until(() => fixture.feed.state().subscribed === 1001)
  t.strictSame(
    fixture
      .connectedTopics()
      .map(({ length }) => length)
      .toSorted((a, b) => a - b),
    [1, 1000],
  )
  t.strictSame(fixture.callCounts(), [2, 2, 0])
  t.match(fixture.feed.state(), { channels: 2, sockets: 2 })
})

t.test('given a full channel, then one more topic is not subscribed until another is not watched any more and makes room', async (t) => {
  const fixture = await startFeedOnSimulator(t, { maximumChannels: 1 })
  const watchers = Array.from({ length: 1000 }, (_, index) => watchTopic(fixture.feed, queueTopic(index)))
  const support = watchTopic(fixture.feed, supportTopic)
  await fixture.drive(50)
  await fixture.until(() => fixture.feed.state().subscribed === 1000)
  t.strictSame(support.received, [])
  watchers[3]?.stop()
  await fixture.drive(1000)
  await fixture.until(() => support.isSubscribed())
  t.strictSame(fixture.callCounts(), [1, 2, 1])
  t.equal(fixture.connectedTopics()[0]?.length, 1000)
  t.notOk(fixture.connectedTopics()[0]?.includes(queueTopic(3)))
})

t.test('given listeners that throw or reject, then the other listeners are still called, and each failure is logged', async (t) => {
  const fixture = await startFeedOnSimulator(t)
  fixture.control.addQueue({ id: 'support' })
  const throwError = () => {
    throw new Error('a listener that fails')
  }
  fixture.feed.watch(supportTopic, { onEvent: throwError, onSubscribed: throwError, onUnsubscribed: throwError })
  const reject = async () => throwError()
  fixture.feed.watch(supportTopic, { onEvent: reject, onSubscribed: reject, onUnsubscribed: reject })
  const support = await fixture.watchUntilSubscribed(supportTopic)
  fixture.startCall('support', 'c1')
  await fixture.until(() => support.eventIds().length === 1)
  fixture.feed.close()
  t.strictSame(support.received, ['subscribed', 'c1', 'unsubscribed'])
  await fixture.until(() => fixture.logEntries.length === 6)
  t.ok(fixture.logEntries.every(({ level }) => level === 'error'))
})

t.test(
  'given a feed that is closed, then its connections are closed, subscribed listeners are notified, and nothing starts any more',
  async (t) => {
    const fixture = await startFeedOnSimulator(t)
    const support = await fixture.watchUntilSubscribed(supportTopic)
    watchTopic(fixture.feed, salesTopic)
    fixture.feed.close()
    fixture.feed.close()
    t.strictSame(support.received, ['subscribed', 'unsubscribed'])
    const late = watchTopic(fixture.feed, salesTopic)
    await fixture.drive(60 * minuteMs)
    await fixture.until(() => fixture.connectedTopics().length === 0)
    t.strictSame(late.received, [])
    t.strictSame(fixture.callCounts(), [1, 1, 0])
    t.match(fixture.feed.state(), { sockets: 0, subscribed: 0 })
  },
)

t.test('given a feed that is closed while it opens a channel, then no connection stays open', async (t) => {
  const fixture = await startFeedOnSimulator(t)
  fixture.control.addFault({ operation: 'POST /notifications/channels/{id}/subscriptions', fault: { kind: 'silence' } })
  const support = watchTopic(fixture.feed, supportTopic)
  await fixture.drive(50)
  await fixture.until(() => fixture.callCounts()[1] === 1)
  t.equal(fixture.connectedTopics().length, 1)
  fixture.feed.close()
  await fixture.until(() => fixture.connectedTopics().length === 0)
  t.strictSame(support.received, [])
  t.strictSame(fixture.logEntries, [])
})
