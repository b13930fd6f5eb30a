/** Which transfer commands are refused, and with which code. */
import t from 'tap'
import { startCallWithAgent, startPlatform, type TestPlatform } from '../test-platform.ts'

type TestCall = Awaited<ReturnType<typeof startCallWithAgent>>
interface Refusal {
  given: string
  /** The last part of the path; `replace/queue` by default. */
  kind?: 'replace/queue' | 'replace/agent' | 'transfer'
  /** Returns the conversation ID of the path; that of the call by default. */
  chooseConversation?: (call: TestCall, platform: TestPlatform) => string | Promise<string>
  /** Returns the participant ID of the path; that of the agent by default. */
  chooseParticipant?: (call: TestCall, platform: TestPlatform) => string | Promise<string>
  body: (call: TestCall) => unknown
  expected: [status: number, code: string]
}

const chooseByPurpose =
  (purpose: string) =>
  async ({ conversationId }: TestCall, platform: TestPlatform) =>
    (await platform.getParticipants(conversationId, purpose))[0].id
const toQueue = () => ({ queueId: 'target' })
const refusals: Refusal[] = [
  {
    given: 'an unknown conversation',
    chooseConversation: () => 'nobody',
    body: toQueue,
    expected: [404, 'conversation.error.conversation.not.found'],
  },
  {
    given: 'a conversation that has ended',
    chooseConversation: ({ conversationId }, platform) => (platform.control.hangUp(conversationId), conversationId),
    body: toQueue,
    expected: [404, 'conversation.error.conversation.not.found'],
  },
  { given: 'an unknown participant', chooseParticipant: () => 'nobody', body: toQueue, expected: [404, 'not.found'] },
  {
    given: 'a participant whose leg has ended',
    chooseParticipant: chooseByPurpose('ivr'),
    body: toQueue,
    expected: [400, 'conversations.error.transfer.not.connected'],
  },
  {
    given: 'the participant of the caller',
    chooseParticipant: chooseByPurpose('customer'),
    body: toQueue,
    expected: [400, 'bad.request'],
  },
  { given: 'no destination', body: () => ({}), expected: [400, 'conversations.error.transfer.destination.required'] },
  { given: 'a body that is not an object', body: () => ['target'], expected: [400, 'bad.request'] },
  { given: 'a queue id that is not a string', body: () => ({ queueId: 7 }), expected: [400, 'bad.request'] },
  { given: 'an unknown queue', body: () => ({ queueId: 'nowhere' }), expected: [400, 'conversations.error.queue.not.found'] },
  { given: 'a misspelled transferType', body: () => ({ queueId: 'target', transferType: 'unattended' }), expected: [400, 'invalid.value'] },
  { given: 'an unknown agent', kind: 'replace/agent', body: () => ({ userId: 'nobody' }), expected: [404, 'not.found'] },
  {
    given: 'the agent who has the call',
    kind: 'replace/agent',
    body: ({ userId }) => ({ userId }),
    expected: [400, 'conversations.error.transfer.same.party'],
  },
  {
    given: 'an address that is not a phone number',
    kind: 'transfer',
    body: () => ({ address: 'the office' }),
    expected: [400, 'bad.request'],
  },
  {
    given: 'the caller’s own number',
    kind: 'transfer',
    body: () => ({ address: '+13175550100' }),
    expected: [400, 'conversations.error.transfer.same.party'],
  },
]

for (const { given, kind = 'replace/queue', chooseConversation, chooseParticipant, body, expected } of refusals) {
  t.test(
    `given ${given}, when a transfer is requested, then it is refused with ${expected.join(' ')} and the call does not move`,
    async (t) => {
      const platform = await startPlatform(t, { clock: 'manual' })
      const call = await startCallWithAgent(platform)
      platform.control.addQueue({ id: 'target' })
      const participantId = (await chooseParticipant?.(call, platform)) ?? call.participantId
      const conversationId = (await chooseConversation?.(call, platform)) ?? call.conversationId
      const before = await platform.getConversation(call.conversationId)
      const response = await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/${kind}`, body(call))
      t.strictSame([response.status, response.body.code], expected)
      t.match(response.body, {
        status: expected[0],
        message: /./,
        contextId: response.headers.get('inin-correlation-id'),
        details: [],
        errors: [],
      })
      platform.control.advance(1_000)
      t.strictSame((await platform.getConversation(call.conversationId)).participants.length, before.participants.length)
      t.strictSame(platform.control.transfers(), [])
    },
  )
}

t.test(
  'given the participant of an agent whose phone rings, when a command asks to replace it, then the transfer is refused as not connected',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addQueue({ id: 'first' })
    platform.control.addQueue({ id: 'target' })
    platform.control.addAgent({ queueIds: ['first'], answers: ['never'] })
    const { conversationId } = platform.control.addConversation({ in: { queueId: 'first' } })
    platform.control.advance(100)
    const [ringing] = await platform.getParticipants(conversationId, 'agent')
    const response = await platform.request('POST', `/conversations/${conversationId}/participants/${ringing.id}/replace/queue`, toQueue())
    t.equal(response.body.code, 'conversations.error.transfer.not.connected')
  },
)

t.test(
  'given a waiting call, when it is transferred to the queue in which it waits, then the transfer is refused as same party',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addQueue({ id: 'target' })
    const { conversationId } = platform.control.addConversation({ in: { queueId: 'target' } })
    const [acd] = await platform.getParticipants(conversationId, 'acd')
    const response = await platform.request('POST', `/conversations/${conversationId}/participants/${acd.id}/replace/queue`, toQueue())
    t.equal(response.body.code, 'conversations.error.transfer.same.party')
  },
)
