/** How targets are stored and read again, and what is decided by their type. */
import fc from 'fast-check'
import t from 'tap'
import {
  callByType,
  isQueuedTarget,
  parseStoredTarget,
  toStoredTarget,
  type NormalizedTarget,
  type ResolvedTarget,
  type StoredTarget,
} from '../../src/model/target.ts'
import { targetTypes } from '../../src/model/target-schema.ts'

const id = fc.uuid()
/** An object with the property, or without it: an absent property is never undefined. */
const optionally = <K extends string, V>(name: K, value: fc.Arbitrary<V>): fc.Arbitrary<Partial<Record<K, V>>> =>
  fc.option(value, { nil: undefined }).map((chosen) => (chosen === undefined ? {} : { [name]: chosen }) as Partial<Record<K, V>>)
const preference = optionally('preferredUserIds', fc.array(id, { minLength: 1, maxLength: 3 }))
const normalized: fc.Arbitrary<NormalizedTarget> = fc.oneof(
  fc.record({ type: fc.constant('agent' as const), userId: id }),
  fc
    .tuple(
      fc.record({
        type: fc.constant('queue' as const),
        queueId: id,
        skillIds: fc.array(id, { maxLength: 3 }),
        languageId: fc.option(id),
      }),
      preference,
    )
    .map(([target, preferred]) => ({ ...target, ...preferred })),
  fc
    .tuple(
      fc.record({ type: fc.constant('skill' as const), queueId: id, skillIds: fc.array(id, { minLength: 1, maxLength: 3 }) }),
      preference,
    )
    .map(([target, preferred]) => ({ ...target, ...preferred })),
  fc.record({ type: fc.constant('number' as const), address: fc.constant('+49301234567') }),
  fc
    .tuple(
      fc.record({ type: fc.constant('callback' as const), queueId: id, skillIds: fc.array(id, { maxLength: 3 }) }),
      optionally('callbackNumber', fc.constant('+49301234567')),
      optionally('scheduledAt', fc.constant('2026-11-28T08:00:00.000Z')),
    )
    .map(([target, number, time]) => ({ ...target, ...number, ...time })),
)
const resolved: fc.Arbitrary<ResolvedTarget> = fc
  .record({ target: normalized, priority: fc.integer(), usedFallback: fc.boolean() })
  .map(({ target, ...rest }) => ({ ...target, ...rest }))

t.test('given any resolved target, when it is stored and read again, then it is the same', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(resolved, (target) => {
        const text = JSON.stringify(toStoredTarget(target))
        const read = parseStoredTarget(JSON.parse(text) as StoredTarget)
        return JSON.stringify(toStoredTarget(read)) === text && JSON.stringify(read) === JSON.stringify(target)
      }),
    ),
  )
})

t.test('given any resolved target, when it is stored, then it has every field, in the order of earlier versions', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        resolved,
        (target) =>
          Object.keys(toStoredTarget(target)).join() ===
          'type,queueId,userId,skillIds,languageId,address,priority,usedFallback,preferredUserIds,scheduledAt',
      ),
    ),
  )
})

const withoutFields = { queueId: null, userId: null, skillIds: [], languageId: null, address: null, priority: 0, usedFallback: false }

t.test('given targets that an earlier version stored, when they are read, then each has its type and its fields', async (t) => {
  t.strictSame(parseStoredTarget({ ...withoutFields, type: 'agent', userId: 'u' }), {
    type: 'agent',
    userId: 'u',
    priority: 0,
    usedFallback: false,
  })
  t.match(parseStoredTarget({ ...withoutFields, type: 'queue', queueId: 'q' }), {
    type: 'queue',
    queueId: 'q',
    skillIds: [],
    languageId: null,
  })
  t.match(parseStoredTarget({ ...withoutFields, type: 'skill', queueId: 'q', skillIds: ['s'], priority: 9 }), {
    type: 'skill',
    priority: 9,
  })
  t.match(
    parseStoredTarget({ ...withoutFields, type: 'number', address: 'erased' }),
    { type: 'number', address: 'erased' },
    'even when erased',
  )
})

t.test('given a stored target without the field that its type needs, when it is read, then the error names the field', async (t) => {
  t.throws(() => parseStoredTarget({ ...withoutFields, type: 'agent' }), { message: /agent has no userId/ })
  t.throws(() => parseStoredTarget({ ...withoutFields, type: 'queue' }), { message: /queue has no queueId/ })
})

t.test('given a table of functions by type, when a target is passed, then the function for its type gets all arguments', async (t) => {
  const table = {
    agent: () => 'agent',
    queue: ({ queueId }: { queueId: string }, more: string) => queueId + more,
    skill: () => 'skill',
    number: () => 'number',
    callback: () => 'callback',
  }
  t.equal(callByType(table, { type: 'queue', queueId: 'q', skillIds: [], languageId: null }, '!'), 'q!')
  t.strictSame(Object.keys(table), [...targetTypes])
})

t.test('given any target, when it is checked, then only calls to a queue or a skill wait in a queue', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(normalized, (target) => isQueuedTarget(target) === (target.type === 'queue' || target.type === 'skill'))),
  )
})
