/** What happens to subscriptions when connections, channels or calls to the platform fail. */
import t from 'tap'
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'
import { queueTopic, startFeedOnSimulator, watchTopic } from './feed-fixture.ts'

const supportTopic = queueTopic('support')
const salesTopic = queueTopic('sales')
/** For tests whose clock runs faster than the network, so that no connection is given up because of that. */
const withoutTimeouts = { pingAfterMs: 9e9, giveUpAfterMs: 9e9, connectTimeoutMs: 9e9 }
const minuteMs = 60_000
const renewalMs = 20 * 60 * minuteMs
const addTopicsOperation = 'POST /notifications/channels/{id}/subscriptions'

t.test(
  'given a connection that is lost, then its topic is unsubscribed at once, and subscribed again on the same channel with one call',
  async (t) => {
    const fixture = await startFeedOnSimulator(t)
    fixture.control.addQueue({ id: 'support' })
    const support = await fixture.watchUntilSubscribed(supportTopic)
    fixture.control.notifications.cutSockets()
    await fixture.until(() => support.received.length === 2)
    t.equal(support.isSubscribed(), false)
    t.match(fixture.feed.state(), { sockets: 0, subscribed: 0, topics: 1 })
    fixture.startCall('support', 'missed')
    await fixture.drive(1000)
    await fixture.until(() => support.isSubscribed())
    fixture.startCall('support', 'c2')
    await fixture.until(() => support.eventIds().length === 1)
    t.strictSame(support.received, ['subscribed', 'unsubscribed', 'subscribed', 'c2'])
    t.strictSame(fixture.callCounts(), [1, 2, 0])
    t.equal(fixture.feed.state().reconnects, 1)
  },
)

t.test('given a connection whose end is announced, then another channel replaces it before its end, and no event is missed', async (t) => {
  const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts })
  fixture.control.addQueue({ id: 'support' })
  const support = await fixture.watchUntilSubscribed(supportTopic)
  await fixture.drive(minuteMs)
  fixture.control.notifications.cutSockets({ announce: true, afterMs: minuteMs })
  let started = 0
  const startCall = () => fixture.startCall('support', `c${(started += 1)}`)
  await fixture.until(() => (startCall(), fixture.callCounts()[1] === 2))
  await fixture.until(() => (startCall(), fixture.feed.state().reconnects === 1))
  for (let count = 0; count < 10; count += 1) startCall()
  fixture.control.advance(minuteMs)
  startCall()
  await fixture.drive(minuteMs)
  startCall()
  await fixture.until(() => support.eventIds().includes(`c${started}`))
  const received = new Set(support.eventIds())
  t.strictSame(
    Array.from({ length: started }, (_, index) => `c${index + 1}`).filter((id) => !received.has(id)),
    [],
  )
  t.notOk(support.received.includes('unsubscribed'))
  t.strictSame(fixture.callCounts(), [2, 2, 0])
  t.equal(fixture.connectedTopics().length, 1)
})

t.test('given connections whose end is announced again and again, then new channels are opened with backoff', async (t) => {
  const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts, random: () => 0.5 })
  await fixture.watchUntilSubscribed(supportTopic)
  let announced = 0
  for (let second = 0; second < 600; second += 1) {
    if (fixture.feed.state().reconnects === announced) {
      announced += 1
      fixture.control.notifications.cutSockets({ announce: true, afterMs: 9e9 })
    }
    await fixture.drive(1000)
    await fixture.until(() => !fixture.isBusy())
  }
  t.ok(announced > 3 && announced < 30, `${announced} times`)
  t.ok((fixture.callCounts()[0] ?? 0) <= announced + 1)
})

t.test('given a channel that expires, then its topics are subscribed on a new one', async (t) => {
  const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts })
  const support = await fixture.watchUntilSubscribed(supportTopic)
  await fixture.drive(minuteMs)
  const [{ id } = { id: '' }] = fixture.control.notifications.channels()
  fixture.control.notifications.expireChannel(id)
  await fixture.until(() => support.received.length === 3)
  t.strictSame(support.received, ['subscribed', 'unsubscribed', 'subscribed'])
  t.strictSame(fixture.callCounts(), [2, 2, 0])
})

t.test(
  'given a channel that ends without notice, then it is replaced when topics are added or its connection cannot be opened',
  async (t) => {
    const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts })
    const support = await fixture.watchUntilSubscribed(supportTopic)
    fixture.control.addFault({ operation: addTopicsOperation, fault: { kind: 'status', status: 404 } })
    const sales = watchTopic(fixture.feed, salesTopic)
    await fixture.drive(1000)
    await fixture.until(() => sales.isSubscribed() && support.isSubscribed())
    t.strictSame(fixture.callCounts(), [2, 3, 0])

    await fixture.drive(minuteMs)
    fixture.control.clearRequests()
    fixture.control.notifications.reset()
    await fixture.until(() => !support.isSubscribed())
    await fixture.until(() => support.isSubscribed() && sales.isSubscribed())
    t.strictSame(fixture.callCounts(), [1, 1, 0], 'no call is wasted on the old channel')
  },
)

t.test('given a channel that is 20 hours old, then it is renewed with one call, and listeners notice nothing', async (t) => {
  const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts }, { tokenLifetimeSeconds: 864_000 })
  fixture.control.configure({ heartbeatMs: 864_000_000 })
  const support = await fixture.watchUntilSubscribed(supportTopic)
  for (let day = 1; day <= 3; day += 1) {
    fixture.control.advance(renewalMs)
    await fixture.drive(renewalMs)
    await fixture.until(() => fixture.callCounts()[2] === day && !fixture.isBusy())
  }
  await fixture.until(() => fixture.feed.state().subscribed === 1)
  t.strictSame(support.received, ['subscribed'])
  t.strictSame(fixture.callCounts(), [1, 1, 3])
})

t.test('given a channel that cannot be renewed, then another one replaces it while its events still arrive', async (t) => {
  const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts }, { tokenLifetimeSeconds: 864_000 })
  fixture.control.configure({ heartbeatMs: 864_000_000 })
  const support = await fixture.watchUntilSubscribed(supportTopic)
  fixture.control.addFault({ operation: 'PUT /notifications/channels/{id}/subscriptions', fault: { kind: 'status', status: 404 } })
  fixture.control.advance(renewalMs)
  await fixture.drive(renewalMs)
  await fixture.until(() => fixture.feed.state().reconnects === 1)
  t.strictSame(support.received, ['subscribed'])
  t.strictSame(fixture.callCounts(), [2, 2, 1])
})

/** `maximumCalls`: how many calls there may be in ten minutes. */
const failureCases: Array<{ name: string; fault: FaultOptions['fault']; maximumCalls: number }> = [
  { name: '500', fault: { kind: 'status', status: 500 }, maximumCalls: 30 },
  { name: '503', fault: { kind: 'status', status: 503 }, maximumCalls: 30 },
  { name: '429', fault: { kind: 'rate-limited', retryAfterSeconds: 300 }, maximumCalls: 3 },
  { name: '401', fault: { kind: 'status', status: 401 }, maximumCalls: 4 },
  { name: '403', fault: { kind: 'status', status: 403 }, maximumCalls: 2 },
  { name: 'HTML', fault: { kind: 'html', status: 200 }, maximumCalls: 2 },
  { name: 'a closed connection', fault: { kind: 'reset-before' }, maximumCalls: 30 },
]
for (const { name, fault, maximumCalls } of failureCases) {
  for (const operation of ['POST /notifications/channels', addTopicsOperation]) {
    t.test(
      `given ${name} for every ${operation}, then there are at most ${maximumCalls} calls in ten minutes, and one log line`,
      async (t) => {
        const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts, random: () => 0.5 })
        fixture.control.addFault({ operation, times: Infinity, fault })
        const support = watchTopic(fixture.feed, supportTopic)
        for (let second = 0; second < 590; second += 1) {
          await fixture.drive(1000)
          await fixture.until(() => !fixture.isBusy())
        }
        const [opened = 0, added = 0] = fixture.callCounts()
        const failing = operation.endsWith('subscriptions') ? added : opened
        t.ok(failing >= 1 && failing <= maximumCalls, `${failing} calls`)
        t.ok(opened <= maximumCalls)
        t.strictSame(support.received, [])
        t.match(fixture.logEntries, [{ level: 'warn', fields: { err: { name: 'GenesysError' } } }])
        t.equal(fixture.logEntries.length, 1)
      },
    )
  }
}

t.test('given a platform that was failing, when it works again, then the topic is subscribed, and the recovery is logged', async (t) => {
  const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts })
  fixture.control.addFault({ operation: 'POST /notifications/channels', times: 3, fault: { kind: 'status', status: 500 } })
  const support = watchTopic(fixture.feed, supportTopic)
  await fixture.drive(50)
  await fixture.until(() => support.isSubscribed())
  t.strictSame(support.received, ['subscribed'])
  t.strictSame(
    fixture.logEntries.map(({ level }) => level),
    ['warn', 'info'],
  )
})

t.test('given a failed call while a channel is connected, then its topics stay subscribed', async (t) => {
  const fixture = await startFeedOnSimulator(t, { timing: withoutTimeouts })
  const support = await fixture.watchUntilSubscribed(supportTopic)
  fixture.control.addFault({ operation: addTopicsOperation, fault: { kind: 'status', status: 403 } })
  const sales = watchTopic(fixture.feed, salesTopic)
  await fixture.drive(1000)
  await fixture.until(() => fixture.logEntries.length === 1)
  t.equal(fixture.feed.state().subscribed, 1)
  await fixture.drive(10 * minuteMs)
  await fixture.until(() => sales.isSubscribed())
  t.strictSame(support.received, ['subscribed'])
})
