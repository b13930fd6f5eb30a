import t from 'tap'
import { callWithAgent, stage, type Stage } from '../stage.ts'

type Call = Awaited<ReturnType<typeof callWithAgent>>
interface Refusal {
  given: string
  kind?: 'replace/queue' | 'replace/agent' | 'transfer'
  conversation?: (call: Call, at: Stage) => string | Promise<string>
  participant?: (call: Call, at: Stage) => string | Promise<string>
  body: (call: Call) => unknown
  expect: [status: number, code: string]
}

const purpose =
  (name: string) =>
  async ({ conversationId }: Call, at: Stage) =>
    (await at.legs(conversationId, name))[0].id
const toQueue = () => ({ queueId: 'target' })
const REFUSALS: Refusal[] = [
  {
    given: 'an unknown conversation',
    conversation: () => 'nobody',
    body: toQueue,
    expect: [404, 'conversation.error.conversation.not.found'],
  },
  {
    given: 'a conversation that has ended',
    conversation: ({ conversationId }, at) => (at.scene.hangUp(conversationId), conversationId),
    body: toQueue,
    expect: [404, 'conversation.error.conversation.not.found'],
  },
  { given: 'an unknown participant', participant: () => 'nobody', body: toQueue, expect: [404, 'not.found'] },
  { given: 'a leg that is over', participant: purpose('ivr'), body: toQueue, expect: [400, 'conversations.error.transfer.not.connected'] },
  { given: 'the caller', participant: purpose('customer'), body: toQueue, expect: [400, 'bad.request'] },
  { given: 'no destination', body: () => ({}), expect: [400, 'conversations.error.transfer.destination.required'] },
  { given: 'a body that is no object', body: () => ['target'], expect: [400, 'bad.request'] },
  { given: 'a queue id that is no string', body: () => ({ queueId: 7 }), expect: [400, 'bad.request'] },
  { given: 'an unknown queue', body: () => ({ queueId: 'nowhere' }), expect: [400, 'conversations.error.queue.not.found'] },
  { given: 'a misspelt transferType', body: () => ({ queueId: 'target', transferType: 'unattended' }), expect: [400, 'invalid.value'] },
  { given: 'an unknown agent', kind: 'replace/agent', body: () => ({ userId: 'nobody' }), expect: [404, 'not.found'] },
  {
    given: 'the agent who has the call',
    kind: 'replace/agent',
    body: ({ userId }) => ({ userId }),
    expect: [400, 'conversations.error.transfer.same.party'],
  },
  { given: 'no number', kind: 'transfer', body: () => ({ address: 'the office' }), expect: [400, 'bad.request'] },
  {
    given: 'the caller’s own number',
    kind: 'transfer',
    body: () => ({ address: '+13175550100' }),
    expect: [400, 'conversations.error.transfer.same.party'],
  },
]

for (const { given, kind = 'replace/queue', conversation, participant, body, expect } of REFUSALS) {
  t.test(`given ${given}, when a transfer is asked for, then ${expect.join(' ')} and nothing moves`, async (t) => {
    const at = await stage(t, { clock: 'manual' })
    const call = await callWithAgent(at)
    at.scene.addQueue({ id: 'target' })
    const participantId = (await participant?.(call, at)) ?? call.participantId
    const conversationId = (await conversation?.(call, at)) ?? call.conversationId
    const before = await at.conversation(call.conversationId)
    const heard = await at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/${kind}`, body(call))
    t.strictSame([heard.status, heard.body.code], expect)
    t.match(heard.body, { status: expect[0], message: /./, contextId: heard.headers.get('inin-correlation-id'), details: [], errors: [] })
    at.scene.advance(1_000)
    t.strictSame((await at.conversation(call.conversationId)).participants.length, before.participants.length)
    t.strictSame(at.scene.transfers(), [])
  })
}

t.test('given a leg that rings, when it is replaced, then it is refused as not connected', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'first' })
  at.scene.addQueue({ id: 'target' })
  at.scene.addAgent({ queueIds: ['first'], answers: ['never'] })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'first' } })
  at.scene.advance(100)
  const [ringing] = await at.legs(conversationId, 'agent')
  const heard = await at.ask('POST', `/conversations/${conversationId}/participants/${ringing.id}/replace/queue`, toQueue())
  t.equal(heard.body.code, 'conversations.error.transfer.not.connected')
})

t.test('given a waiting call, when it is replaced to the queue it waits in, then it is the same party', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'target' })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'target' } })
  const [acd] = await at.legs(conversationId, 'acd')
  const heard = await at.ask('POST', `/conversations/${conversationId}/participants/${acd.id}/replace/queue`, toQueue())
  t.equal(heard.body.code, 'conversations.error.transfer.same.party')
})
