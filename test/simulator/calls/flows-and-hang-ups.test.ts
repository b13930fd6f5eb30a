import t from 'tap'
import { SceneError } from '../../../src/simulator/control/scene-shapes.ts'
import { callWithAgent, stage } from '../stage.ts'

t.test(
  'given a waiting call, when the in-queue flow moves it on, then the acd leg is over and voicemail or an IVR has the caller',
  async (t) => {
    const at = await stage(t, { clock: 'manual' })
    at.scene.addQueue({ id: 'support' })
    for (const to of ['voicemail', 'ivr'] as const) {
      const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
      at.scene.flowOut(conversationId, to)
      t.match(await at.legs(conversationId, 'acd'), [{ calls: [{ state: 'terminated', disconnectType: 'transfer' }] }])
      const { participants } = await at.conversation(conversationId)
      t.match(participants.at(-1), { purpose: to, calls: [{ state: 'connected' }] })
      t.equal(participants[0].calls[0].state, 'connected')
    }
  },
)

t.test('given a call in the IVR, when the flow transfers it to ACD, then the ivr leg ends at once and the acd leg follows', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addSkill({ id: 'billing' })
  at.scene.addQueue({ id: 'support', queueDelayMs: 88 })
  const { conversationId } = at.scene.addConversation({ in: 'ivr' })
  at.scene.transferByFlow(conversationId, { queueId: 'support', skillIds: ['billing'], priority: 7 })
  t.match(await at.legs(conversationId, 'ivr'), [{ calls: [{ state: 'terminated', disconnectType: 'transfer' }] }])
  at.scene.advance(87)
  t.strictSame(await at.legs(conversationId, 'acd'), [], 'for a moment nobody has the caller')
  at.scene.advance(1)
  t.match(await at.legs(conversationId, 'acd'), [{ conversationRoutingData: { priority: 7, skills: [{ id: 'billing' }] } }])
  t.strictSame(at.scene.transfers(), [], 'the flow’s own transfer is no command')
})

t.test('given a call with an agent, when the agent hangs up, then client on their leg and peer on the caller’s', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { conversationId } = await callWithAgent(at)
  at.scene.endByAgent(conversationId)
  const { participants, endTime } = await at.conversation(conversationId)
  t.type(endTime, 'string')
  t.strictSame(
    [participants[0], participants.at(-1)].map((leg) => leg.calls[0].disconnectType),
    ['peer', 'client'],
  )
})

t.test('given a live call, when it is disconnected over the API, then 202 and every leg is over by the system', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { conversationId } = at.scene.addConversation({ in: 'ivr' })
  t.equal((await at.ask('POST', `/conversations/${conversationId}/disconnect`)).status, 202)
  const { participants, endTime } = await at.conversation(conversationId)
  t.type(endTime, 'string')
  t.strictSame(
    participants.map((leg: any) => leg.calls[0].disconnectType),
    ['system', 'system'],
  )
  t.match(await at.ask('POST', `/conversations/${conversationId}/disconnect`), {
    status: 404,
    body: { code: 'conversation.error.conversation.not.found' },
  })
})

t.test('given something that cannot be done to a call, then the scene says why and changes nothing', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const { conversationId } = at.scene.addConversation({ in: 'ivr', id: 'one' })
  const before = await at.conversation(conversationId)
  const refused: [() => unknown, RegExp][] = [
    [() => at.scene.hangUp('nobody'), /no conversation nobody/],
    [() => at.scene.endByAgent(conversationId), /No agent is connected/],
    [() => at.scene.flowOut(conversationId), /does not wait in a queue/],
    [() => at.scene.transferByFlow(conversationId, { queueId: 'nowhere' }), /no queue nowhere/],
    [() => at.scene.transferByFlow(conversationId, { queueId: 'support', skillIds: ['none'] }), /no skill none/],
    [() => at.scene.addConversation({ in: 'ivr', id: 'one' }), /conversation one already/],
    [() => at.scene.addConversation({ in: { userId: 'nobody' } }), /no agent nobody/],
    [() => at.scene.addAgent({ queueIds: ['nowhere'] }), /no queue nowhere/],
    [() => at.scene.addConversations(2, { in: 'ivr', id: 'x' } as never), /cannot be given/],
  ]
  for (const [act, says] of refused) {
    t.throws(act, SceneError)
    t.throws(act, { message: says })
  }
  t.strictSame(await at.conversation(conversationId), before)
  at.scene.hangUp(conversationId)
  t.throws(() => at.scene.hangUp(conversationId), { message: /has ended/ })
})
