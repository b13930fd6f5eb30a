import t from 'tap'
import { stage, type Stage } from '../stage.ts'

function remote({ knock }: Stage) {
  return (method: string, path: string, body?: unknown) =>
    knock(
      method,
      `/_simulator${path}`,
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    )
}

t.test('given another process, then it sets the scene, drives a call to its end and reads the evidence, all over HTTP', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const control = remote(at)
  t.match(await control('POST', '/skills', { id: 'billing' }), { status: 200, body: { id: 'billing', name: String } })
  for (const id of ['support', 'second']) t.equal((await control('POST', '/queues', { id, offerDelayMs: 10 })).status, 200)
  t.equal(
    (
      await control('POST', '/agents', {
        id: 'alex',
        queueIds: ['second'],
        skillIds: ['billing'],
        answers: [{ after: 5, with: 'decline' }, 'never'],
      })
    ).status,
    200,
  )
  const { conversationId } = (await control('POST', '/conversations', { in: 'ivr' })).body
  t.equal((await control('POST', `/conversations/${conversationId}/transfer-by-flow`, { queueId: 'support', priority: 2 })).status, 200)
  t.equal((await control('POST', '/clock/advance', { ms: 1_000 })).body.now, at.scene.now())
  t.equal((await control('GET', '/clock')).body.now, at.scene.now())

  const [acd] = await at.legs(conversationId, 'acd')
  await at.ask('POST', `/conversations/${conversationId}/participants/${acd.id}/replace/queue`, { queueId: 'second' })
  t.match((await control('GET', `/transfers?conversationId=${conversationId}`)).body, { transfers: [{ kind: 'queue', to: 'second' }] })
  t.strictSame((await control('GET', '/transfers?conversationId=other')).body.transfers, [])
  await control('POST', '/clock/advance', { ms: 100 })
  t.match(await at.legs(conversationId, 'agent'), [{ userId: 'alex', calls: [{ disconnectType: 'client' }] }])

  t.equal((await control('PATCH', '/agents/alex', { answers: [{ after: 1, with: 'pickup' }], presence: 'Available' })).status, 200)
  await control('POST', '/clock/advance', { ms: 10_000 })
  await control('PATCH', '/agents/alex', { routingStatus: 'IDLE' })
  await control('POST', '/clock/advance', { ms: 1 })
  t.equal((await control('POST', `/conversations/${conversationId}/end-by-agent`)).status, 200)
  t.type((await at.conversation(conversationId)).endTime, 'string')
})

t.test('given faults, permissions, tokens and settings set over HTTP, then the platform obeys', async (t) => {
  const at = await stage(t)
  const control = remote(at)
  at.scene.addQueue({ id: 'support' })
  const read = async () => (await at.ask('GET', '/routing/queues/support')).status
  t.equal(
    (await control('POST', '/faults', { operation: 'GET /routing/queues/{id}', times: 'always', fault: { kind: 'empty', status: 503 } }))
      .status,
    200,
  )
  t.strictSame([await read(), await read()], [503, 503])
  await control('DELETE', '/faults')
  await control('PATCH', '/settings', { permissions: [] })
  t.equal(await read(), 403)
  await control('PATCH', '/settings', { permissions: 'all', requestsPerMinute: 4 })
  t.equal(await read(), 200)
  t.equal(await read(), 429)
  await control('DELETE', '/tokens')
  t.equal(await read(), 401)
  t.match((await control('GET', '/calls')).body, { total: 6, counts: { 'GET /routing/queues/{id}': 6 }, log: Array })
  t.match((await control('GET', '/calls')).body.log[0], {
    operation: 'GET /routing/queues/{id}',
    path: '/api/v2/routing/queues/support',
    status: 503,
    at: String,
  })
  await control('DELETE', '/calls')
  t.equal((await control('GET', '/calls')).body.total, 0)
  await control('DELETE', '/queues/support')
  t.throws(() => at.scene.removeQueue('support'), { message: /no queue support/ })
})

t.test('given many calls at once, then as many ids; each can be hung up or flow out', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const control = remote(at)
  at.scene.addQueue({ id: 'support' })
  const { conversationIds } = (await control('POST', '/conversations', { count: 3, in: { queueId: 'support' } })).body
  t.equal(new Set(conversationIds).size, 3)
  t.equal((await control('POST', `/conversations/${conversationIds[0]}/hang-up`)).status, 200)
  t.equal((await control('POST', `/conversations/${conversationIds[1]}/flow-out`, { to: 'ivr' })).status, 200)
  t.match(await at.legs(conversationIds[1], 'ivr'), [{}, { calls: [{ state: 'connected' }] }])
})

t.test('given a reset, then the scene is empty and the settings are those of the start, while tokens stay good', async (t) => {
  const at = await stage(t, { clock: 'manual', requestsPerMinute: 50 })
  at.scene.addSkill({ id: 'billing' })
  at.scene.configure({ requestsPerMinute: 0, talkMs: 5, permissions: [] })
  at.scene.addFault({ times: 'always', fault: { kind: 'silence' } })
  t.equal((await remote(at)('POST', '/reset')).status, 200)
  const heard = await at.ask('GET', '/routing/skills/billing')
  t.equal(heard.status, 404)
  t.strictSame(
    ['count', 'allowed'].map((name) => heard.headers.get(`inin-ratelimit-${name}`)),
    ['1', '50'],
  )
  t.equal(at.scene.calls().total, 1)
})

t.test('given a wrong body, then 400 names the field, and nothing was changed', async (t) => {
  const at = await stage(t, { clock: 'manual' })
  const control = remote(at)
  const refused: [method: string, path: string, body: unknown, says: RegExp][] = [
    ['POST', '/skills', { title: 'x' }, /skill\/title is not known/],
    ['POST', '/queues', { id: 'support', offerDelayMs: -1 }, /queue\/offerDelayMs/],
    ['POST', '/agents', { answers: [{ after: 1, with: 'shrug' }] }, /agent\/answers/],
    ['POST', '/agents', { queueIds: ['nowhere'] }, /no queue nowhere/],
    ['POST', '/conversations', {}, /required/],
    ['POST', '/conversations', { in: 'ivr', count: 0 }, /count/],
    ['POST', '/faults', { fault: { kind: 'status' } }, /fault/],
    ['POST', '/clock/advance', {}, /ms/],
    ['PATCH', '/settings', { latencyMs: 'slow' }, /settings\/latencyMs/],
    ['PATCH', '/skills/none', { state: 'active' }, /no skill none/],
    ['POST', '/conversations/none/hang-up', undefined, /no conversation none/],
  ]
  for (const [method, path, body, says] of refused) {
    const heard = await control(method, path, body)
    t.equal(heard.status, 400, path)
    t.match(heard.body.error, says)
  }
  t.doesNotThrow(() => at.scene.addQueue({ id: 'support' }), 'the refused queue is not there')
})

t.test('given the index, then it lists every route, and no request to the control API counts as a call', async (t) => {
  const at = await stage(t)
  const { status, body } = await remote(at)('GET', '')
  t.equal(status, 200)
  t.match(body.routes, { 'POST /_simulator/faults': String, 'GET /_simulator/calls': String, 'POST /_simulator/reset': String })
  t.equal(at.scene.calls().total, 0)
})
