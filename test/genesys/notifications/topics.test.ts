import fc from 'fast-check'
import t from 'tap'
import { createTopicRegistry } from '../../../src/genesys/notifications/topics.ts'

const LIMITS = { mostTopics: 3, mostChannels: 2, lingerMs: 100, refusedMs: 300 }
const ROOM = LIMITS.mostTopics * LIMITS.mostChannels

const topic = fc.integer({ min: 0, max: 11 }).map(String)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('watch' as const), topic }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('leave' as const), topic }) },
  fc.record({ act: fc.constant('refuse' as const), topic }),
  fc.record({ act: fc.constant('permit' as const), topic }),
  fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 200 }) }),
)

t.test('given any course of watching, leaving and refusing, then every topic that should have a place has exactly one', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const book = createTopicRegistry(LIMITS)
      const watchers = new Map<string, number>()
      const leftAt = new Map<string, number>()
      const refusedUntil = new Map<string, number>()
      let now = 0
      for (const one of steps) {
        if (one.act === 'wait') now += one.ms
        else if (one.act === 'watch') {
          watchers.set(one.topic, (watchers.get(one.topic) ?? 0) + 1)
          book.watch(one.topic)
        } else if (one.act === 'leave') {
          const count = watchers.get(one.topic) ?? 0
          if (count > 0) leftAt.set(one.topic, now)
          watchers.set(one.topic, Math.max(0, count - 1))
          book.leave(one.topic, now)
        } else if (one.act === 'permit') {
          if (book.placeOf(one.topic) !== undefined) {
            refusedUntil.delete(one.topic)
            book.permit(one.topic)
          }
        } else if (book.placeOf(one.topic) !== undefined) {
          refusedUntil.set(one.topic, now + LIMITS.refusedMs)
          book.refuse(one.topic, now)
        }
        book.arrange(now)

        const watched = [...watchers].flatMap(([name, count]) => (count > 0 ? [name] : []))
        const refused = (name: string) => (refusedUntil.get(name) ?? 0) > now
        const placed = book.places.flatMap((place) => [...place])
        const why = JSON.stringify({ one, now, placed, watched })
        if (new Set(placed).size !== placed.length) throw new Error(`twice: ${why}`)
        if (book.places.some(({ size }) => size > LIMITS.mostTopics)) throw new Error(`too many: ${why}`)
        for (const name of placed) {
          if (book.places[book.placeOf(name) ?? -1]?.has(name) !== true) throw new Error(`not where it is said to be: ${why}`)
          if (refused(name)) throw new Error(`refused, but placed: ${why}`)
          const lingers = now < (leftAt.get(name) ?? -Infinity) + LIMITS.lingerMs
          if (!watched.includes(name) && !lingers) throw new Error(`nobody watches it: ${why}`)
        }
        const homeless = watched.filter((name) => !refused(name) && !placed.includes(name))
        if (homeless.length > 0 && placed.filter((name) => watched.includes(name)).length < ROOM) throw new Error(`there was room: ${why}`)
        if (book.counts(now).watched !== watched.length) throw new Error(`miscounted: ${why}`)
        if (book.nextChange(now) <= now) throw new Error(`it is always now: ${why}`)
      }
    }),
    { numRuns: 500 },
  )
  t.pass('for 500 courses of up to 80 steps')
})

t.test('given a refusal, then it is news once, and again only after the topic was permitted', async (t) => {
  const book = createTopicRegistry(LIMITS)
  book.watch('a')
  book.arrange(0)
  t.equal(book.refuse('a', 0), true)
  t.equal(book.nextChange(0), 300)
  book.arrange(300)
  t.equal(book.placeOf('a'), 0)
  t.equal(book.refuse('a', 300), false)
  book.arrange(600)
  book.permit('a')
  t.equal(book.refuse('a', 600), true)
})

t.test('given want of room, then the topic goes that nobody has watched for longest', async (t) => {
  const book = createTopicRegistry(LIMITS)
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) book.watch(name)
  book.arrange(0)
  book.leave('d', 1)
  book.leave('b', 2)
  book.watch('g')
  book.arrange(3)
  t.strictSame(
    book.places.map((place) => [...place]),
    [
      ['a', 'b', 'c'],
      ['e', 'f', 'g'],
    ],
  )
})
