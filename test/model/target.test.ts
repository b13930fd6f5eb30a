import fc from 'fast-check'
import t from 'tap'
import {
  callByType,
  isQueuedTarget,
  parseStoredTarget,
  targetTypes,
  toStoredTarget,
  type NormalizedTarget,
  type ResolvedTarget,
  type StoredTarget,
} from '../../src/model/target.ts'

const id = fc.uuid()
const normalized: fc.Arbitrary<NormalizedTarget> = fc.oneof(
  fc.record({ type: fc.constant('agent' as const), userId: id }),
  fc.record({
    type: fc.constant('queue' as const),
    queueId: id,
    skillIds: fc.array(id, { maxLength: 3 }),
    languageId: fc.option(id),
  }),
  fc.record({ type: fc.constant('skill' as const), queueId: id, skillIds: fc.array(id, { minLength: 1, maxLength: 3 }) }),
  fc.record({ type: fc.constant('number' as const), address: fc.constant('+49301234567') }),
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

t.test('given any resolved target, then the stored form has every field, in the order of earlier versions', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        resolved,
        (target) => Object.keys(toStoredTarget(target)).join() === 'type,queueId,userId,skillIds,languageId,address,priority,usedFallback',
      ),
    ),
  )
})

const empty = { queueId: null, userId: null, skillIds: [], languageId: null, address: null, priority: 0, usedFallback: false }

t.test('given targets that an earlier version stored, then each is read as its type', async (t) => {
  t.strictSame(parseStoredTarget({ ...empty, type: 'agent', userId: 'u' }), {
    type: 'agent',
    userId: 'u',
    priority: 0,
    usedFallback: false,
  })
  t.match(parseStoredTarget({ ...empty, type: 'queue', queueId: 'q' }), { type: 'queue', queueId: 'q', skillIds: [], languageId: null })
  t.match(parseStoredTarget({ ...empty, type: 'skill', queueId: 'q', skillIds: ['s'], priority: 9 }), { type: 'skill', priority: 9 })
  t.match(parseStoredTarget({ ...empty, type: 'number', address: 'erased' }), { type: 'number', address: 'erased' }, 'even when erased')
})

t.test('given a stored target without the field that its type needs, then it is an error that names the field', async (t) => {
  t.throws(() => parseStoredTarget({ ...empty, type: 'agent' }), { message: /agent has no userId/ })
  t.throws(() => parseStoredTarget({ ...empty, type: 'queue' }), { message: /queue has no queueId/ })
})

t.test('given a table by type, then the entry of the target is called with all arguments', async (t) => {
  const table = {
    agent: () => 'agent',
    queue: ({ queueId }: { queueId: string }, more: string) => queueId + more,
    skill: () => 'skill',
    number: () => 'number',
  }
  t.equal(callByType(table, { type: 'queue', queueId: 'q', skillIds: [], languageId: null }, '!'), 'q!')
  t.strictSame(Object.keys(table), [...targetTypes])
})

t.test('given a target, then only calls to a queue or a skill wait in a queue', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(normalized, (target) => isQueuedTarget(target) === (target.type === 'queue' || target.type === 'skill'))),
  )
})
