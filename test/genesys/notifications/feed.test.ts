import t from 'tap'
import { listeningStage, ofQueue, watcher } from './stage.ts'

const [SUPPORT, SALES] = [ofQueue('support'), ofQueue('sales')]

t.test('given a topic that is watched, then it is covered after two calls, and its events are heard', async (t) => {
  const at = await listeningStage(t)
  at.scene.addQueue({ id: 'support' })
  const one = watcher(at.feed, SUPPORT)
  t.equal(at.feed.covers(SUPPORT), false)
  await at.drive(50)
  await at.until(() => at.feed.covers(SUPPORT))
  at.callIn('support', 'c1')
  await at.until(() => one.diary.length === 2)
  t.strictSame(one.diary, ['covered', 'c1'])
  t.strictSame(at.made(), [1, 1, 0])
  t.match(at.feed.state(), { channels: 1, sockets: 1, topics: 1, covered: 1, rejected: 0, events: 1, malformed: 0, reconnects: 0 })
})

t.test('given nothing that is watched, then nothing is asked of the platform', async (t) => {
  const at = await listeningStage(t)
  await at.drive(3_600_000)
  watcher(at.feed, SUPPORT).stop()
  await at.drive(3_600_000)
  t.strictSame(at.made(), [0, 0, 0])
})

t.test('given two watchers of one topic, then it is subscribed once, and both hear until they stop', async (t) => {
  const at = await listeningStage(t)
  at.scene.addQueue({ id: 'support' })
  const first = await at.covered(SUPPORT)
  const second = watcher(at.feed, SUPPORT)
  await at.until(() => second.diary.includes('covered'))
  at.callIn('support', 'c1')
  await at.until(() => second.heard().length === 1)
  first.stop()
  first.stop()
  at.callIn('support', 'c2')
  await at.until(() => second.heard().length === 2)
  t.strictSame(
    [first.diary, second.diary],
    [
      ['covered', 'c1'],
      ['covered', 'c1', 'c2'],
    ],
  )
  t.strictSame(at.made(), [1, 1, 0])
})

t.test('given many topics within a moment, then they go in one call; more of them later go in one more', async (t) => {
  const at = await listeningStage(t)
  for (let n = 0; n < 100; n += 1) watcher(at.feed, ofQueue(n))
  await at.drive(50)
  await at.until(() => at.feed.state().covered === 100)
  for (let n = 100; n < 200; n += 1) {
    watcher(at.feed, ofQueue(n))
    await at.drive(9)
  }
  t.strictSame(at.made(), [1, 1, 0], 'a second has not passed')
  await at.drive(1000)
  await at.until(() => at.feed.state().covered === 200)
  t.strictSame(at.made(), [1, 2, 0])
})

t.test(
  'given a topic that nobody watches any more, then it lingers, so that it is there for the next one; then it is dropped',
  async (t) => {
    const at = await listeningStage(t, { timing: { pingAfterMs: 9e9, giveUpAfterMs: 9e9 } })
    await at.covered(SUPPORT)
    const brief = watcher(at.feed, SALES)
    await at.drive(1000)
    await at.until(() => brief.diary.length === 1)
    brief.stop()
    await at.drive(9 * 60_000)
    const again = watcher(at.feed, SALES)
    await at.until(() => again.diary.includes('covered'))
    t.strictSame(at.made(), [1, 2, 0])
    again.stop()
    await at.drive(11 * 60_000)
    await at.until(() => at.subscribed()[0]?.length === 1)
    t.strictSame(at.subscribed(), [[SUPPORT]])
    t.strictSame(at.made(), [1, 2, 1])
  },
)

t.test('given no topic that is watched or lingers, then the connection is closed', async (t) => {
  const at = await listeningStage(t, { timing: { pingAfterMs: 9e9, giveUpAfterMs: 9e9 } })
  const only = await at.covered(SUPPORT)
  only.stop()
  await at.drive(11 * 60_000)
  await at.until(() => at.subscribed().length === 0)
  t.match(at.feed.state(), { channels: 0, sockets: 0, topics: 0 })
  const next = await at.covered(SUPPORT)
  t.strictSame(next.diary, ['covered'])
  t.strictSame(at.made(), [2, 2, 0])
})

t.test(
  'given a topic that is refused, then the others are covered; it is told of once, and asked for again after half an hour',
  async (t) => {
    const at = await listeningStage(t, { timing: { pingAfterMs: 9e9, giveUpAfterMs: 9e9 } })
    at.scene.notifications.forbidTopics({ pattern: SALES, missingPermissions: ['routing:queue:view'] })
    const refused = watcher(at.feed, SALES)
    await at.covered(SUPPORT)
    t.equal(at.feed.covers(SALES), false)
    t.match(at.feed.state(), { topics: 2, covered: 1, rejected: 1 })
    const told = { level: 'warn', facts: { topic: SALES, reason: String, missingPermissions: ['routing:queue:view'] } }
    t.match(at.logged, [told])
    await at.drive(29 * 60_000)
    t.strictSame(at.made(), [1, 1, 0])
    await at.drive(3 * 60_000)
    await at.until(() => at.made()[1] === 2 && at.feed.state().rejected === 1)
    t.equal(at.logged.length, 1)
    at.scene.notifications.permitTopics()
    await at.drive(32 * 60_000)
    await at.until(() => at.feed.covers(SALES))
    t.strictSame(refused.diary, ['covered'])
    t.match(at.feed.state(), { covered: 2, rejected: 0 })
  },
)

t.test('given a name that is no topic among many, then it alone is not covered', async (t) => {
  const at = await listeningStage(t)
  const wrong = watcher(at.feed, 'v2.users.7.shoes')
  watcher(at.feed, 'not a topic at all')
  for (let n = 0; n < 8; n += 1) watcher(at.feed, ofQueue(n))
  await at.drive(50)
  await at.until(() => at.feed.state().covered === 8)
  t.strictSame(wrong.diary, [])
  t.match(at.logged, [{ level: 'warn', facts: { topic: 'v2.users.7.shoes' } }])
  t.equal(at.logged.length, 1)
})

t.test('given 1,001 topics, then they take two channels', async (t) => {
  const at = await listeningStage(t)
  for (let n = 0; n < 1001; n += 1) watcher(at.feed, ofQueue(n))
  await at.drive(50)
  await at.until(() => at.feed.state().covered === 1001)
  t.strictSame(
    at
      .subscribed()
      .map(({ length }) => length)
      .toSorted((a, b) => a - b),
    [1, 1000],
  )
  t.strictSame(at.made(), [2, 2, 0])
  t.match(at.feed.state(), { channels: 2, sockets: 2 })
})

t.test('given room for 1,000 topics, then one more is not covered until there is room, which one that nobody watches gives', async (t) => {
  const at = await listeningStage(t, { mostChannels: 1 })
  const all = Array.from({ length: 1000 }, (_, n) => watcher(at.feed, ofQueue(n)))
  const late = watcher(at.feed, SUPPORT)
  await at.drive(50)
  await at.until(() => at.feed.state().covered === 1000)
  t.strictSame(late.diary, [])
  all[3]?.stop()
  await at.drive(1000)
  await at.until(() => at.feed.covers(SUPPORT))
  t.strictSame(at.made(), [1, 2, 1])
  t.equal(at.subscribed()[0]?.length, 1000)
  t.notOk(at.subscribed()[0]?.includes(ofQueue(3)))
})

t.test('given listeners that throw or reject, then the others hear all the same, and it is logged', async (t) => {
  const at = await listeningStage(t)
  at.scene.addQueue({ id: 'support' })
  const fails = () => {
    throw new Error('a listener of its own kind')
  }
  at.feed.watch(SUPPORT, { heard: fails, covered: fails, uncovered: fails })
  const rejects = async () => fails()
  at.feed.watch(SUPPORT, { heard: rejects, covered: rejects, uncovered: rejects })
  const one = await at.covered(SUPPORT)
  at.callIn('support', 'c1')
  await at.until(() => one.heard().length === 1)
  at.feed.close()
  t.strictSame(one.diary, ['covered', 'c1', 'uncovered'])
  await at.until(() => at.logged.length === 6)
  t.ok(at.logged.every(({ level }) => level === 'error'))
})

t.test('given a feed that is closed, then nothing stays open, whoever was covered is told, and nothing is begun', async (t) => {
  const at = await listeningStage(t)
  const one = await at.covered(SUPPORT)
  watcher(at.feed, SALES)
  at.feed.close()
  at.feed.close()
  t.strictSame(one.diary, ['covered', 'uncovered'])
  const late = watcher(at.feed, SALES)
  await at.drive(3_600_000)
  await at.until(() => at.subscribed().length === 0)
  t.strictSame(late.diary, [])
  t.strictSame(at.made(), [1, 1, 0])
  t.match(at.feed.state(), { sockets: 0, covered: 0 })
})

t.test('given a feed that is closed while it opens a channel, then no connection is left over', async (t) => {
  const at = await listeningStage(t)
  at.scene.addFault({ operation: 'POST /notifications/channels/{id}/subscriptions', fault: { kind: 'silence' } })
  const one = watcher(at.feed, SUPPORT)
  await at.drive(50)
  await at.until(() => at.made()[1] === 1)
  t.equal(at.subscribed().length, 1)
  at.feed.close()
  await at.until(() => at.subscribed().length === 0)
  t.strictSame(one.diary, [])
  t.strictSame(at.logged, [])
})
