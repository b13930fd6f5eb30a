/** Which conversations can be transferred, and which refusals are retryable. */
import t from 'tap'
import { parseConversation } from '../../../src/conversations/conversation.ts'
import { requireTransferable } from '../../../src/transfers/stages/validation.ts'

interface Party {
  purpose: string
  state?: string
}

/** A conversation between parties who have one leg each; without a state a party has no call, as in a chat. */
const createConversation = (...parties: Party[]) =>
  parseConversation({
    id: 'c',
    participants: parties.map(({ purpose, state }, index) => ({
      id: `p${index}`,
      purpose,
      calls: state === undefined ? [] : [{ id: `l${index}`, state, connectedTime: '2026-11-20T09:00:00Z' }],
    })),
  })

const caller: Party = { purpose: 'customer', state: 'connected' }
const agent: Party = { purpose: 'agent', state: 'connected' }

t.test('given a connected caller and one participant that holds the call, then the call can be transferred', async (t) => {
  const { holder, customer } = requireTransferable(createConversation(caller, agent), 'validation')
  t.match([holder.id, customer.id], ['p1', 'p0'])
})

t.test('given a call that may become transferable, then the refusal is retryable after a second', async (t) => {
  for (const [situation, parties] of [
    ['a ringing agent', [caller, { purpose: 'ivr', state: 'connected' }, { purpose: 'agent', state: 'alerting' }]],
    ['a caller who is being connected', [{ purpose: 'customer', state: 'dialing' }, agent]],
    ['two agents', [caller, agent, agent]],
  ] as Array<[string, Party[]]>)
    t.throws(
      () => requireTransferable(createConversation(...parties), 'validation'),
      { code: 'CONVERSATION_NOT_TRANSFERABLE', retryable: true, retryAfterSeconds: 1, stage: 'validation' },
      situation,
    )
})

t.test('given a conversation that never becomes transferable, then the refusal is not retryable', async (t) => {
  for (const [situation, parties] of [
    ['a chat', [{ purpose: 'customer' }, { purpose: 'agent' }]],
    ['a call that is connected to an outside party', [caller, agent, { purpose: 'external', state: 'connected' }]],
  ] as Array<[string, Party[]]>)
    t.throws(
      () => requireTransferable(createConversation(...parties), 'validation'),
      { code: 'CONVERSATION_NOT_TRANSFERABLE', retryable: false, retryAfterSeconds: undefined },
      situation,
    )
  // The code belongs to the validation stage, whichever stage has read the conversation.
  t.throws(() => requireTransferable(createConversation(caller, agent, { purpose: 'external', state: 'connected' }), 'execution'), {
    message: /SIP REFER/,
    stage: 'validation',
  })
})

t.test('given a caller who has hung up, then the conversation has ended', async (t) => {
  t.throws(() => requireTransferable(createConversation({ purpose: 'customer', state: 'terminated' }, agent), 'validation'), {
    code: 'CONVERSATION_ENDED',
    retryable: false,
  })
})
