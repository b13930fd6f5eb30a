/** In which order the targets of a request are tried, and when the configured fallback queue is the last of them. */
import t from 'tap'
import type { NormalizedTarget } from '../../../src/model/target.ts'
import { listCandidates } from '../../../src/transfers/request/candidates.ts'

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
