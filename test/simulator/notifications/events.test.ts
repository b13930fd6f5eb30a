/** Which events a call causes, and what they contain. */
import t from 'tap'
import { createChannel, openEventSocket } from './socket-client.ts'
import { findMismatches, unavailableReason } from '../views/documented-shapes.ts'
import { startCallWithAgent, startPlatform } from '../test-platform.ts'

const skipOptions = unavailableReason === false ? {} : { skip: unavailableReason }
const detailTopic = (id: string, kind: string) => `v2.detail.events.conversation.${id}.${kind}`
const allDetailTopics = (id: string) =>
  ['acd.start', 'acd.end', 'user.start', 'user.end', 'customer.end'].map((kind) => detailTopic(id, kind))
const queueCallsTopic = (id: string) => `v2.routing.queues.${id}.conversations.calls`
const userCallsTopic = (id: string) => `v2.users.${id}.conversations.calls`

/** The state of the newest participant of each purpose in the body of an event. */
const listNewestStates = (body: any) => Object.fromEntries(body.participants.map(({ purpose, state }: any) => [purpose, state]))

t.test('given a call that is declined, picked up and ended, then the queue’s topic reports every step', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support', name: 'Support' })
  const answers = [
    { after: 100, with: 'decline' },
    { after: 100, with: 'pickup' },
  ] as const
  platform.control.addAgent({ id: 'alex', name: 'Alex', queueIds: ['support'], answers: [...answers] })
  const socket = await openEventSocket(t, (await createChannel(platform, queueCallsTopic('support'))).connectUri)
  const { conversationId } = platform.control.addConversation({ in: 'ivr' })
  platform.control.transferByFlow(conversationId, { queueId: 'support' })
  platform.control.advance(1_000)
  platform.control.hangUp(conversationId)
  platform.control.advance(1_000)
  await socket.waitForPending()
  const bodies = socket.bodies(queueCallsTopic('support'))
  t.ok(bodies.every(({ id }) => id === conversationId))
  t.strictSame(bodies.map(listNewestStates), [
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

t.test('given any event, then its message has the platform’s envelope', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const socket = await openEventSocket(t, (await createChannel(platform, detailTopic('c1', 'acd.start'))).connectUri)
  platform.control.addConversation({ id: 'c1', in: { queueId: 'support' } })
  await socket.waitForPending()
  const { eventBody, ...envelope } = socket.messages[0]
  t.match(envelope, { topicName: detailTopic('c1', 'acd.start'), version: '2', metadata: { CorrelationId: /^[0-9a-f-]{36}$/ } })
  t.strictSame(Object.keys(envelope).toSorted(), ['metadata', 'topicName', 'version'])
  t.type(eventBody, 'object')
})

t.test('given a queue and a user, then their topics report only calls in which they take or took part', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const { conversationId, participantId, queueId, userId } = await startCallWithAgent(platform)
  platform.control.addQueue({ id: 'second' })
  const topics = [queueCallsTopic(queueId), userCallsTopic(userId), queueCallsTopic('second'), userCallsTopic('nobody')]
  const socket = await openEventSocket(t, (await createChannel(platform, ...topics)).connectUri)
  platform.control.addConversation({ in: 'ivr' })
  await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, { queueId: 'second' })
  platform.control.advance(50)
  await socket.waitForPending()
  t.match(listNewestStates(socket.bodies(queueCallsTopic('second')).at(-1)), { agent: 'terminated', acd: 'connected' })
  t.match(listNewestStates(socket.bodies(userCallsTopic(userId)).at(-1)), { agent: 'terminated', acd: 'connected' })
  platform.control.hangUp(conversationId)
  await socket.waitForPending()
  for (const topic of topics.slice(0, 3)) t.match(listNewestStates(socket.bodies(topic).at(-1)), { customer: 'terminated' }, topic)
  t.strictSame(socket.bodies(userCallsTopic('nobody')), [])
})

t.test('given attributes or routing data that change, then the topics of the queue report the change', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addSkill({ id: 'billing' })
  platform.control.addQueue({ id: 'support' })
  const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
  const [acd] = await platform.getParticipants(conversationId, 'acd')
  const socket = await openEventSocket(t, (await createChannel(platform, queueCallsTopic('support'))).connectUri)
  await platform.request('PATCH', `/conversations/${conversationId}/participants/${acd.id}/attributes`, { attributes: { depth: '1' } })
  await platform.request('PATCH', `/routing/conversations/${conversationId}`, { priority: 7, skillIds: ['billing'] })
  await socket.waitForPending()
  t.match(
    socket.bodies(queueCallsTopic('support')).map(({ participants }) => participants.at(-1)),
    [{ attributes: { depth: '1' } }, { conversationRoutingData: { priority: 7, skills: [{ id: 'billing' }], queue: { id: 'support' } } }],
  )
})

t.test('given a conversation with offers, a pickup and an end, then its detail events report them with their durations', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support', afterCallWorkMs: 0 })
  const answers = [
    { after: 300, with: 'decline' },
    { after: 200, with: 'pickup' },
  ] as const
  platform.control.addAgent({ id: 'alex', queueIds: ['support'], answers: [...answers] })
  const socket = await openEventSocket(t, (await createChannel(platform, ...allDetailTopics('c1'))).connectUri)
  platform.control.addConversation({ id: 'c1', in: { queueId: 'support' } })
  platform.control.addConversation({ id: 'c2', in: 'ivr' })
  platform.control.advance(1_000)
  platform.control.hangUp('c1')
  platform.control.hangUp('c2')
  await socket.waitForPending()
  const events = socket.messages
    .filter(({ topicName }) => topicName.startsWith('v2.'))
    .map(({ topicName, eventBody }) => [topicName, eventBody])
  t.match(events, [
    [
      detailTopic('c1', 'acd.start'),
      { conversationId: 'c1', queueId: 'support', mediaType: 'VOICE', direction: 'INBOUND', routingPriority: 0 },
    ],
    [detailTopic('c1', 'user.start'), { userId: 'alex', queueId: 'support' }],
    [detailTopic('c1', 'user.end'), { userId: 'alex', disconnectType: 'CLIENT', alertingDurationMs: 300, interactingDurationMs: 0 }],
    [detailTopic('c1', 'user.start'), { userId: 'alex' }],
    [
      detailTopic('c1', 'acd.end'),
      { acdOutcome: 'ANSWERED', answeredUserId: 'alex', disconnectType: 'TRANSFER', connectedDurationMs: 750 },
    ],
    [detailTopic('c1', 'user.end'), { disconnectType: 'PEER', alertingDurationMs: 200, interactingDurationMs: 300 }],
    [detailTopic('c1', 'customer.end'), { disconnectType: 'ENDPOINT', interactingDurationMs: 1_000, eventTime: platform.control.now() }],
  ])
  t.equal(events.length, 7)
})

t.test('given a call that leaves its queue, then acd.end reports the outcome', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addQueue({ id: 'second' })
  platform.control.addAgent({ id: 'alex' })
  const outcomes: [id: string, place: { queueId: string; userId?: string }, leave: () => unknown, outcome: object][] = [
    ['abandoned', { queueId: 'support' }, () => platform.control.hangUp('abandoned'), { acdOutcome: 'ABANDON', disconnectType: 'PEER' }],
    ['flowed', { queueId: 'support' }, () => platform.control.flowOut('flowed'), { acdOutcome: 'FLOW_OUT', disconnectType: 'TRANSFER' }],
    [
      'cleared',
      { queueId: 'support' },
      () => platform.request('POST', '/conversations/cleared/disconnect'),
      { acdOutcome: 'UNKNOWN', disconnectType: 'SYSTEM' },
    ],
    ['answered', { queueId: 'support', userId: 'alex' }, () => {}, { acdOutcome: 'ANSWERED', answeredUserId: 'alex' }],
  ]
  const socket = await openEventSocket(t, (await createChannel(platform, ...outcomes.map(([id]) => detailTopic(id, 'acd.end')))).connectUri)
  for (const [id, place, leave, outcome] of outcomes) {
    platform.control.addConversation({ id, in: place })
    await leave()
    await socket.waitForPending()
    t.match(socket.bodies(detailTopic(id, 'acd.end')), [outcome], id)
  }
})

t.test(
  'given a call that was answered once and waits in the same queue again, when the caller hangs up, then acd.end reports ABANDON',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const { conversationId, participantId, queueId } = await startCallWithAgent(platform)
    const topic = detailTopic(conversationId, 'acd.end')
    const socket = await openEventSocket(t, (await createChannel(platform, topic)).connectUri)
    await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/replace/queue`, { queueId })
    platform.control.advance(50)
    platform.control.hangUp(conversationId)
    await socket.waitForPending()
    t.strictSame(
      socket.bodies(topic).map(({ acdOutcome }) => acdOutcome),
      ['ABANDON'],
    )
  },
)

t.test('given subscriptions that are removed, or a channel that has ended, then the channel gets no more events', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const { id, connectUri, subscribe } = await createChannel(platform, queueCallsTopic('support'))
  const socket = await openEventSocket(t, connectUri)
  const path = `/notifications/channels/${id}/subscriptions`
  const startCall = () => platform.control.addConversation({ in: { queueId: 'support' } })
  const countReceived = async () => {
    await socket.waitForPending()
    return socket.bodies(queueCallsTopic('support')).length
  }
  startCall()
  t.equal(await countReceived(), 1)
  await platform.request('PUT', path, [{ id: userCallsTopic('alex') }])
  startCall()
  t.equal(await countReceived(), 1)
  await subscribe(queueCallsTopic('support'))
  startCall()
  t.equal(await countReceived(), 2)
  await platform.request('DELETE', path)
  startCall()
  t.equal(await countReceived(), 2)
  await subscribe(queueCallsTopic('support'))
  platform.control.notifications.expireChannel(id)
  startCall()
  t.match(platform.control.notifications.events(), { sent: 2, unheard: 0 }, 'events without a subscription do not count as lost (unheard)')
})

t.test('given every event of a call’s life, then its body matches the documented shape', skipOptions, async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addSkill({ id: 'billing' })
  platform.control.addQueue({ id: 'support' })
  const answers = [{ after: 100, with: 'error' }, 'never', { after: 100, with: 'pickup' }] as const
  platform.control.addAgent({ id: 'alex', skillIds: ['billing'], queueIds: ['support'], answers: [...answers] })
  platform.control.addAgent({ id: 'bo', answers: ['never'] })
  const socket = await openEventSocket(
    t,
    (await createChannel(platform, queueCallsTopic('support'), userCallsTopic('alex'), userCallsTopic('bo'), ...allDetailTopics('c1')))
      .connectUri,
  )
  platform.control.addConversation({ id: 'c1', in: 'ivr' })
  platform.control.transferByFlow('c1', { queueId: 'support', skillIds: ['billing'], priority: 4 })
  platform.control.advance(10_000)
  platform.control.setAgent('alex', { routingStatus: 'IDLE' })
  platform.control.advance(1_000)
  const agent = (await platform.getParticipants('c1', 'agent')).at(-1)
  t.equal(agent.calls[0].state, 'connected')
  await platform.request('PATCH', `/conversations/c1/participants/${agent.id}/attributes`, { attributes: { depth: '1' } })
  await platform.request('POST', `/conversations/c1/participants/${agent.id}/replace/agent`, { userId: 'bo' })
  platform.control.advance(10_000)
  platform.control.hangUp('c1')
  await socket.waitForPending()
  const shapes: Record<string, string> = {
    [queueCallsTopic('support')]: 'QueueConversationCallEventTopicCallConversation',
    [userCallsTopic('alex')]: 'ConversationCallEventTopicCallConversation',
    [userCallsTopic('bo')]: 'ConversationCallEventTopicCallConversation',
    [detailTopic('c1', 'acd.start')]: 'AcdStartDetailEventTopicAcdStartEvent',
    [detailTopic('c1', 'acd.end')]: 'AcdEndDetailEventTopicAcdEndEvent',
    [detailTopic('c1', 'user.start')]: 'UserStartDetailEventTopicUserStartEvent',
    [detailTopic('c1', 'user.end')]: 'UserEndDetailEventTopicUserEndEvent',
    [detailTopic('c1', 'customer.end')]: 'CustomerEndDetailEventTopicCustomerEndEvent',
  }
  for (const [topic, shape] of Object.entries(shapes)) {
    const bodies = socket.bodies(topic)
    t.not(bodies.length, 0, topic)
    t.strictSame(
      bodies.flatMap((body) => findMismatches(shape, body)),
      [],
      topic,
    )
  }
  t.match(
    socket.bodies(detailTopic('c1', 'user.end')).map(({ disconnectType }) => disconnectType),
    ['ERROR', 'NO_ANSWER_TRANSFER', 'TRANSFER', 'NO_ANSWER_TRANSFER'],
  )
})
