/** Which calls bring the topics of a channel in line with the wanted ones. */
import t from 'tap'
import { GenesysError, type GenesysReason } from '../../../src/genesys/http/errors.ts'
import { createChannelTopics } from '../../../src/genesys/notifications/channel-topics.ts'
import { rejection } from '../support/connect.ts'
import { createDrivenClock } from '../support/driven-clock.ts'

/** 20 hours and a minute. */
const timing = { renewAfterMs: 72_000_000, trimIntervalMs: 60_000 }

/** A channel of the given size at a platform that permits every topic, except when `failure` is set. */
function createTestTopics({ topicLimit = 10 } = {}) {
  const clock = createDrivenClock(0)
  const wanted = new Set<string>()
  const calls: string[] = []
  const test = { failure: undefined as GenesysReason | undefined, unclear: 0 }
  const createCall = (name: string) => async (_: string, topics: readonly string[]) => {
    calls.push(`${name} ${topics.join(' ')}`)
    if (test.failure) throw new GenesysError({ operation: name, reason: test.failure, effect: 'unknown' })
    return topics.map((topic) => ({ topic, isPermitted: true }))
  }
  const topics = createChannelTopics({
    channelId: 'channel-1',
    wanted,
    topicLimit,
    calls: { addNotificationTopics: createCall('add'), replaceNotificationTopics: createCall('replace') },
    createCallOptions: () => ({ deadline: Infinity }),
    clock,
    timing,
    onCall: () => {},
    onResult: () => {},
    onChange: () => {},
    onUnclear: () => void (test.unclear += 1),
  })
  return { clock, wanted, calls, test, topics }
}

t.test('given new topics, then only the missing ones are added', async (t) => {
  const { wanted, calls, topics } = createTestTopics()
  wanted.add('a').add('b')
  await topics.addAll()
  wanted.add('c')
  await topics.sync()
  await topics.sync()
  t.strictSame(calls, ['add a b', 'add c'])
  t.strictSame([topics.has('a'), topics.has('c'), topics.has('d')], [true, true, false])
})

t.test('given a topic that is not wanted any more, then it is removed after a minute, not at once', async (t) => {
  const { clock, wanted, calls, topics } = createTestTopics()
  wanted.add('a').add('b')
  await topics.addAll()
  t.equal(topics.nextDueAt(), timing.renewAfterMs)
  wanted.delete('a')
  t.equal(topics.nextDueAt(), timing.trimIntervalMs)
  await topics.sync()
  t.strictSame(calls, ['add a b'])
  await clock.drive(timing.trimIntervalMs)
  await topics.sync()
  t.strictSame(calls, ['add a b', 'replace b'])
  t.equal(topics.has('a'), false)
})

t.test('given a full channel, then a topic that is not wanted any more is removed at once', async (t) => {
  const { wanted, calls, topics } = createTestTopics({ topicLimit: 2 })
  wanted.add('a').add('b')
  await topics.addAll()
  wanted.delete('a')
  wanted.add('c')
  await topics.sync()
  t.strictSame(calls, ['add a b', 'replace b', 'add c'])
})

t.test('given a channel of 20 hours, then it is renewed by replacing its topics with the same ones', async (t) => {
  const { clock, wanted, calls, topics } = createTestTopics()
  wanted.add('a')
  await topics.addAll()
  await clock.drive(timing.renewAfterMs)
  await topics.sync()
  t.strictSame(calls, ['add a', 'replace a'])
  t.equal(topics.nextDueAt(), 2 * timing.renewAfterMs)
})

t.test('given a replacement that fails, then it is repeated if that may help; else the state of the channel is unclear', async (t) => {
  const { clock, wanted, test, topics } = createTestTopics()
  wanted.add('a')
  await topics.addAll()
  await clock.drive(timing.renewAfterMs)
  test.failure = 'unavailable'
  t.match(await rejection(topics.sync()), { reason: 'unavailable' })
  t.equal(test.unclear, 0)
  test.failure = 'malformed'
  await topics.sync()
  t.equal(test.unclear, 1)
})
