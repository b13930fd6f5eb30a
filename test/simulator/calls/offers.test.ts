import t from 'tap'
import { stage, type Stage } from '../stage.ts'

const userOf = async ({ legs }: Stage, conversationId: string) => (await legs(conversationId, 'agent')).map((leg) => leg.userId)
const statusOf = async ({ ask }: Stage, userId: string) => (await ask('GET', `/users/${userId}/routingstatus`)).body.status

t.test('given two waiting calls, when the only agent becomes idle, then the one of higher priority rings', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  at.scene.addAgent({ id: 'alex', queueIds: ['support'], routingStatus: 'OFF_QUEUE', answers: ['never'] })
  const low = at.scene.addConversation({ in: { queueId: 'support' } }).conversationId
  at.scene.advance(1_000)
  const high = at.scene.addConversation({ in: { queueId: 'support' } }).conversationId
  t.equal((await at.ask('PATCH', `/routing/conversations/${high}`, { priority: 5 })).status, 200)
  at.scene.advance(1_000)
  at.scene.setAgent('alex', { routingStatus: 'IDLE' })
  t.strictSame(await userOf(at, high), ['alex'])
  t.strictSame(await userOf(at, low), [])
})

t.test('given two waiting calls of one priority, when an agent becomes idle, then the older one rings', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  const older = at.scene.addConversation({ in: { queueId: 'support' } }).conversationId
  at.scene.advance(10)
  const younger = at.scene.addConversation({ in: { queueId: 'support' } }).conversationId
  at.scene.advance(1_000)
  at.scene.addAgent({ id: 'alex', queueIds: ['support'] })
  t.strictSame([await userOf(at, older), await userOf(at, younger)], [['alex'], []])
})

t.test('given skills asked for, then only an idle, joined member who has them all is offered the call', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  for (const id of ['billing', 'french']) at.scene.addSkill({ id })
  at.scene.addQueue({ id: 'support' })
  at.scene.addQueue({ id: 'other' })
  const both = { skillIds: ['billing', 'french'] }
  at.scene.addAgent({ id: 'one-skill', skillIds: ['billing'], queueIds: ['support'] })
  at.scene.addAgent({ id: 'elsewhere', ...both, queueIds: ['other'] })
  at.scene.addAgent({ id: 'unjoined', ...both, unjoinedQueueIds: ['support'] })
  at.scene.addAgent({ id: 'offline', ...both, queueIds: ['support'], presence: 'Offline' })
  at.scene.addAgent({ id: 'gone', ...both, queueIds: ['support'], state: 'inactive' })
  const { conversationId } = at.scene.addConversation({ in: 'ivr' })
  at.scene.transferByFlow(conversationId, { queueId: 'support', skillIds: ['billing', 'french'], priority: 3 })
  at.scene.advance(10_000)
  t.strictSame(await userOf(at, conversationId), [])
  t.match(await at.legs(conversationId, 'acd'), [
    { conversationRoutingData: { priority: 3, skills: [{ id: 'billing' }, { id: 'french' }] } },
  ])
  at.scene.addAgent({ id: 'right', ...both, queueIds: ['support'] })
  t.strictSame(await userOf(at, conversationId), ['right'])
})

t.test('given two idle agents, then the one who has been idle longer rings first', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  at.scene.addAgent({ id: 'late', queueIds: ['support'], routingStatus: 'OFF_QUEUE' })
  at.scene.addAgent({ id: 'early', queueIds: ['support'] })
  at.scene.advance(500)
  at.scene.setAgent('late', { routingStatus: 'IDLE' })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
  at.scene.advance(100)
  t.strictSame(await userOf(at, conversationId), ['early'])
})

t.test('given an agent who never answers, then after the alerting time they are NOT_RESPONDING and the call goes to another', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support', alertingTimeoutMs: 5_000 })
  at.scene.addAgent({ id: 'asleep', queueIds: ['support'], answers: ['never'] })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
  at.scene.advance(100 + 4_999)
  t.match(await at.legs(conversationId, 'agent'), [{ calls: [{ state: 'alerting' }], alertingTimeoutMs: 5_000 }])
  at.scene.advance(1)
  t.match(await at.legs(conversationId, 'agent'), [{ calls: [{ state: 'terminated', disconnectType: 'transfer.noanswer' }] }])
  t.equal(await statusOf(at, 'asleep'), 'NOT_RESPONDING')
  at.scene.advance(60_000)
  t.equal((await at.legs(conversationId, 'agent')).length, 1, 'nobody else is idle')
  at.scene.addAgent({ id: 'awake', queueIds: ['support'] })
  at.scene.advance(200)
  t.match((await at.legs(conversationId, 'agent'))[1], { userId: 'awake', calls: [{ state: 'connected' }] })
})

t.test('given an agent whose phone fails, then the leg carries an errorInfo and the call is offered again', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  at.scene.addAgent({
    queueIds: ['support'],
    answers: [
      { after: 10, with: 'error' },
      { after: 10, with: 'pickup' },
    ],
  })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
  at.scene.advance(1_000)
  const [failed, answered] = await at.legs(conversationId, 'agent')
  t.match(failed.calls[0], { disconnectType: 'error', errorInfo: { code: String, message: String } })
  t.equal(failed.connectedTime, undefined)
  t.equal(answered.calls[0].state, 'connected')
})

t.test('given an agent who talks for a while, then they are INTERACTING, hang up, wrap up, and take the next call', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support', talkMs: 30_000, afterCallWorkMs: 5_000 })
  at.scene.addAgent({ id: 'alex', queueIds: ['support'] })
  const first = at.scene.addConversation({ in: { queueId: 'support' } }).conversationId
  const second = at.scene.addConversation({ in: { queueId: 'support' } }).conversationId
  at.scene.advance(300)
  t.equal(await statusOf(at, 'alex'), 'INTERACTING')
  t.strictSame(await userOf(at, second), [], 'one call at a time')
  at.scene.advance(30_000)
  const ended = await at.conversation(first)
  t.strictSame(
    [ended.participants[0], ended.participants.at(-1)].map((leg) => leg.calls[0].disconnectType),
    ['peer', 'client'],
  )
  at.scene.advance(4_999)
  t.equal(await statusOf(at, 'alex'), 'INTERACTING')
  at.scene.advance(1)
  t.strictSame(await userOf(at, second), ['alex'])
  t.equal((await at.legs(first, 'agent'))[0].wrapup.durationSeconds, 5)
})

t.test('given a ringing agent, then they are still IDLE, but not offered a second call', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  at.scene.addAgent({ id: 'alex', queueIds: ['support'], answers: ['never'] })
  const { conversationIds } = at.scene.addConversations(2, { in: { queueId: 'support' } })
  at.scene.advance(200)
  t.equal(await statusOf(at, 'alex'), 'IDLE')
  const rung = await Promise.all(conversationIds.map((id) => userOf(at, id)))
  t.strictSame(rung, [['alex'], []])
})

t.test('given a queue that is removed, then the calls that wait in it are offered to nobody', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  at.scene.addQueue({ id: 'support' })
  at.scene.addAgent({ queueIds: ['support'] })
  const { conversationId } = at.scene.addConversation({ in: { queueId: 'support' } })
  at.scene.removeQueue('support')
  at.scene.advance(10_000)
  t.strictSame(await userOf(at, conversationId), [])
})
