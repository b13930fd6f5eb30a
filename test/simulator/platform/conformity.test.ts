import t, { type Test } from 'tap'
import { faultsOfAnswer, faultsOfShape, unavailable } from './documented-shapes.ts'
import { callWithAgent, stage, type Stage } from '../stage.ts'

const BASE = '/api/v2'
const PARTICIPANT = `${BASE}/conversations/{conversationId}/participants/{participantId}`
const conforming = unavailable === false ? {} : { skip: unavailable }

async function bothModels(t: Test, at: Stage, id: string, moment: string): Promise<void> {
  const conversation = await at.ask('GET', `/conversations/${id}`)
  t.strictSame(faultsOfAnswer('GET', `${BASE}/conversations/{conversationId}`, conversation), [], `Conversation ${moment}`)
  const flattened = await at.ask('GET', `/conversations/calls/${id}`)
  t.strictSame(faultsOfAnswer('GET', `${BASE}/conversations/calls/{conversationId}`, flattened), [], `CallConversation ${moment}`)
}

t.test('given a call at every moment of its life, then both of its models are as documented', conforming, async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addSkill({ id: 'billing' })
  at.scene.addQueue({ id: 'support' })
  at.scene.addQueue({ id: 'second' })
  const answers = [
    { after: 100, with: 'decline' },
    { after: 100, with: 'error' },
    { after: 100, with: 'pickup' },
  ] as const
  at.scene.addAgent({ skillIds: ['billing'], queueIds: ['support'], answers: [...answers] })
  const { conversationId: id } = at.scene.addConversation({ in: 'ivr' })
  await bothModels(t, at, id, 'in the IVR')
  at.scene.transferByFlow(id, { queueId: 'support', skillIds: ['billing'], priority: 4 })
  await bothModels(t, at, id, 'between ivr and acd')
  for (const moment of ['waiting', 'ringing', 'declined', 'ringing again', 'failed', 'ringing a third time', 'picked up', 'acd leg over']) {
    at.scene.advance(moment === 'waiting' ? 50 : moment === 'acd leg over' ? 60 : 100)
    await bothModels(t, at, id, moment)
  }
  const agent = (await at.legs(id, 'agent')).at(-1)
  t.equal(agent.calls[0].state, 'connected', 'the story went as told')
  await at.ask('PATCH', `/conversations/${id}/participants/${agent.id}/attributes`, { attributes: { depth: '1' } })
  await at.ask('POST', `/conversations/${id}/participants/${agent.id}/replace/queue`, { queueId: 'second' })
  await bothModels(t, at, id, 'command pending')
  at.scene.advance(200)
  await bothModels(t, at, id, 'wrapped up, waiting in the second queue')
  at.scene.flowOut(id)
  await bothModels(t, at, id, 'in voicemail')
  at.scene.hangUp(id)
  await bothModels(t, at, id, 'ended')
})

t.test('given a call to a number that fails and one to an agent, then both models are as documented', conforming, async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.configure({ dialFails: true })
  const { conversationId, participantId } = await callWithAgent(at)
  await at.ask('POST', `/conversations/${conversationId}/participants/${participantId}/transfer`, { address: '+13175550123' })
  for (const ms of [50, 200]) {
    at.scene.advance(ms)
    await bothModels(t, at, conversationId, `dialled, ${ms} ms on`)
  }
  at.scene.addAgent({ id: 'target', answers: ['never'] })
  const direct = at.scene.addConversation({ in: { userId: 'target' } }).conversationId
  await bothModels(t, at, direct, 'without a queue')
})

t.test('given every other endpoint, then its answer is as documented', conforming, async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addSkill({ id: 'billing' })
  at.scene.addQueue({ id: 'support' })
  at.scene.addAgent({ id: 'alex', skillIds: ['billing'], unjoinedQueueIds: ['support'] })
  const { conversationId: id } = at.scene.addConversation({ in: { queueId: 'support' } })
  const [acd] = await at.legs(id, 'acd')
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
      { priority: 1, skillIds: ['billing'], languageId: 'de' },
    ],
    ['PATCH', `/routing/conversations/${id}`, '/routing/conversations/{conversationId}', 400, { priority: 'x' }],
    ['GET', '/routing/skills/none', '/routing/skills/{skillId}', 404],
    [
      'POST',
      `/conversations/${id}/participants/${acd.id}/replace/queue`,
      PARTICIPANT.replace(BASE, '') + '/replace/queue',
      400,
      { queueId: 'support' },
    ],
    [
      'POST',
      `/conversations/${id}/participants/${acd.id}/replace/agent`,
      PARTICIPANT.replace(BASE, '') + '/replace/agent',
      202,
      { userId: 'alex' },
    ],
    ['POST', `/conversations/none/participants/x/transfer`, PARTICIPANT.replace(BASE, '') + '/transfer', 404, { address: '+13175550123' }],
    [
      'PATCH',
      `/conversations/${id}/participants/${acd.id}/attributes`,
      PARTICIPANT.replace(BASE, '') + '/attributes',
      202,
      { attributes: { a: 'b' } },
    ],
  ]
  for (const [method, path, template, status, body] of documented) {
    const heard = await at.ask(method, path, body)
    t.equal(heard.status, status, path)
    t.strictSame(faultsOfAnswer(method, `${BASE}${template}`, heard), [], path)
  }
  t.strictSame(faultsOfShape('User', (await at.ask('GET', `/users/alex?${expand}`)).body), [], 'User')
})

t.test('given every kind of refusal, then its body is an ErrorBody; the login’s answers are as documented', conforming, async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const read = () => at.ask('GET', '/conversations/none')
  const template = `${BASE}/conversations/{conversationId}`
  const refused = async (status: number) => {
    const heard = await read()
    t.equal(heard.status, status)
    t.strictSame(faultsOfAnswer('GET', template, heard), [], String(status))
    t.strictSame(faultsOfShape('ErrorBody', heard.body), [], String(status))
  }
  await refused(404)
  for (const status of [400, 408, 409, 413, 415, 429, 500, 503, 504]) {
    at.scene.addFault({ fault: { kind: 'status', status } })
    await refused(status)
  }
  at.scene.setPermissions([])
  await refused(403)
  at.scene.setRequestsPerMinute(0)
  await refused(429)
  at.scene.revokeTokens()
  await refused(401)
  t.strictSame(faultsOfAnswer('POST', '/oauth/token', await at.logIn()), [])
  t.strictSame(faultsOfAnswer('POST', '/oauth/token', await at.logIn('nobody', 'x')), [])
})

t.test('given a body that is not as documented, then the check sees it', conforming, (t) => {
  t.not(faultsOfShape('Conversation', { participants: [] }).length, 0, 'a required field is missing')
  t.not(faultsOfShape('RoutingStatus', { status: 'SLEEPING' }).length, 0, 'a value is not in the list')
  t.not(faultsOfShape('RoutingSkill', { name: 'x', active: true }).length, 0, 'a field is unknown')
  t.end()
})
