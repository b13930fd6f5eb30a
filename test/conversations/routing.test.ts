/** When a conversation proves that a call has the wanted skills and priority already. A wrong yes would leave a call unrouted. */
import fc from 'fast-check'
import t from 'tap'
import { parseConversation } from '../../src/conversations/conversation.ts'
import { hasRouting, type WantedRouting } from '../../src/conversations/routing.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'

const snapshot: Snapshot = { participantIds: ['customer', 'ivr', 'old acd'], holderId: 'ivr', takenAt: 0 }
const wanted: WantedRouting = { queueId: 'q1', skillIds: [], priority: 0, languageId: null }

interface Shown {
  queue?: unknown
  priority?: unknown
  skills?: unknown
  language?: unknown
  skillExpression?: unknown
  skillExpressionId?: unknown
}
const nothing: Shown = { queue: { id: 'q1' }, priority: 0, skills: [] }
const withSkills = (...ids: string[]): Shown => ({ ...nothing, skills: ids.map((id) => ({ id })) })

/** A call in queue q1, in the flattened model of events. `earlier` is what the queue of before the transfer shows. */
const eventWith = (
  routing: unknown,
  { earlier, queueId = 'q1', id = 'new acd' }: { earlier?: unknown; queueId?: string; id?: string } = {},
) =>
  parseConversation({
    id: 'c1',
    participants: [
      { id: 'customer', purpose: 'customer', state: 'connected' },
      { id: 'ivr', purpose: 'ivr', state: 'terminated' },
      { id: 'old acd', purpose: 'acd', state: 'terminated', queue: { id: 'q0' }, conversationRoutingData: earlier },
      { id, purpose: 'acd', state: 'connected', queue: { id: queueId }, conversationRoutingData: routing },
    ],
  })
const isProved = (routing: unknown, options: Parameters<typeof eventWith>[1] = {}, want = wanted) =>
  hasRouting(eventWith(routing, options), snapshot, want)

t.test('given a call in the queue that shows what is wanted, then it has it, in events and in reads alike', async (t) => {
  t.ok(isProved(nothing))
  t.ok(isProved(withSkills('a', 'b'), {}, { ...wanted, skillIds: ['b', 'a'] }))
  t.ok(isProved({ ...nothing, language: { id: 'es' } }), 'any language will do')
  t.ok(isProved({ ...nothing, language: { id: 'es' } }, {}, { ...wanted, languageId: 'es' }))
  const read = parseConversation({
    id: 'c1',
    participants: [{ id: 'new acd', purpose: 'acd', queueId: 'q1', calls: [{ state: 'connected' }], conversationRoutingData: nothing }],
  })
  t.ok(hasRouting(read, snapshot, wanted))
})

t.test('given anything that the platform does not show in full, then nothing is proved', async (t) => {
  for (const routing of [
    undefined,
    null,
    'text',
    {},
    { ...nothing, priority: undefined },
    { ...nothing, priority: '0' },
    { ...nothing, skills: undefined },
    { ...nothing, skills: [{}] },
    { ...nothing, queue: undefined },
    { ...nothing, skillExpression: 'a and b' },
    { ...nothing, skillExpressionId: { id: 'x' } },
  ])
    t.notOk(isProved(routing), JSON.stringify(routing))
  t.notOk(isProved(nothing, {}, { ...wanted, languageId: 'es' }), 'no language')
  t.notOk(isProved(nothing, { queueId: 'q2' }), 'another queue')
  t.notOk(isProved({ ...nothing, queue: { id: 'q2' } }), 'routing of another queue')
  t.notOk(isProved(nothing, { id: 'old acd' }), 'a leg of before the transfer')
})

t.test(
  'given a queue of before the transfer that shows other skills or another priority, then nothing is proved: they may be carried over',
  async (t) => {
    t.notOk(isProved(nothing, { earlier: withSkills('a') }))
    t.notOk(isProved(nothing, { earlier: { ...nothing, priority: 7 } }))
    t.notOk(isProved(nothing, { earlier: { skills: 'unreadable' } }))
    t.ok(isProved(nothing, { earlier: { ...nothing, queue: { id: 'q0' } } }))
  },
)

t.test('given any skills and priority, then it is proved exactly if every queue shows the same ones', async (t) => {
  const routing = fc.record({ skillIds: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')), priority: fc.integer({ min: -1, max: 1 }) })
  type Routing = { skillIds: string[]; priority: number }
  const show = ({ skillIds, priority }: Routing) => ({ ...withSkills(...skillIds), priority })
  const isSame = (a: Routing, b: Routing) => a.priority === b.priority && a.skillIds.toSorted().join() === b.skillIds.toSorted().join()
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(routing, fc.option(routing), routing, (now, earlier, want) => {
        const expected = isSame(now, want) && (earlier === null || isSame(earlier, want))
        return isProved(show(now), earlier ? { earlier: show(earlier) } : {}, { ...wanted, ...want }) === expected
      }),
    ),
  )
})
