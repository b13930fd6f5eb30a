/** How the routing data of a waiting call and the attributes of a participant are changed. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'

t.test(
  'given a waiting call, when its routing is patched, then the response, the acd participant and the offers follow the new requirements',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addSkill({ id: 'billing', name: 'Billing' })
    platform.control.addQueue({ id: 'support' })
    const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
    const patch = (body: unknown) => platform.request('PATCH', `/routing/conversations/${conversationId}`, body)

    const response = await patch({ priority: 10, skillIds: ['billing'], languageId: 'de' })
    t.equal(response.status, 200)
    t.match(response.body, { priority: 10, skills: [{ id: 'billing', name: 'Billing', state: 'active' }], language: { id: 'de' } })
    t.match(await platform.getParticipants(conversationId, 'acd'), [
      { conversationRoutingData: { priority: 10, skills: [{ id: 'billing' }], language: { id: 'de' } } },
    ])

    platform.control.addAgent({ id: 'unskilled', queueIds: ['support'] })
    platform.control.advance(1_000)
    t.strictSame(await platform.getParticipants(conversationId, 'agent'), [])

    t.match((await patch({ priority: 11 })).body, { priority: 11, skills: [{ id: 'billing' }] }, 'an absent field keeps its value')
    t.match((await patch({ skillIds: [], languageId: '' })).body, { priority: 11, skills: [] }, 'an empty value clears')
    t.match(await platform.getParticipants(conversationId, 'agent'), [{ userId: 'unskilled' }], 'the call is offered at once')
  },
)

t.test('given a call that prefers agents, then the free one with the highest score is offered the call', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addQueue({ id: 'sales' })
  for (const id of ['idle longest', 'second', 'first', 'busy'])
    platform.control.addAgent({ id, queueIds: ['support', 'sales'], ...(id === 'busy' && { routingStatus: 'INTERACTING' as const }) })
  platform.control.addAgent({ id: 'stranger' })
  const requestScoredAgents = [
    { id: 'busy', score: 100 },
    { id: 'first', score: 99 },
    { id: 'second', score: 98 },
    { id: 'stranger', score: 97 },
  ]
  const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
  const { body } = await platform.request('PATCH', `/routing/conversations/${conversationId}`, { requestScoredAgents })
  t.match(
    (body as { scoredAgents: unknown[] }).scoredAgents,
    [
      { agent: { id: 'busy' }, score: 100 },
      { agent: { id: 'first' }, score: 99 },
      { agent: { id: 'second' }, score: 98 },
    ],
    'only members of the queue are preferred',
  )
  t.match(await platform.getParticipants(conversationId, 'acd'), [
    { conversationRoutingData: { scoredAgents: [{ agent: { id: 'busy' } }, {}, {}] } },
  ])
  platform.control.advance(1_000)
  t.match(await platform.getParticipants(conversationId, 'agent'), [{ userId: 'first' }])

  const secondCall = platform.control.addConversation({ in: { queueId: 'support' } }).conversationId
  await platform.request('PATCH', `/routing/conversations/${secondCall}`, { requestScoredAgents })
  const [acd] = await platform.getParticipants(secondCall, 'acd')
  await platform.request('POST', `/conversations/${secondCall}/participants/${acd.id}/replace/queue`, { queueId: 'sales' })
  platform.control.advance(1_000)
  t.match(await platform.getParticipants(secondCall, 'agent'), [{ userId: 'idle longest' }], 'a transfer drops preferred agents')
})

t.test('given a call that is not in a queue, when its routing is patched, then the request is refused', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const { conversationId } = platform.control.addConversation({ in: 'ivr' })
  const patch = () => platform.request('PATCH', `/routing/conversations/${conversationId}`, { priority: 1 })
  t.match(await patch(), { status: 400, body: { code: 'bad.request' } })
  const [ivr] = await platform.getParticipants(conversationId, 'ivr')
  await platform.request('POST', `/conversations/${conversationId}/participants/${ivr.id}/replace/queue`, { queueId: 'support' })
  t.equal((await patch()).status, 400, 'an accepted transfer has not reached the queue yet')
  platform.control.advance(50)
  t.equal((await patch()).status, 200)
  t.match(await platform.request('PATCH', '/routing/conversations/nobody', { priority: 1 }), { status: 404, body: { code: 'not.found' } })
})

t.test('given routing data that is not valid, then the request is refused with 400, and the call keeps its requirements', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
  const before = await platform.getParticipants(conversationId, 'acd')
  for (const routing of [
    { priority: 1.5 },
    { priority: 25_000_001 },
    { priority: '3' },
    { skillIds: 'billing' },
    { skillIds: ['unknown'] },
    { languageId: 4 },
    { requestScoredAgents: {} },
    { requestScoredAgents: [{ id: 'a', score: 101 }] },
    { requestScoredAgents: [{ score: 1 }] },
    [],
  ]) {
    t.match(
      await platform.request('PATCH', `/routing/conversations/${conversationId}`, routing),
      { status: 400, body: { code: /^(bad\.request|invalid\.value)$/ } },
      JSON.stringify(routing),
    )
  }
  t.strictSame(await platform.getParticipants(conversationId, 'acd'), before)
})

t.test(
  'given attributes of a participant, when more are patched, then they are merged, and those of the caller are kept when the call moves',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addQueue({ id: 'support' })
    const { conversationId } = platform.control.addConversation({ in: 'ivr' })
    const [customer] = await platform.getParticipants(conversationId, 'customer')
    const patch = (attributes: unknown) =>
      platform.request('PATCH', `/conversations/${conversationId}/participants/${customer.id}/attributes`, { attributes })
    t.match(await patch({ depth: '1', path: 'a' }), { status: 202, text: '' })
    t.equal((await patch({ depth: '2' })).status, 202)
    t.match(await patch({ depth: null }), { status: 400, body: { code: 'conversation.error.participant.attribute.null' } })
    t.match(await patch({ path: 'b', depth: 3 }), { status: 400, body: { code: 'bad.request' } })
    platform.control.transferByFlow(conversationId, { queueId: 'support' })
    platform.control.advance(1_000)
    t.strictSame((await platform.getParticipants(conversationId, 'customer'))[0].attributes, { depth: '2', path: 'a' })
    t.strictSame((await platform.getParticipants(conversationId, 'acd'))[0].attributes, {}, 'each participant has its own attributes')
    t.equal(
      (await platform.request('PATCH', `/conversations/${conversationId}/participants/nobody/attributes`, { attributes: {} })).status,
      404,
    )
  },
)
