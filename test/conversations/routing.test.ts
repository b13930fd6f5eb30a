/** When a conversation proves that a call already has the wanted skills and priority. A false positive would leave a call with the wrong routing. */
import fc from 'fast-check'
import t from 'tap'
import { parseConversation } from '../../src/conversations/conversation.ts'
import { hasRouting, type WantedRouting } from '../../src/conversations/routing.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'

const snapshot: Snapshot = { participantIds: ['customer', 'ivr', 'old acd'], holderId: 'ivr', takenAt: 0 }
const wanted: WantedRouting = { queueId: 'q1', skillIds: [], priority: 0, languageId: null }

interface RoutingData {
  queue?: unknown
  priority?: unknown
  skills?: unknown
  language?: unknown
  skillExpression?: unknown
  skillExpressionId?: unknown
}
const noSkills: RoutingData = { queue: { id: 'q1' }, priority: 0, skills: [] }
const withSkills = (...ids: string[]): RoutingData => ({ ...noSkills, skills: ids.map((id) => ({ id })) })

/** A call in queue q1, in the flattened model of events. `earlier` is the routing data of the queue in which the call was before the transfer. */
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
const isRoutingProved = (routing: unknown, options: Parameters<typeof eventWith>[1] = {}, want = wanted) =>
  hasRouting(eventWith(routing, options), snapshot, want)

t.test(
  'given a call in the wanted queue with the wanted skills and priority, when an event or a read shows them, then they are proved',
  async (t) => {
    t.ok(isRoutingProved(noSkills))
    t.ok(isRoutingProved(withSkills('a', 'b'), {}, { ...wanted, skillIds: ['b', 'a'] }))
    t.ok(isRoutingProved({ ...noSkills, language: { id: 'es' } }), 'any language will do')
    t.ok(isRoutingProved({ ...noSkills, language: { id: 'es' } }, {}, { ...wanted, languageId: 'es' }))
    const read = parseConversation({
      id: 'c1',
      participants: [{ id: 'new acd', purpose: 'acd', queueId: 'q1', calls: [{ state: 'connected' }], conversationRoutingData: noSkills }],
    })
    t.ok(hasRouting(read, snapshot, wanted))
  },
)

t.test('given routing that the platform does not show in full, when it is compared, then nothing is proved', async (t) => {
  for (const routing of [
    undefined,
    null,
    'text',
    {},
    { ...noSkills, priority: undefined },
    { ...noSkills, priority: '0' },
    { ...noSkills, skills: undefined },
    { ...noSkills, skills: [{}] },
    { ...noSkills, queue: undefined },
    { ...noSkills, skillExpression: 'a and b' },
    { ...noSkills, skillExpressionId: { id: 'x' } },
  ])
    t.notOk(isRoutingProved(routing), JSON.stringify(routing))
  t.notOk(isRoutingProved(noSkills, {}, { ...wanted, languageId: 'es' }), 'no language')
  t.notOk(isRoutingProved(noSkills, { queueId: 'q2' }), 'another queue')
  t.notOk(isRoutingProved({ ...noSkills, queue: { id: 'q2' } }), 'routing of another queue')
  t.notOk(isRoutingProved(noSkills, { id: 'old acd' }), 'a participant from before the transfer')
})

t.test(
  'given an earlier queue with other skills or another priority, when routing is compared, then nothing is proved: they may be carried over',
  async (t) => {
    t.notOk(isRoutingProved(noSkills, { earlier: withSkills('a') }))
    t.notOk(isRoutingProved(noSkills, { earlier: { ...noSkills, priority: 7 } }))
    t.notOk(isRoutingProved(noSkills, { earlier: { skills: 'unreadable' } }))
    t.ok(isRoutingProved(noSkills, { earlier: { ...noSkills, queue: { id: 'q0' } } }))
  },
)

t.test(
  'given any skills and priority, when they are compared, then they are proved exactly if every queue shows the same ones',
  async (t) => {
    const routing = fc.record({ skillIds: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')), priority: fc.integer({ min: -1, max: 1 }) })
    type Routing = { skillIds: string[]; priority: number }
    const show = ({ skillIds, priority }: Routing) => ({ ...withSkills(...skillIds), priority })
    const isSame = (a: Routing, b: Routing) => a.priority === b.priority && a.skillIds.toSorted().join() === b.skillIds.toSorted().join()
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(routing, fc.option(routing), routing, (now, earlier, want) => {
          const expected = isSame(now, want) && (earlier === null || isSame(earlier, want))
          return isRoutingProved(show(now), earlier ? { earlier: show(earlier) } : {}, { ...wanted, ...want }) === expected
        }),
      ),
    )
  },
)
