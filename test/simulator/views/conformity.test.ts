/** Responses of the simulator match the shapes that the platform documents. */
import t, { type Test } from 'tap'
import { findResponseMismatches, findMismatches, unavailableReason } from './documented-shapes.ts'
import { startCallWithAgent, startPlatform, type TestPlatform } from '../test-platform.ts'

const basePath = '/api/v2'
const participantPath = `${basePath}/conversations/{conversationId}/participants/{participantId}`
const skipOptions = unavailableReason === false ? {} : { skip: unavailableReason }

/** Asserts that a call matches the documented shapes in both models: nested (`Conversation`) and flattened (`CallConversation`). */
async function assertBothModels(t: Test, platform: TestPlatform, id: string, phase: string): Promise<void> {
  const conversation = await platform.request('GET', `/conversations/${id}`)
  t.strictSame(findResponseMismatches('GET', `${basePath}/conversations/{conversationId}`, conversation), [], `Conversation ${phase}`)
  const flattened = await platform.request('GET', `/conversations/calls/${id}`)
  t.strictSame(
    findResponseMismatches('GET', `${basePath}/conversations/calls/{conversationId}`, flattened),
    [],
    `CallConversation ${phase}`,
  )
}

t.test('given a call at every stage of its life, then both of its models match the documented shapes', skipOptions, async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addSkill({ id: 'billing' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addQueue({ id: 'second' })
  const answers = [
    { after: 100, with: 'decline' },
    { after: 100, with: 'error' },
    { after: 100, with: 'pickup' },
  ] as const
  platform.control.addAgent({ skillIds: ['billing'], queueIds: ['support'], answers: [...answers] })
  const { conversationId: id } = platform.control.addConversation({ in: 'ivr' })
  await assertBothModels(t, platform, id, 'in the IVR')
  platform.control.transferByFlow(id, { queueId: 'support', skillIds: ['billing'], priority: 4 })
  await assertBothModels(t, platform, id, 'between ivr and acd')
  for (const phase of ['waiting', 'ringing', 'declined', 'ringing again', 'failed', 'ringing a third time', 'picked up', 'acd leg over']) {
    platform.control.advance(phase === 'waiting' ? 50 : phase === 'acd leg over' ? 60 : 100)
    await assertBothModels(t, platform, id, phase)
  }
  const agent = (await platform.getParticipants(id, 'agent')).at(-1)
  t.equal(agent.calls[0].state, 'connected', 'the agent has picked up')
  await platform.request('PATCH', `/conversations/${id}/participants/${agent.id}/attributes`, { attributes: { depth: '1' } })
  await platform.request('POST', `/conversations/${id}/participants/${agent.id}/replace/queue`, { queueId: 'second' })
  await assertBothModels(t, platform, id, 'command pending')
  platform.control.advance(200)
  await assertBothModels(t, platform, id, 'wrapped up, waiting in the second queue')
  platform.control.flowOut(id)
  await assertBothModels(t, platform, id, 'in voicemail')
  platform.control.hangUp(id)
  await assertBothModels(t, platform, id, 'ended')
})

t.test(
  'given a call to a number that fails and a call to an agent, then both models match the documented shapes',
  skipOptions,
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.configure({ dialFails: true })
    const { conversationId, participantId } = await startCallWithAgent(platform)
    await platform.request('POST', `/conversations/${conversationId}/participants/${participantId}/transfer`, { address: '+13175550123' })
    for (const ms of [50, 200]) {
      platform.control.advance(ms)
      await assertBothModels(t, platform, conversationId, `after another ${ms} ms of dialing`)
    }
    platform.control.addAgent({ id: 'target', answers: ['never'] })
    const direct = platform.control.addConversation({ in: { userId: 'target' } }).conversationId
    await assertBothModels(t, platform, direct, 'without a queue')
  },
)

t.test('given every other endpoint, then its response matches the documented shape', skipOptions, async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addSkill({ id: 'billing' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addAgent({ id: 'alex', skillIds: ['billing'], unjoinedQueueIds: ['support'] })
  const { conversationId: id } = platform.control.addConversation({ in: { queueId: 'support' } })
  const [acd] = await platform.getParticipants(id, 'acd')
  const expand = 'expand=skills&expand=routingStatus&expand=presence'
  const documented: [method: string, path: string, template: string, status: number, body?: unknown][] = [
    ['GET', `/routing/queues/support/members?${expand}`, '/routing/queues/{queueId}/members', 200],
    ['GET', '/routing/queues/support/members?pageSize=1&pageNumber=2', '/routing/queues/{queueId}/members', 200],
    ['GET', '/routing/queues/support', '/routing/queues/{queueId}', 200],
    ['GET', '/routing/skills/billing', '/routing/skills/{skillId}', 200],
    ['GET', '/routing/skills?id=billing', '/routing/skills', 200],
    ['GET', '/users/alex/routingstatus', '/users/{userId}/routingstatus', 200],
    [
      'PATCH',
      `/routing/conversations/${id}`,
      '/routing/conversations/{conversationId}',
      200,
      { priority: 1, skillIds: ['billing'], languageId: 'de', requestScoredAgents: [{ id: 'alex', score: 100 }] },
    ],
    ['PATCH', `/routing/conversations/${id}`, '/routing/conversations/{conversationId}', 400, { priority: 'x' }],
    ['GET', '/routing/skills/none', '/routing/skills/{skillId}', 404],
    [
      'POST',
      `/conversations/${id}/participants/${acd.id}/replace/queue`,
      participantPath.replace(basePath, '') + '/replace/queue',
      400,
      { queueId: 'support' },
    ],
    [
      'POST',
      `/conversations/${id}/participants/${acd.id}/replace/agent`,
      participantPath.replace(basePath, '') + '/replace/agent',
      202,
      { userId: 'alex' },
    ],
    [
      'POST',
      `/conversations/none/participants/x/transfer`,
      participantPath.replace(basePath, '') + '/transfer',
      404,
      { address: '+13175550123' },
    ],
    [
      'PATCH',
      `/conversations/${id}/participants/${acd.id}/attributes`,
      participantPath.replace(basePath, '') + '/attributes',
      202,
      { attributes: { a: 'b' } },
    ],
  ]
  for (const [method, path, template, status, body] of documented) {
    const response = await platform.request(method, path, body)
    t.equal(response.status, status, path)
    t.strictSame(findResponseMismatches(method, `${basePath}${template}`, response), [], path)
  }
  t.strictSame(findMismatches('User', (await platform.request('GET', `/users/alex?${expand}`)).body), [], 'User')
})

t.test(
  'given every kind of refusal, then its body is an ErrorBody, and the login’s responses match the documented shapes',
  skipOptions,
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const read = () => platform.request('GET', '/conversations/none')
    const template = `${basePath}/conversations/{conversationId}`
    const assertRefusal = async (status: number) => {
      const response = await read()
      t.equal(response.status, status)
      t.strictSame(findResponseMismatches('GET', template, response), [], String(status))
      t.strictSame(findMismatches('ErrorBody', response.body), [], String(status))
    }
    await assertRefusal(404)
    for (const status of [400, 408, 409, 413, 415, 429, 500, 503, 504]) {
      platform.control.addFault({ fault: { kind: 'status', status } })
      await assertRefusal(status)
    }
    platform.control.setPermissions([])
    await assertRefusal(403)
    platform.control.setRequestsPerMinute(0)
    await assertRefusal(429)
    platform.control.revokeTokens()
    await assertRefusal(401)
    t.strictSame(findResponseMismatches('POST', '/oauth/token', await platform.logIn()), [])
    t.strictSame(findResponseMismatches('POST', '/oauth/token', await platform.logIn('nobody', 'x')), [])
  },
)

t.test('given a body that does not match its documented shape, then the check reports it', skipOptions, (t) => {
  t.not(findMismatches('Conversation', { participants: [] }).length, 0, 'a required field is missing')
  t.not(findMismatches('RoutingStatus', { status: 'SLEEPING' }).length, 0, 'a value is not in the list')
  t.not(findMismatches('RoutingSkill', { name: 'x', active: true }).length, 0, 'a field is unknown')
  t.end()
})
