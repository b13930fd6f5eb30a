/** Which agent is offered a waiting call, and what their reaction means. */
import t from 'tap'
import { startPlatform, type TestPlatform } from '../test-platform.ts'

const readOfferedUserIds = async ({ getParticipants }: TestPlatform, conversationId: string) =>
  (await getParticipants(conversationId, 'agent')).map((participant) => participant.userId)
const readRoutingStatus = async ({ request }: TestPlatform, userId: string) =>
  (await request('GET', `/users/${userId}/routingstatus`)).body.status

t.test('given two waiting calls, when the only agent becomes idle, then the one of higher priority is offered', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addAgent({ id: 'alex', queueIds: ['support'], routingStatus: 'OFF_QUEUE', answers: ['never'] })
  const low = platform.control.addConversation({ in: { queueId: 'support' } }).conversationId
  platform.control.advance(1_000)
  const high = platform.control.addConversation({ in: { queueId: 'support' } }).conversationId
  t.equal((await platform.request('PATCH', `/routing/conversations/${high}`, { priority: 5 })).status, 200)
  platform.control.advance(1_000)
  platform.control.setAgent('alex', { routingStatus: 'IDLE' })
  t.strictSame(await readOfferedUserIds(platform, high), ['alex'])
  t.strictSame(await readOfferedUserIds(platform, low), [])
})

t.test('given two waiting calls of the same priority, when an agent becomes idle, then the older one is offered', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  const older = platform.control.addConversation({ in: { queueId: 'support' } }).conversationId
  platform.control.advance(10)
  const younger = platform.control.addConversation({ in: { queueId: 'support' } }).conversationId
  platform.control.advance(1_000)
  platform.control.addAgent({ id: 'alex', queueIds: ['support'] })
  t.strictSame([await readOfferedUserIds(platform, older), await readOfferedUserIds(platform, younger)], [['alex'], []])
})

t.test(
  'given a caller with attributes, when the call rings at an agent, then that agent sees the attributes, until the call is over',
  async (t) => {
    const { control, request, getParticipants } = await startPlatform(t, { clock: 'manual' })
    control.addQueue({ id: 'support' })
    for (const id of ['alex', 'bo'])
      control.addAgent({ id, queueIds: id === 'alex' ? ['support'] : [], answers: [{ after: 100, with: 'pickup' }] })
    const { conversationId } = control.addConversation({ in: 'ivr' })
    const [customer] = await getParticipants(conversationId, 'customer')
    await request('PATCH', `/conversations/${conversationId}/participants/${customer.id}/attributes`, {
      attributes: { handoffSummary1: 'Wants a refund.' },
    })
    t.strictSame(control.agentCalls('alex'), [])
    control.transferByFlow(conversationId, { queueId: 'support' })
    for (const state of ['alerting', 'connected']) {
      for (let waited = 0; control.agentCalls('alex')[0]?.state !== state && waited < 10_000; waited += 50) control.advance(50)
      t.strictSame(control.agentCalls('alex'), [{ conversationId, state, attributes: { handoffSummary1: 'Wants a refund.' } }])
    }
    t.strictSame(control.agentCalls('bo'), [], 'another agent does not see them')
    control.endByAgent(conversationId)
    t.strictSame(control.agentCalls('alex'), [])
    t.throws(() => control.agentCalls('nobody'), /There is no agent nobody/)
  },
)

t.test('given a call that requires skills, then only an idle, joined member who has all of them is offered the call', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  for (const id of ['billing', 'french']) platform.control.addSkill({ id })
  platform.control.addQueue({ id: 'support' })
  platform.control.addQueue({ id: 'other' })
  const both = { skillIds: ['billing', 'french'] }
  platform.control.addAgent({ id: 'one-skill', skillIds: ['billing'], queueIds: ['support'] })
  platform.control.addAgent({ id: 'elsewhere', ...both, queueIds: ['other'] })
  platform.control.addAgent({ id: 'unjoined', ...both, unjoinedQueueIds: ['support'] })
  platform.control.addAgent({ id: 'offline', ...both, queueIds: ['support'], presence: 'Offline' })
  platform.control.addAgent({ id: 'offline-too', ...both, queueIds: ['support'], presence: 'OFFLINE' })
  platform.control.addAgent({ id: 'gone', ...both, queueIds: ['support'], state: 'inactive' })
  const { conversationId } = platform.control.addConversation({ in: 'ivr' })
  platform.control.transferByFlow(conversationId, { queueId: 'support', skillIds: ['billing', 'french'], priority: 3 })
  platform.control.advance(10_000)
  t.strictSame(await readOfferedUserIds(platform, conversationId), [])
  t.match(await platform.getParticipants(conversationId, 'acd'), [
    { conversationRoutingData: { priority: 3, skills: [{ id: 'billing' }, { id: 'french' }] } },
  ])
  platform.control.addAgent({ id: 'right', ...both, queueIds: ['support'] })
  t.strictSame(await readOfferedUserIds(platform, conversationId), ['right'])
})

t.test('given two idle agents, then the one who has been idle longer is offered the call first', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addAgent({ id: 'late', queueIds: ['support'], routingStatus: 'OFF_QUEUE' })
  platform.control.addAgent({ id: 'early', queueIds: ['support'] })
  platform.control.advance(500)
  platform.control.setAgent('late', { routingStatus: 'IDLE' })
  const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
  platform.control.advance(100)
  t.strictSame(await readOfferedUserIds(platform, conversationId), ['early'])
})

t.test(
  'given an agent who never answers, then after the alerting timeout they are NOT_RESPONDING and the call is offered to another agent',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    platform.control.addQueue({ id: 'support', alertingTimeoutMs: 5_000 })
    platform.control.addAgent({ id: 'asleep', queueIds: ['support'], answers: ['never'] })
    const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
    platform.control.advance(100 + 4_999)
    t.match(await platform.getParticipants(conversationId, 'agent'), [{ calls: [{ state: 'alerting' }], alertingTimeoutMs: 5_000 }])
    platform.control.advance(1)
    t.match(await platform.getParticipants(conversationId, 'agent'), [
      { calls: [{ state: 'terminated', disconnectType: 'transfer.noanswer' }] },
    ])
    t.equal(await readRoutingStatus(platform, 'asleep'), 'NOT_RESPONDING')
    platform.control.advance(60_000)
    t.equal((await platform.getParticipants(conversationId, 'agent')).length, 1, 'no other agent is idle')
    platform.control.addAgent({ id: 'awake', queueIds: ['support'] })
    platform.control.advance(200)
    t.match((await platform.getParticipants(conversationId, 'agent'))[1], { userId: 'awake', calls: [{ state: 'connected' }] })
  },
)

t.test('given an agent whose phone fails, then the leg has an errorInfo and the call is offered again', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addAgent({
    queueIds: ['support'],
    answers: [
      { after: 10, with: 'error' },
      { after: 10, with: 'pickup' },
    ],
  })
  const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
  platform.control.advance(1_000)
  const [failed, answered] = await platform.getParticipants(conversationId, 'agent')
  t.match(failed.calls[0], { disconnectType: 'error', errorInfo: { code: String, message: String } })
  t.equal(failed.connectedTime, undefined)
  t.equal(answered.calls[0].state, 'connected')
})

t.test('given an agent with a talk time, then they are INTERACTING, hang up, do after-call work, and take the next call', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support', talkMs: 30_000, afterCallWorkMs: 5_000 })
  platform.control.addAgent({ id: 'alex', queueIds: ['support'] })
  const first = platform.control.addConversation({ in: { queueId: 'support' } }).conversationId
  const second = platform.control.addConversation({ in: { queueId: 'support' } }).conversationId
  platform.control.advance(300)
  t.equal(await readRoutingStatus(platform, 'alex'), 'INTERACTING')
  t.strictSame(await readOfferedUserIds(platform, second), [], 'one call at a time')
  platform.control.advance(30_000)
  const ended = await platform.getConversation(first)
  t.strictSame(
    [ended.participants[0], ended.participants.at(-1)].map((participant) => participant.calls[0].disconnectType),
    ['peer', 'client'],
  )
  platform.control.advance(4_999)
  t.equal(await readRoutingStatus(platform, 'alex'), 'INTERACTING')
  platform.control.advance(1)
  t.strictSame(await readOfferedUserIds(platform, second), ['alex'])
  t.equal((await platform.getParticipants(first, 'agent'))[0].wrapup.durationSeconds, 5)
})

t.test('given an agent whose phone rings, then they are still IDLE, but are not offered a second call', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addAgent({ id: 'alex', queueIds: ['support'], answers: ['never'] })
  const { conversationIds } = platform.control.addConversations(2, { in: { queueId: 'support' } })
  platform.control.advance(200)
  t.equal(await readRoutingStatus(platform, 'alex'), 'IDLE')
  const offered = await Promise.all(conversationIds.map((id) => readOfferedUserIds(platform, id)))
  t.strictSame(offered, [['alex'], []])
})

t.test('given a queue that is removed, then the calls that wait in it are not offered', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  platform.control.addQueue({ id: 'support' })
  platform.control.addAgent({ queueIds: ['support'] })
  const { conversationId } = platform.control.addConversation({ in: { queueId: 'support' } })
  platform.control.removeQueue('support')
  platform.control.advance(10_000)
  t.strictSame(await readOfferedUserIds(platform, conversationId), [])
})
