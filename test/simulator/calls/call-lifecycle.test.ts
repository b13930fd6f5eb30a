import t from 'tap'
import { stage } from '../stage.ts'

t.test('given a call that waits in a queue, when two offers are declined, the third picked up and the caller hangs up', async (t) => {
  const { scene, conversation, legs } = await stage(t, { clock: 'manual' })
  const queueId = scene.addQueue({ id: 'support', name: 'Support' }).id
  const decline = { after: 2_000, with: 'decline' } as const
  scene.addAgent({ id: 'alex', queueIds: [queueId], answers: [decline, decline, { after: 2_100, with: 'pickup' }] })
  const { conversationId } = scene.addConversation({ in: { queueId } })

  const state = async (purpose: string) => (await legs(conversationId, purpose)).map((leg) => leg.calls[0].state)
  const acdIsConnected = async () => t.strictSame(await state('acd'), ['connected'])

  await t.test('at first it waits: caller and acd leg connected, the ivr leg over by transfer, no agent', async (t) => {
    const { participants, endTime, state: conversationState } = await conversation(conversationId)
    t.strictSame(
      participants.map((leg: any) => [leg.purpose, leg.calls[0].state]),
      [
        ['customer', 'connected'],
        ['ivr', 'terminated'],
        ['acd', 'connected'],
      ],
    )
    t.equal(participants[1].calls[0].disconnectType, 'transfer')
    t.match(participants[2], {
      queueId: 'support',
      queueName: 'Support',
      conversationRoutingData: { queue: { id: 'support' }, priority: 0, skills: [] },
    })
    t.equal(conversationState, undefined, 'a conversation never shows a state')
    t.equal(endTime, undefined)
  })

  await t.test('every internal leg names the caller as its peer, and the caller names nobody', async (t) => {
    const { participants } = await conversation(conversationId)
    const [customer, ...internal] = participants.map((leg: any) => leg.calls[0])
    t.equal(customer.peerId, undefined)
    t.strictSame(
      internal.map((call: any) => call.peerId),
      [customer.id, customer.id],
    )
  })

  await t.test('after the offer delay an agent rings', async (t) => {
    scene.advance(99)
    t.strictSame(await state('agent'), [])
    scene.advance(1)
    const [agent] = await legs(conversationId, 'agent')
    t.match(agent, { userId: 'alex', queueId: 'support', alertingTimeoutMs: 8_000, calls: [{ state: 'alerting' }] })
    t.equal(agent.connectedTime, undefined)
  })

  await t.test('declined: that leg is over without ever having connected, and the call still waits', async (t) => {
    scene.advance(2_000)
    const [agent] = await legs(conversationId, 'agent')
    t.match(agent.calls[0], { state: 'terminated', disconnectType: 'client' })
    t.equal(agent.connectedTime, undefined)
    t.equal(agent.calls[0].connectedTime, undefined)
    await acdIsConnected()
  })

  await t.test('the second offer is a new participant of the same user', async (t) => {
    scene.advance(100)
    const [first, second] = await legs(conversationId, 'agent')
    t.equal(second.userId, first.userId)
    t.not(second.id, first.id)
    t.strictSame(await state('agent'), ['terminated', 'alerting'])
    scene.advance(2_000)
    t.strictSame(await state('agent'), ['terminated', 'terminated'])
    await acdIsConnected()
  })

  await t.test('picked up: the agent is connected while the acd leg still is, for 50 ms', async (t) => {
    scene.advance(100 + 2_100)
    t.strictSame(await state('agent'), ['terminated', 'terminated', 'connected'])
    await acdIsConnected()
    const agent = (await legs(conversationId, 'agent'))[2]
    t.equal(agent.connectedTime, new Date(scene.now()).toISOString())
    scene.advance(50)
    const [acd] = await legs(conversationId, 'acd')
    t.match(acd.calls[0], { state: 'terminated', disconnectType: 'transfer' })
    t.equal(Date.parse(acd.endTime) - Date.parse(agent.connectedTime), 50)
  })

  await t.test('the caller hangs up: endpoint on their leg, peer on the agent’s, and the conversation has ended', async (t) => {
    scene.advance(60_000)
    scene.hangUp(conversationId)
    const { participants, endTime } = await conversation(conversationId)
    t.equal(endTime, new Date(scene.now()).toISOString())
    t.match(participants[0].calls[0], { state: 'terminated', disconnectType: 'endpoint' })
    t.match(participants.at(-1), { wrapupRequired: true, calls: [{ disconnectType: 'peer' }] })
    t.equal(participants.at(-1).wrapup, undefined, 'after-call work has only begun')
    t.equal(participants.length, 6, 'finished legs stay in the list')
  })

  await t.test('after-call work over: the wrap-up is there', async (t) => {
    scene.advance(100)
    const agent = (await legs(conversationId, 'agent'))[2]
    t.match(agent, { wrapup: { code: String, name: String, durationSeconds: 0 }, startAcwTime: String, endAcwTime: String })
  })
})

t.test('given a caller with little patience, when nobody answers in time, then they hang up and the acd leg ends with peer', async (t) => {
  const { scene, conversation } = await stage(t, { clock: 'manual' })
  const queueId = scene.addQueue().id
  scene.addAgent({ id: 'alex', queueIds: [queueId], answers: ['never'] })
  const { conversationId } = scene.addConversation({ in: { queueId }, callerHangsUpAfter: 3_000 })
  scene.advance(2_999)
  t.equal((await conversation(conversationId)).endTime, undefined)
  scene.advance(1)
  const { participants } = await conversation(conversationId)
  t.strictSame(
    participants.map((leg: any) => leg.calls[0].disconnectType),
    ['endpoint', 'transfer', 'peer', 'peer'],
  )
  t.equal(participants[3].connectedTime, undefined)
})

t.test('given the flattened model, then state, peer and references stand on the participant', async (t) => {
  const { scene, ask } = await stage(t, { clock: 'manual' })
  const queueId = scene.addQueue({ id: 'support' }).id
  const { conversationId } = scene.addConversation({ in: { queueId } })
  const { status, body } = await ask('GET', `/conversations/calls/${conversationId}`)
  t.equal(status, 200)
  t.match(body.participants, [
    { purpose: 'customer', state: 'connected' },
    { purpose: 'ivr', state: 'terminated' },
    { purpose: 'acd', state: 'connected', queue: { id: 'support' } },
  ])
  t.type(body.participants[2].peer, 'string')
  t.notOk('calls' in body.participants[2] || 'state' in body)
})

t.test('given a call whose caller is already gone, then the caller’s leg says so', async (t) => {
  const { scene, legs } = await stage(t, { clock: 'manual' })
  const { conversationId } = scene.addConversation({ in: 'ivr', callerState: 'terminated', ani: '+4930123456' })
  t.match(await legs(conversationId, 'customer'), [
    { ani: 'tel:+4930123456', endTime: String, calls: [{ state: 'terminated', disconnectType: 'endpoint' }] },
  ])
})
