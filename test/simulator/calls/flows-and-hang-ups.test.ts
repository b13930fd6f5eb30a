/** How Architect flows move a call, how a call ends, and which instructions about that the control API refuses. */
import t from 'tap'
import { ControlError } from '../../../src/simulator/specs/control-error.ts'
import { startCallWithAgent, startPlatform } from '../test-platform.ts'

t.test(
  'given a waiting call, when the in-queue flow moves it, then the acd leg has ended and the caller is connected to a voicemail or an IVR',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addQueue({ id: 'support' })
    for (const to of ['voicemail', 'ivr'] as const) {
      const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
      platform.control.flowOut(conversationId, to)
      t.match(await platform.getParticipants(conversationId, 'acd'), [{ calls: [{ state: 'terminated', disconnectType: 'transfer' }] }])
      const { participants } = await platform.getConversation(conversationId)
      t.match(participants.at(-1), { purpose: to, calls: [{ state: 'connected' }] })
      t.equal(participants[0].calls[0].state, 'connected')
    }
  },
)

t.test(
  'given a call in the IVR, when the flow transfers it to ACD, then the ivr leg ends at once and the acd leg begins after the delay',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addSkill({ id: 'billing' })
    platform.control.addQueue({ id: 'support', queueDelayMs: 88 })
    const { conversationId } = platform.control.addConversation({ in: 'ivr' })
    platform.control.transferByFlow(conversationId, { queueId: 'support', skillIds: ['billing'], priority: 7 })
    t.match(await platform.getParticipants(conversationId, 'ivr'), [{ calls: [{ state: 'terminated', disconnectType: 'transfer' }] }])
    platform.control.advance(87)
    t.strictSame(await platform.getParticipants(conversationId, 'acd'), [], 'for a moment no internal leg is connected')
    platform.control.advance(1)
    t.match(await platform.getParticipants(conversationId, 'acd'), [
      { conversationRoutingData: { priority: 7, skills: [{ id: 'billing' }] } },
    ])
    t.strictSame(platform.control.transfers(), [], 'a transfer by the flow is not a transfer command')
  },
)

t.test(
  'given a call with an agent, when the agent hangs up, then the agent’s leg ends with client and the caller’s with peer',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const { conversationId } = await startCallWithAgent(platform)
    platform.control.endByAgent(conversationId)
    const { participants, endTime } = await platform.getConversation(conversationId)
    t.type(endTime, 'string')
    t.strictSame(
      [participants[0], participants.at(-1)].map((participant) => participant.calls[0].disconnectType),
      ['peer', 'client'],
    )
  },
)

t.test('given an active call, when it is disconnected over the API, then the response is 202 and every leg ends with system', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { conversationId } = platform.control.addConversation({ in: 'ivr' })
  t.equal((await platform.request('POST', `/conversations/${conversationId}/disconnect`)).status, 202)
  const { participants, endTime } = await platform.getConversation(conversationId)
  t.type(endTime, 'string')
  t.strictSame(
    participants.map((participant: any) => participant.calls[0].disconnectType),
    ['system', 'system'],
  )
  t.match(await platform.request('POST', `/conversations/${conversationId}/disconnect`), {
    status: 404,
    body: { code: 'conversation.error.conversation.not.found' },
  })
})

t.test('given an instruction that is not possible, then the control API says why and changes nothing', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const { conversationId } = platform.control.addConversation({ in: 'ivr', id: 'one' })
  const before = await platform.getConversation(conversationId)
  const refused: [() => unknown, RegExp][] = [
    [() => platform.control.hangUp('nobody'), /no conversation nobody/],
    [() => platform.control.endByAgent(conversationId), /No agent is connected/],
    [() => platform.control.flowOut(conversationId), /does not wait in a queue/],
    [() => platform.control.transferByFlow(conversationId, { queueId: 'nowhere' }), /no queue nowhere/],
    [() => platform.control.transferByFlow(conversationId, { queueId: 'support', skillIds: ['none'] }), /no skill none/],
    [() => platform.control.addConversation({ in: 'ivr', id: 'one' }), /conversation one already/],
    [() => platform.control.addConversation({ in: { userId: 'nobody' } }), /no agent nobody/],
    [() => platform.control.addAgent({ queueIds: ['nowhere'] }), /no queue nowhere/],
    [() => platform.control.addConversations(2, { in: 'ivr', id: 'x' } as never), /cannot be given/],
  ]
  for (const [instruct, expectedMessage] of refused) {
    t.throws(instruct, ControlError)
    t.throws(instruct, { message: expectedMessage })
  }
  t.strictSame(await platform.getConversation(conversationId), before)
  platform.control.hangUp(conversationId)
  t.throws(() => platform.control.hangUp(conversationId), { message: /has ended/ })
})
