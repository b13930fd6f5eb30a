import t from 'tap'
import type { FaultSetting } from '../../../src/simulator/control/scene.ts'
import { listeningStage, ofQueue, watcher } from './stage.ts'

const [SUPPORT, SALES] = [ofQueue('support'), ofQueue('sales')]
/** For tests in which the time runs faster than the network: no connection is given up for that. */
const STILL = { pingAfterMs: 9e9, giveUpAfterMs: 9e9, connectMs: 9e9 }
const MINUTE = 60_000

t.test('given a connection that is cut, then it is uncovered at once, and covered again on the same channel after one call', async (t) => {
  const at = await listeningStage(t)
  at.scene.addQueue({ id: 'support' })
  const one = await at.covered(SUPPORT)
  at.scene.notifications.cutSockets()
  await at.until(() => one.diary.length === 2)
  t.equal(at.feed.covers(SUPPORT), false)
  t.match(at.feed.state(), { sockets: 0, covered: 0, topics: 1 })
  at.callIn('support', 'missed')
  await at.drive(1000)
  await at.until(() => at.feed.covers(SUPPORT))
  at.callIn('support', 'c2')
  await at.until(() => one.heard().length === 1)
  t.strictSame(one.diary, ['covered', 'uncovered', 'covered', 'c2'])
  t.strictSame(at.made(), [1, 2, 0])
  t.equal(at.feed.state().reconnects, 1)
})

t.test('given a connection whose end is announced, then another channel takes over before, and no event is missed', async (t) => {
  const at = await listeningStage(t, { timing: STILL })
  at.scene.addQueue({ id: 'support' })
  const one = await at.covered(SUPPORT)
  await at.drive(MINUTE)
  at.scene.notifications.cutSockets({ announce: true, afterMs: MINUTE })
  let arrived = 0
  const arrive = () => at.callIn('support', `c${(arrived += 1)}`)
  await at.until(() => (arrive(), at.made()[1] === 2))
  await at.until(() => (arrive(), at.feed.state().reconnects === 1))
  for (let n = 0; n < 10; n += 1) arrive()
  at.scene.advance(MINUTE)
  arrive()
  await at.drive(MINUTE)
  arrive()
  await at.until(() => one.heard().includes(`c${arrived}`))
  const heard = new Set(one.heard())
  t.strictSame(
    Array.from({ length: arrived }, (_, n) => `c${n + 1}`).filter((id) => !heard.has(id)),
    [],
  )
  t.notOk(one.diary.includes('uncovered'))
  t.strictSame(at.made(), [2, 2, 0])
  t.equal(at.subscribed().length, 1)
})

t.test('given ends that are announced again and again, then new channels are not opened without a pause', async (t) => {
  const at = await listeningStage(t, { timing: STILL, random: () => 0.5 })
  await at.covered(SUPPORT)
  let announced = 0
  for (let second = 0; second < 600; second += 1) {
    if (at.feed.state().reconnects === announced) {
      announced += 1
      at.scene.notifications.cutSockets({ announce: true, afterMs: 9e9 })
    }
    await at.drive(1000)
    await at.until(() => !at.busy())
  }
  t.ok(announced > 3 && announced < 30, `${announced} times`)
  t.ok((at.made()[0] ?? 0) <= announced + 1)
})

t.test('given a channel that comes to its end, then the topics go to a new one', async (t) => {
  const at = await listeningStage(t, { timing: STILL })
  const one = await at.covered(SUPPORT)
  await at.drive(MINUTE)
  const [{ id } = { id: '' }] = at.scene.notifications.channels()
  at.scene.notifications.expireChannel(id)
  await at.until(() => one.diary.length === 3)
  t.strictSame(one.diary, ['covered', 'uncovered', 'covered'])
  t.strictSame(at.made(), [2, 2, 0])
})

t.test(
  'given a channel that is gone without a word, then it is replaced when it is asked for more, or cannot be connected to',
  async (t) => {
    const at = await listeningStage(t, { timing: STILL })
    await at.covered(SUPPORT)
    const SUBSCRIBE = 'POST /notifications/channels/{id}/subscriptions'
    at.scene.addFault({ operation: SUBSCRIBE, fault: { kind: 'status', status: 404 } })
    watcher(at.feed, SALES)
    await at.drive(1000)
    await at.until(() => at.feed.covers(SALES) && at.feed.covers(SUPPORT))
    t.strictSame(at.made(), [2, 3, 0])

    await at.drive(MINUTE)
    at.scene.clearCalls()
    at.scene.notifications.reset()
    await at.until(() => !at.feed.covers(SUPPORT))
    await at.until(() => at.feed.covers(SUPPORT) && at.feed.covers(SALES))
    t.strictSame(at.made(), [1, 1, 0], 'no call is wasted on it')
  },
)

t.test('given a channel of 20 hours, then it is extended by one call, and nobody notices', async (t) => {
  const at = await listeningStage(t, { timing: STILL }, { tokenLifetimeSeconds: 864_000 })
  at.scene.configure({ heartbeatMs: 864_000_000 })
  const one = await at.covered(SUPPORT)
  for (let day = 1; day <= 3; day += 1) {
    at.scene.advance(20 * 3_600_000)
    await at.drive(20 * 3_600_000)
    await at.until(() => at.made()[2] === day && !at.busy())
  }
  await at.until(() => at.feed.covers(SUPPORT))
  t.strictSame(one.diary, ['covered'])
  t.strictSame(at.made(), [1, 1, 3])
})

t.test('given a channel that cannot be extended, then another takes over while it is still heard', async (t) => {
  const at = await listeningStage(t, { timing: STILL }, { tokenLifetimeSeconds: 864_000 })
  at.scene.configure({ heartbeatMs: 864_000_000 })
  const one = await at.covered(SUPPORT)
  at.scene.addFault({ operation: 'PUT /notifications/channels/{id}/subscriptions', fault: { kind: 'status', status: 404 } })
  at.scene.advance(20 * 3_600_000)
  await at.drive(20 * 3_600_000)
  await at.until(() => at.feed.state().reconnects === 1)
  t.strictSame(one.diary, ['covered'])
  t.strictSame(at.made(), [2, 2, 1])
})

const FAILURES: Array<{ what: string; fault: FaultSetting['fault']; mostCalls: number }> = [
  { what: '500', fault: { kind: 'status', status: 500 }, mostCalls: 30 },
  { what: '503', fault: { kind: 'status', status: 503 }, mostCalls: 30 },
  { what: '429', fault: { kind: 'rate-limited', retryAfterSeconds: 300 }, mostCalls: 3 },
  { what: '401', fault: { kind: 'status', status: 401 }, mostCalls: 4 },
  { what: '403', fault: { kind: 'status', status: 403 }, mostCalls: 2 },
  { what: 'nonsense', fault: { kind: 'html', status: 200 }, mostCalls: 2 },
  { what: 'a closed connection', fault: { kind: 'reset-before' }, mostCalls: 30 },
]
for (const { what, fault, mostCalls } of FAILURES) {
  for (const operation of ['POST /notifications/channels', 'POST /notifications/channels/{id}/subscriptions']) {
    t.test(`given ${what} to every ${operation}, then ten minutes of it are few calls, and one line in the log`, async (t) => {
      const at = await listeningStage(t, { timing: STILL, random: () => 0.5 })
      at.scene.addFault({ operation, times: Infinity, fault })
      const one = watcher(at.feed, SUPPORT)
      for (let second = 0; second < 590; second += 1) {
        await at.drive(1000)
        await at.until(() => !at.busy())
      }
      const [opened = 0, added = 0] = at.made()
      const failing = operation.endsWith('subscriptions') ? added : opened
      t.ok(failing >= 1 && failing <= mostCalls, `${failing} calls`)
      t.ok(opened <= mostCalls)
      t.strictSame(one.diary, [])
      t.match(at.logged, [{ level: 'warn', facts: { err: { name: 'GenesysError' } } }])
      t.equal(at.logged.length, 1)
    })
  }
}

t.test('given a platform that was failing, when it is well again, then the topic is covered, and that is told', async (t) => {
  const at = await listeningStage(t, { timing: STILL })
  at.scene.addFault({ operation: 'POST /notifications/channels', times: 3, fault: { kind: 'status', status: 500 } })
  const one = watcher(at.feed, SUPPORT)
  await at.drive(50)
  await at.until(() => at.feed.covers(SUPPORT))
  t.strictSame(one.diary, ['covered'])
  t.strictSame(
    at.logged.map(({ level }) => level),
    ['warn', 'info'],
  )
})

t.test('given a failure while a channel is heard, then what it covers stays covered', async (t) => {
  const at = await listeningStage(t, { timing: STILL })
  const one = await at.covered(SUPPORT)
  at.scene.addFault({ operation: 'POST /notifications/channels/{id}/subscriptions', fault: { kind: 'status', status: 403 } })
  watcher(at.feed, SALES)
  await at.drive(1000)
  await at.until(() => at.logged.length === 1)
  t.ok(at.feed.covers(SUPPORT))
  await at.drive(10 * MINUTE)
  await at.until(() => at.feed.covers(SALES))
  t.strictSame(one.diary, ['covered'])
})
