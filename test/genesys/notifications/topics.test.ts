/** Every topic that should be assigned to a channel is assigned to exactly one. */
import fc from 'fast-check'
import t from 'tap'
import { createTopicRegistry } from '../../../src/genesys/notifications/topics.ts'

const limits = { topicsPerChannel: 3, maximumChannels: 2, lingerMs: 100, retryRejectedAfterMs: 300 }
const room = limits.topicsPerChannel * limits.maximumChannels

const topic = fc.integer({ min: 0, max: 11 }).map(String)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ action: fc.constant('watch' as const), topic }) },
  { weight: 3, arbitrary: fc.record({ action: fc.constant('unwatch' as const), topic }) },
  fc.record({ action: fc.constant('reject' as const), topic }),
  fc.record({ action: fc.constant('permit' as const), topic }),
  fc.record({ action: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 200 }) }),
)

t.test(
  'given any sequence of watching, unwatching and rejections, then the topics that should be assigned are assigned once',
  async (t) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const registry = createTopicRegistry(limits)
        const watchers = new Map<string, number>()
        const unwatchedAt = new Map<string, number>()
        const rejectedUntil = new Map<string, number>()
        let now = 0
        for (const step of steps) {
          if (step.action === 'wait') now += step.ms
          else if (step.action === 'watch') {
            watchers.set(step.topic, (watchers.get(step.topic) ?? 0) + 1)
            registry.watch(step.topic)
          } else if (step.action === 'unwatch') {
            const count = watchers.get(step.topic) ?? 0
            if (count > 0) unwatchedAt.set(step.topic, now)
            watchers.set(step.topic, Math.max(0, count - 1))
            registry.unwatch(step.topic, now)
          } else if (registry.channelOf(step.topic) !== undefined) {
            // The platform only permits or rejects topics that were requested, so those that have a channel.
            if (step.action === 'permit') {
              rejectedUntil.delete(step.topic)
              registry.permit(step.topic)
            } else {
              rejectedUntil.set(step.topic, now + limits.retryRejectedAfterMs)
              registry.reject(step.topic, now)
            }
          }
          registry.assign(now)

          const watched = [...watchers].flatMap(([name, count]) => (count > 0 ? [name] : []))
          const isRejected = (name: string) => (rejectedUntil.get(name) ?? 0) > now
          const assigned = registry.channels.flatMap((topics) => [...topics])
          const state = JSON.stringify({ step, now, assigned, watched })
          if (new Set(assigned).size !== assigned.length) throw new Error(`assigned twice: ${state}`)
          if (registry.channels.some(({ size }) => size > limits.topicsPerChannel)) throw new Error(`too many in a channel: ${state}`)
          for (const name of assigned) {
            if (registry.channels[registry.channelOf(name) ?? -1]?.has(name) !== true) throw new Error(`not in its channel: ${state}`)
            if (isRejected(name)) throw new Error(`rejected, but assigned: ${state}`)
            const isLingering = now < (unwatchedAt.get(name) ?? -Infinity) + limits.lingerMs
            if (!watched.includes(name) && !isLingering) throw new Error(`assigned without a watcher: ${state}`)
          }
          const isMissing = watched.some((name) => !isRejected(name) && !assigned.includes(name))
          if (isMissing && assigned.filter((name) => watched.includes(name)).length < room) throw new Error(`there was room: ${state}`)
          if (registry.counts(now).watched !== watched.length) throw new Error(`wrong count: ${state}`)
          if (registry.nextChangeAt(now) <= now) throw new Error(`the next change is not in the future: ${state}`)
        }
      }),
      { numRuns: 500 },
    )
    t.pass('for 500 sequences of up to 80 steps')
  },
)

t.test('given a rejection, then it is reported as new once, and again only after the topic was permitted', async (t) => {
  const registry = createTopicRegistry(limits)
  registry.watch('a')
  registry.assign(0)
  t.equal(registry.reject('a', 0), true)
  t.equal(registry.nextChangeAt(0), 300)
  registry.assign(300)
  t.equal(registry.channelOf('a'), 0)
  t.equal(registry.reject('a', 300), false)
  registry.assign(600)
  registry.permit('a')
  t.equal(registry.reject('a', 600), true)
})

t.test('given more topics than there is room for, then the one that has been unwatched for longest loses its channel', async (t) => {
  const registry = createTopicRegistry(limits)
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) registry.watch(name)
  registry.assign(0)
  registry.unwatch('d', 1)
  registry.unwatch('b', 2)
  registry.watch('g')
  registry.assign(3)
  t.strictSame(
    registry.channels.map((topics) => [...topics]),
    [
      ['a', 'b', 'c'],
      ['e', 'f', 'g'],
    ],
  )
})
