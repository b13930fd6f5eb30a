import t from 'tap'
import { channel, listen } from './socket-client.ts'
import { faultsOfShape, unavailable } from '../platform/documented-shapes.ts'
import { callWithAgent, stage } from '../stage.ts'

const conforming = unavailable === false ? {} : { skip: unavailable }
const detail = (id: string, moment: string) => `v2.detail.events.conversation.${id}.${moment}`
const details = (id: string) => ['acd.start', 'acd.end', 'user.start', 'user.end', 'customer.end'].map((moment) => detail(id, moment))
const ofQueue = (id: string) => `v2.routing.queues.${id}.conversations.calls`
const ofUser = (id: string) => `v2.users.${id}.conversations.calls`

/** `acd connected`, `agent terminated`…: what a body says of the newest participant of each purpose. */
const newest = (body: any) => Object.fromEntries(body.participants.map(({ purpose, state }: any) => [purpose, state]))

t.test('given a call that is declined, picked up and hung up, then the queue’s topic shows every step of it', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support', name: 'Support' })
  const answers = [
    { after: 100, with: 'decline' },
    { after: 100, with: 'pickup' },
  ] as const
  at.scene.addAgent({ id: 'alex', name: 'Alex', queueIds: ['support'], answers: [...answers] })
  const ear = await listen(t, (await channel(at, ofQueue('support'))).connectUri)
  const { conversationId } = at.scene.addConversation({ in: 'ivr' })
  at.scene.transferByFlow(conversationId, { queueId: 'support' })
  at.scene.advance(1_000)
  at.scene.hangUp(conversationId)
  at.scene.advance(1_000)
  await ear.caughtUp()
  const bodies = ear.bodies(ofQueue('support'))
  t.ok(bodies.every(({ id }) => id === conversationId))
  t.strictSame(bodies.map(newest), [
    { customer: 'connected', ivr: 'terminated', acd: 'connected' },
    { customer: 'connected', ivr: 'terminated', acd: 'connected', agent: 'alerting' },
    { customer: 'connected', ivr: 'terminated', acd: 'connected', agent: 'terminated' },
    { customer: 'connected', ivr: 'terminated', acd: 'connected', agent: 'alerting' },
    { customer: 'connected', ivr: 'terminated', acd: 'connected', agent: 'connected' },
    { customer: 'connected', ivr: 'terminated', acd: 'terminated', agent: 'connected' },
    { customer: 'connected', ivr: 'terminated', acd: 'terminated', agent: 'terminated' },
    { customer: 'connected', ivr: 'terminated', acd: 'terminated', agent: 'terminated' },
    { customer: 'terminated', ivr: 'terminated', acd: 'terminated', agent: 'terminated' },
    { customer: 'terminated', ivr: 'terminated', acd: 'terminated', agent: 'terminated' },
  ])
  t.match(bodies[4].participants.at(-1), {
    purpose: 'agent',
    user: { id: 'alex', name: 'Alex' },
    queue: { id: 'support', name: 'Support' },
    connectedTime: String,
    peer: String,
  })
  t.match(bodies[8].participants[0], { disconnectType: 'endpoint', endTime: String })
  t.match(bodies[9].participants.at(-1), { startAcwTime: String, endAcwTime: String, wrapup: { code: String } }, 'after-call work is over')
})

t.test('given any event, then it has the platform’s envelope', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const ear = await listen(t, (await channel(at, detail('c1', 'acd.start'))).connectUri)
  at.scene.addConversation({ id: 'c1', in: { queueId: 'support' } })
  await ear.caughtUp()
  const { eventBody, ...envelope } = ear.messages[0]
  t.match(envelope, { topicName: detail('c1', 'acd.start'), version: '2', metadata: { CorrelationId: /^[0-9a-f-]{36}$/ } })
  t.strictSame(Object.keys(envelope).toSorted(), ['metadata', 'topicName', 'version'])
  t.type(eventBody, 'object')
})

t.test('given a queue and a user, then their topics tell only of calls that touch them, also after those have moved on', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const { conversationId, participantId, queueId, userId } = await callWithAgent(at)
  at.scene.addQueue({ id: 'second' })
  const topics = [ofQueue(queueId), ofUser(userId), ofQueue('second'), ofUser('nobody')]
  const ear = await listen(t, (await channel(at, ...topics)).connectUri)
  at.scene.addConversation({ in: 'ivr' })
  await at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, { queueId: 'second' })
  at.scene.advance(50)
  await ear.caughtUp()
  t.match(newest(ear.bodies(ofQueue('second')).at(-1)), { agent: 'terminated', acd: 'connected' })
  t.match(newest(ear.bodies(ofUser(userId)).at(-1)), { agent: 'terminated', acd: 'connected' })
  at.scene.hangUp(conversationId)
  await ear.caughtUp()
  for (const topic of topics.slice(0, 3)) t.match(newest(ear.bodies(topic).at(-1)), { customer: 'terminated' }, topic)
  t.strictSame(ear.bodies(ofUser('nobody')), [])
})

t.test('given attributes or wishes that change, then the topics of the queue tell of them', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addSkill({ id: 'billing' })
  at.scene.addQueue({ id: 'support' })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
  const [acd] = await at.legs(conversationId, 'acd')
  const ear = await listen(t, (await channel(at, ofQueue('support'))).connectUri)
  await at.ask('PATCH', `/conversations/${conversationId}/participants/${acd.id}/attributes`, { attributes: { depth: '1' } })
  await at.ask('PATCH', `/routing/conversations/${conversationId}`, { priority: 7, skillIds: ['billing'] })
  await ear.caughtUp()
  t.match(
    ear.bodies(ofQueue('support')).map(({ participants }) => participants.at(-1)),
    [{ attributes: { depth: '1' } }, { conversationRoutingData: { priority: 7, skills: [{ id: 'billing' }], queue: { id: 'support' } } }],
  )
})

t.test('given one conversation’s detail events, then they tell of offers, of the pickup and of the end, with times', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support', afterCallWorkMs: 0 })
  const answers = [
    { after: 300, with: 'decline' },
    { after: 200, with: 'pickup' },
  ] as const
  at.scene.addAgent({ id: 'alex', queueIds: ['support'], answers: [...answers] })
  const ear = await listen(t, (await channel(at, ...details('c1'))).connectUri)
  at.scene.addConversation({ id: 'c1', in: { queueId: 'support' } })
  at.scene.addConversation({ id: 'c2', in: 'ivr' })
  at.scene.advance(1_000)
  at.scene.hangUp('c1')
  at.scene.hangUp('c2')
  await ear.caughtUp()
  const heard = ear.messages
    .filter(({ topicName }) => topicName.startsWith('v2.'))
    .map(({ topicName, eventBody }) => [topicName, eventBody])
  t.match(heard, [
    [detail('c1', 'acd.start'), { conversationId: 'c1', queueId: 'support', mediaType: 'VOICE', direction: 'INBOUND', routingPriority: 0 }],
    [detail('c1', 'user.start'), { userId: 'alex', queueId: 'support' }],
    [detail('c1', 'user.end'), { userId: 'alex', disconnectType: 'CLIENT', alertingDurationMs: 300, interactingDurationMs: 0 }],
    [detail('c1', 'user.start'), { userId: 'alex' }],
    [detail('c1', 'acd.end'), { acdOutcome: 'ANSWERED', answeredUserId: 'alex', disconnectType: 'TRANSFER', connectedDurationMs: 750 }],
    [detail('c1', 'user.end'), { disconnectType: 'PEER', alertingDurationMs: 200, interactingDurationMs: 300 }],
    [detail('c1', 'customer.end'), { disconnectType: 'ENDPOINT', interactingDurationMs: 1_000, eventTime: at.scene.now() }],
  ])
  t.equal(heard.length, 7)
})

t.test('given a call that leaves its queue, then acd.end says how', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  at.scene.addQueue({ id: 'second' })
  at.scene.addAgent({ id: 'alex' })
  const outcomes: [id: string, place: { queueId: string; userId?: string }, leave: () => unknown, outcome: object][] = [
    ['abandoned', { queueId: 'support' }, () => at.scene.hangUp('abandoned'), { acdOutcome: 'ABANDON', disconnectType: 'PEER' }],
    ['flowed', { queueId: 'support' }, () => at.scene.flowOut('flowed'), { acdOutcome: 'FLOW_OUT', disconnectType: 'TRANSFER' }],
    [
      'cleared',
      { queueId: 'support' },
      () => at.ask('POST', '/conversations/cleared/disconnect'),
      { acdOutcome: 'UNKNOWN', disconnectType: 'SYSTEM' },
    ],
    ['answered', { queueId: 'support', userId: 'alex' }, () => {}, { acdOutcome: 'ANSWERED', answeredUserId: 'alex' }],
  ]
  const ear = await listen(t, (await channel(at, ...outcomes.map(([id]) => detail(id, 'acd.end')))).connectUri)
  for (const [id, place, leave, outcome] of outcomes) {
    at.scene.addConversation({ id, in: place })
    await leave()
    await ear.caughtUp()
    t.match(ear.bodies(detail(id, 'acd.end')), [outcome], id)
  }
})

t.test(
  'given a call that was answered once and waits in the same queue again, when the caller hangs up, then it was abandoned',
  async (t) => {
    const at = await stage(t, { clock: 'manual' })
    const { conversationId, participantId, queueId } = await callWithAgent(at)
    const topic = detail(conversationId, 'acd.end')
    const ear = await listen(t, (await channel(at, topic)).connectUri)
    await at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, { queueId })
    at.scene.advance(50)
    at.scene.hangUp(conversationId)
    await ear.caughtUp()
    t.strictSame(
      ear.bodies(topic).map(({ acdOutcome }) => acdOutcome),
      ['ABANDON'],
    )
  },
)

t.test('given topics that are taken back, or a channel that is gone, then no more events are for it', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const { id, connectUri, subscribe } = await channel(at, ofQueue('support'))
  const ear = await listen(t, connectUri)
  const path = `/notifications/channels/${id}/subscriptions`
  const arrive = () => at.scene.addConversation({ in: { queueId: 'support' } })
  const heard = async () => {
    await ear.caughtUp()
    return ear.bodies(ofQueue('support')).length
  }
  arrive()
  t.equal(await heard(), 1)
  await at.ask('PUT', path, [{ id: ofUser('alex') }])
  arrive()
  t.equal(await heard(), 1)
  await subscribe(ofQueue('support'))
  arrive()
  t.equal(await heard(), 2)
  await at.ask('DELETE', path)
  arrive()
  t.equal(await heard(), 2)
  await subscribe(ofQueue('support'))
  at.scene.notifications.expireChannel(id)
  arrive()
  t.match(at.scene.notifications.events(), { sent: 2, unheard: 0 })
})

t.test('given every event of a call’s life, then its body is as documented', conforming, async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addSkill({ id: 'billing' })
  at.scene.addQueue({ id: 'support' })
  const answers = [{ after: 100, with: 'error' }, 'never', { after: 100, with: 'pickup' }] as const
  at.scene.addAgent({ id: 'alex', skillIds: ['billing'], queueIds: ['support'], answers: [...answers] })
  at.scene.addAgent({ id: 'bo', answers: ['never'] })
  const ear = await listen(t, (await channel(at, ofQueue('support'), ofUser('alex'), ofUser('bo'), ...details('c1'))).connectUri)
  at.scene.addConversation({ id: 'c1', in: 'ivr' })
  at.scene.transferByFlow('c1', { queueId: 'support', skillIds: ['billing'], priority: 4 })
  at.scene.advance(10_000)
  at.scene.setAgent('alex', { routingStatus: 'IDLE' })
  at.scene.advance(1_000)
  const agent = (await at.legs('c1', 'agent')).at(-1)
  t.equal(agent.calls[0].state, 'connected')
  await at.ask('PATCH', `/conversations/c1/participants/${agent.id}/attributes`, { attributes: { depth: '1' } })
  await at.ask('POST', `/conversations/c1/participants/${agent.id}/replace/agent`, { userId: 'bo' })
  at.scene.advance(10_000)
  at.scene.hangUp('c1')
  await ear.caughtUp()
  const shapes: Record<string, string> = {
    [ofQueue('support')]: 'QueueConversationCallEventTopicCallConversation',
    [ofUser('alex')]: 'ConversationCallEventTopicCallConversation',
    [ofUser('bo')]: 'ConversationCallEventTopicCallConversation',
    [detail('c1', 'acd.start')]: 'AcdStartDetailEventTopicAcdStartEvent',
    [detail('c1', 'acd.end')]: 'AcdEndDetailEventTopicAcdEndEvent',
    [detail('c1', 'user.start')]: 'UserStartDetailEventTopicUserStartEvent',
    [detail('c1', 'user.end')]: 'UserEndDetailEventTopicUserEndEvent',
    [detail('c1', 'customer.end')]: 'CustomerEndDetailEventTopicCustomerEndEvent',
  }
  for (const [topic, shape] of Object.entries(shapes)) {
    const bodies = ear.bodies(topic)
    t.not(bodies.length, 0, topic)
    t.strictSame(
      bodies.flatMap((body) => faultsOfShape(shape, body)),
      [],
      topic,
    )
  }
  t.match(
    ear.bodies(detail('c1', 'user.end')).map(({ disconnectType }) => disconnectType),
    ['ERROR', 'NO_ANSWER_TRANSFER', 'TRANSFER', 'NO_ANSWER_TRANSFER'],
  )
})
