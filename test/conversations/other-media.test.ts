/** For a conversation in another medium, the refusal names the medium, and waiting does not help (docs/genesys-cloud.md rule 23). */
import t from 'tap'
import { mediumByField } from '../../src/conversations/conversation.ts'
import { checkTransferable } from '../../src/conversations/transferable.ts'
import { agent, conversationOf, customer, participant, type Json } from './fixtures.ts'

const connectedAgent = () => agent('ann', 'user-ann', 'billing', { answeredAt: 5 })

for (const [list, medium] of Object.entries(mediumByField)) {
  const name = `${/^[ei]/.test(medium) ? 'an' : 'a'} ${medium}`
  const connected = { [list]: [{ state: 'connected' }] }
  const caller: Json = { id: 'customer', purpose: 'customer', calls: [], ...connected }
  const cases: Array<[situation: string, participants: Json[]]> = [
    [name, [caller, { id: 'ann', purpose: 'agent', calls: [], ...connected }]],
    [`${name} whose participants have no list of calls`, [{ id: 'customer', purpose: 'customer', ...connected }]],
    [`${name} that waits for an agent`, [caller, { id: 'acd', purpose: 'acd', calls: [] }]],
    [`${name} whose agent is on the phone`, [caller, connectedAgent()]],
    [`${name} whose agent was on the phone`, [caller, agent('ann', 'user-ann', 'billing', { answeredAt: 5, endedAt: 9 })]],
    [`${name} with an outside party`, [{ ...caller, purpose: 'external' }, connectedAgent()]],
    [`${name} of a customer who was never called`, [{ ...caller, calls: [{ id: 'l', state: 'none' }] }, connectedAgent()]],
  ]
  for (const [situation, participants] of cases)
    t.test(`given ${situation}, when it is checked, then it cannot be transferred, and waiting does not help`, async (t) => {
      const refused = { isTransferable: false, hasEnded: false, canRetry: false, reason: `it is ${name}, not a call` }
      t.same(checkTransferable(conversationOf(participants)), refused)
      t.same(checkTransferable(conversationOf(participants.toReversed())), refused, 'in reversed order')
    })

  t.test(`given a call beside ${name}, when it is checked, then it can be transferred`, async (t) => {
    const participants = [
      { ...customer(), ...connected },
      { ...connectedAgent(), ...connected },
    ]
    t.match(checkTransferable(conversationOf(participants)), { isTransferable: true, holder: { id: 'ann' } })
  })

  t.test(`given ${name} whose customer is being called, when it is checked, then waiting may help`, async (t) => {
    const participants = [{ ...customer({ state: 'dialing' }), ...connected }, connectedAgent()]
    t.match(checkTransferable(conversationOf(participants)), {
      isTransferable: false,
      canRetry: true,
      reason: "the caller's leg is dialing",
    })
  })
}

t.test(
  "given a supervisor who watches an agent's screen, when the call is checked, then that does not count as another medium",
  async (t) => {
    const supervisor = { id: 'eve', purpose: 'user', calls: [], screenMonitorings: [{ state: 'connected' }] }
    t.match(checkTransferable(conversationOf([customer(), connectedAgent(), supervisor])), { isTransferable: true, holder: { id: 'ann' } })
    const colleagues = [connectedAgent(), participant('bob', 'user', { answeredAt: 5 }), supervisor]
    t.match(checkTransferable(conversationOf(colleagues)), { canRetry: true, reason: 'there is no caller in this conversation' })
  },
)
