/** In which order the targets of a request are tried, and when the configured fallback queue is the last of them. */
import t from 'tap'
import type { NormalizedTarget } from '../../../src/model/target.ts'
import { listCandidates, listOverflowWarnings, overflowDelayMs } from '../../../src/transfers/request/candidates.ts'

const agent: NormalizedTarget = { type: 'agent', userId: 'u' }
const number: NormalizedTarget = { type: 'number', address: '+49301234567' }
const rules = { fallbackQueueId: 'Q-LAST', loopSecret: 'a secret for the loop token' }
const lastQueue = { target: { type: 'queue', queueId: 'q-last', skillIds: [], languageId: null }, place: 'queue:q-last' }

t.test('given a target and fallbacks, then they come in order, and the configured queue is the last', async (t) => {
  const [first, second, third] = listCandidates([agent, number], null, rules)
  t.strictSame([first, third], [{ target: agent, place: 'agent:u' }, lastQueue])
  t.match(second, { target: number, place: /^number:[0-9a-f]{16}$/ }, 'a number is a hash on the path')
})

t.test(
  'given a key that may use the configured queue, then it is the last candidate; otherwise, or without one, there is none',
  async (t) => {
    t.strictSame(listCandidates([agent], ['q-last'], rules).length, 2)
    t.strictSame(listCandidates([agent], ['another'], rules), [{ target: agent, place: 'agent:u' }])
    t.strictSame(listCandidates([agent], null, { ...rules, fallbackQueueId: undefined }).length, 1)
  },
)

t.test('given a target that asks for overflow, then it has a time to move on, or a warning that says why it stays', async (t) => {
  const queue: NormalizedTarget = { type: 'queue', queueId: 'q', skillIds: [], languageId: null }
  const skilled: NormalizedTarget = { ...queue, skillIds: ['s'] }
  const asSkill: NormalizedTarget = { type: 'skill', queueId: 'q', skillIds: ['s'] }
  const callback: NormalizedTarget = { type: 'callback', queueId: 'q', skillIds: [] }
  const sameQueue = 'each later place is the same queue with the same skills'
  const cases: ReadonlyArray<[description: string, target: NormalizedTarget, later: NormalizedTarget[], reason: string | undefined]> = [
    ['another queue', queue, [{ ...queue, queueId: 'r' }], undefined],
    ['a number', queue, [number], undefined],
    ['the same queue without the skill', skilled, [queue], undefined],
    ['the same queue without the skill of a skill target', asSkill, [queue], undefined],
    ['the same queue with another language', queue, [{ ...queue, languageId: 'l' }], undefined],
    ['the same queue with preferred agents', queue, [{ ...queue, preferredUserIds: ['u'] }], undefined],
    ['the same queue, then another one', queue, [queue, { ...queue, queueId: 'r' }], undefined],
    ['the same queue', queue, [queue], sameQueue],
    ['the same queue and skill in other words', asSkill, [skilled], sameQueue],
    ['the same queue without preferred agents', { ...queue, preferredUserIds: ['u'] }, [queue], sameQueue],
    ['a callback', queue, [callback], 'there is no later place to which the call can move'],
    ['a queue, after an agent', agent, [queue], 'a call that rings at an agent stays there'],
    ['a queue, after a number', number, [queue], 'a call that rings at a number stays there'],
  ]
  for (const [description, target, later, reason] of cases) {
    const candidates = listCandidates([{ ...target, overflowAfterSeconds: 30 }, ...later], null, { ...rules, fallbackQueueId: undefined })
    t.equal(overflowDelayMs(candidates, 0), reason === undefined ? 30_000 : null, description)
    t.strictSame(
      listOverflowWarnings(candidates, 0),
      reason === undefined ? [] : [`overflowAfterSeconds has no effect: ${reason}`],
      description,
    )
  }
  const unasked = listCandidates([queue, number], null, rules)
  t.strictSame([overflowDelayMs(unasked, 0), listOverflowWarnings(unasked, 0)], [null, []])
})
