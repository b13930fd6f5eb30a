/** The control API of the simulator, used over HTTP. */
import t from 'tap'
import { startPlatform, type TestPlatform } from '../test-platform.ts'

/** Sends requests to the control API, as another process would. */
function createControlClient({ requestWithoutToken }: TestPlatform) {
  return (method: string, path: string, body?: unknown) =>
    requestWithoutToken(
      method,
      `/_simulator${path}`,
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    )
}

t.test(
  'given only the control API, when a client sets up agents and queues, moves a call and ends it, then each request takes effect',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual' })
    const requestControl = createControlClient(platform)
    t.match(await requestControl('POST', '/skills', { id: 'billing' }), { status: 200, body: { id: 'billing', name: String } })
    for (const id of ['support', 'second']) t.equal((await requestControl('POST', '/queues', { id, offerDelayMs: 10 })).status, 200)
    t.equal(
      (
        await requestControl('POST', '/agents', {
          id: 'alex',
          queueIds: ['second'],
          skillIds: ['billing'],
          answers: [{ after: 5, with: 'decline' }, 'never'],
        })
      ).status,
      200,
    )
    const { conversationId } = (await requestControl('POST', '/conversations', { in: 'ivr' })).body
    t.equal(
      (await requestControl('POST', `/conversations/${conversationId}/transfer-by-flow`, { queueId: 'support', priority: 2 })).status,
      200,
    )
    t.equal((await requestControl('POST', '/clock/advance', { ms: 1_000 })).body.now, platform.control.now())
    t.equal((await requestControl('GET', '/clock')).body.now, platform.control.now())

    const [acd] = await platform.getParticipants(conversationId, 'acd')
    await platform.request('POST', `/conversations/${conversationId}/participants/${acd.id}/replace/queue`, { queueId: 'second' })
    t.match((await requestControl('GET', `/transfers?conversationId=${conversationId}`)).body, {
      transfers: [{ kind: 'queue', to: 'second' }],
    })
    t.strictSame((await requestControl('GET', '/transfers?conversationId=other')).body.transfers, [])
    await requestControl('POST', '/clock/advance', { ms: 100 })
    t.match(await platform.getParticipants(conversationId, 'agent'), [{ userId: 'alex', calls: [{ disconnectType: 'client' }] }])

    t.equal((await requestControl('PATCH', '/agents/alex', { answers: [{ after: 1, with: 'pickup' }], presence: 'Available' })).status, 200)
    await requestControl('POST', '/clock/advance', { ms: 10_000 })
    await requestControl('PATCH', '/agents/alex', { routingStatus: 'IDLE' })
    await requestControl('POST', '/clock/advance', { ms: 1 })
    t.equal((await requestControl('POST', `/conversations/${conversationId}/end-by-agent`)).status, 200)
    t.type((await platform.getConversation(conversationId)).endTime, 'string')
  },
)

t.test('given a platform, when faults, permissions, settings and tokens are changed over HTTP, then its responses change', async (t) => {
  const platform = await startPlatform(t)
  const requestControl = createControlClient(platform)
  platform.control.addQueue({ id: 'support' })
  const readQueueStatus = async () => (await platform.request('GET', '/routing/queues/support')).status
  t.equal(
    (
      await requestControl('POST', '/faults', {
        operation: 'GET /routing/queues/{id}',
        times: 'always',
        fault: { kind: 'empty', status: 503 },
      })
    ).status,
    200,
  )
  t.strictSame([await readQueueStatus(), await readQueueStatus()], [503, 503])
  await requestControl('DELETE', '/faults')
  await requestControl('PATCH', '/settings', { permissions: [] })
  t.equal(await readQueueStatus(), 403)
  await requestControl('PATCH', '/settings', { permissions: 'all', requestsPerMinute: 4 })
  t.equal(await readQueueStatus(), 200)
  // Three requests were made before the limit was set, so the one above was the fourth in this minute, and this one is refused.
  t.equal(await readQueueStatus(), 429)
  await requestControl('DELETE', '/tokens')
  t.equal(await readQueueStatus(), 401)
  // `/calls` is the log of the API requests that the platform has received.
  t.match((await requestControl('GET', '/calls')).body, { total: 6, counts: { 'GET /routing/queues/{id}': 6 }, log: Array })
  t.match((await requestControl('GET', '/calls')).body.log[0], {
    operation: 'GET /routing/queues/{id}',
    path: '/api/v2/routing/queues/support',
    status: 503,
    at: String,
  })
  await requestControl('DELETE', '/calls')
  t.equal((await requestControl('GET', '/calls')).body.total, 0)
  await requestControl('DELETE', '/queues/support')
  t.throws(() => platform.control.removeQueue('support'), { message: /no queue support/ })
})

t.test('given one request that starts several calls, then each has its own id and can be ended or moved', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const requestControl = createControlClient(platform)
  platform.control.addQueue({ id: 'support' })
  const { conversationIds } = (await requestControl('POST', '/conversations', { count: 3, in: { queueId: 'support' } })).body
  t.equal(new Set(conversationIds).size, 3)
  t.equal((await requestControl('POST', `/conversations/${conversationIds[0]}/hang-up`)).status, 200)
  t.equal((await requestControl('POST', `/conversations/${conversationIds[1]}/flow-out`, { to: 'ivr' })).status, 200)
  t.match(await platform.getParticipants(conversationIds[1], 'ivr'), [{}, { calls: [{ state: 'connected' }] }])
})

t.test(
  'given a platform with changed settings, when it is reset, then it is empty, has its initial settings, and tokens stay valid',
  async (t) => {
    const platform = await startPlatform(t, { clock: 'manual', requestsPerMinute: 50 })
    platform.control.addSkill({ id: 'billing' })
    platform.control.configure({ requestsPerMinute: 0, talkMs: 5, permissions: [] })
    platform.control.addFault({ times: 'always', fault: { kind: 'silence' } })
    t.equal((await createControlClient(platform)('POST', '/reset')).status, 200)
    const response = await platform.request('GET', '/routing/skills/billing')
    t.equal(response.status, 404)
    t.strictSame(
      ['count', 'allowed'].map((name) => response.headers.get(`inin-ratelimit-${name}`)),
      ['1', '50'],
    )
    t.equal(platform.control.requests().total, 1)
  },
)

t.test('given an invalid request, then it is refused with 400 and a message that says what is wrong, and nothing is changed', async (t) => {
  const platform = await startPlatform(t, { clock: 'manual' })
  const requestControl = createControlClient(platform)
  const invalidRequests: [method: string, path: string, body: unknown, expectedMessage: RegExp][] = [
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
  for (const [method, path, body, expectedMessage] of invalidRequests) {
    const response = await requestControl(method, path, body)
    t.equal(response.status, 400, path)
    t.match(response.body.error, expectedMessage)
  }
  t.doesNotThrow(() => platform.control.addQueue({ id: 'support' }), 'the refused queue was not added')
})

t.test('given a request for the index, then it lists the routes, and is not in the request log of the platform', async (t) => {
  const platform = await startPlatform(t)
  const { status, body } = await createControlClient(platform)('GET', '')
  t.equal(status, 200)
  t.match(body.routes, { 'POST /_simulator/faults': String, 'GET /_simulator/calls': String, 'POST /_simulator/reset': String })
  t.equal(platform.control.requests().total, 0)
})

t.test('given one more OAuth client, then it can log in until it is removed, and a client without a secret is refused', async (t) => {
  const platform = await startPlatform(t)
  const requestControl = createControlClient(platform)
  const logIn = async () => (await platform.logIn('second', 'its secret')).status
  t.not(await logIn(), 200)
  t.match(await requestControl('POST', '/clients', { id: 'second' }), { status: 400, body: { error: /secret/ } })
  t.equal((await requestControl('POST', '/clients', { id: 'second', secret: 'its secret' })).status, 200)
  t.equal(await logIn(), 200)
  t.equal((await requestControl('DELETE', '/clients/second')).status, 200)
  t.not(await logIn(), 200)
})
