import t from 'tap'
import { stage } from '../stage.ts'

t.test('given the right client, when it logs in, then a bearer token with its lifetime', async (t) => {
  const { logIn, scene } = await stage(t, { clock: 'manual' })
  t.match(await logIn(), { status: 200, body: { access_token: /^.{20,}$/, token_type: 'bearer', expires_in: 86_400 } })
  scene.setTokenLifetime(300)
  t.equal((await logIn()).body.expires_in, 300)
})

t.test('given a client of its own, then only that one logs in', async (t) => {
  const { logIn } = await stage(t, { clientId: 'mine', clientSecret: 'sesame' })
  t.equal((await logIn('mine', 'sesame')).status, 200)
  for (const [id, secret] of [
    ['mine', 'wrong'],
    ['handoff-demo', 'handoff-demo-secret'],
  ] as const) {
    t.match(await logIn(id, secret), { status: 400, body: { error: 'invalid_client', description: String, error_description: String } })
  }
})

t.test('given another grant, or none, then 400 says so', async (t) => {
  const { knock } = await stage(t)
  const authorization = `Basic ${btoa('handoff-demo:handoff-demo-secret')}`
  const ask = (body: string) =>
    knock('POST', '/oauth/token', { body, headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' } })
  t.match(await ask('grant_type=password'), { status: 400, body: { error: 'unsupported_grant_type' } })
  t.match(await ask(''), { status: 400, body: { error: 'invalid_request' } })
})

t.test('given no token, a strange one, an expired one or a revoked one, then 401 with the documented code', async (t) => {
  const { scene, ask, knock } = await stage(t, { clock: 'manual', tokenLifetimeSeconds: 60 })
  scene.addQueue({ id: 'support' })
  const read = () => ask('GET', '/routing/queues/support')
  t.match(await knock('GET', '/api/v2/routing/queues/support'), { status: 401, body: { code: 'authentication.required', status: 401 } })
  t.match(await ask('GET', '/routing/queues/support', undefined, { authorization: 'Bearer strange' }), {
    status: 401,
    body: { code: 'bad.credentials' },
  })
  scene.advance(59_999)
  t.equal((await read()).status, 200)
  scene.advance(1)
  t.match(await read(), { status: 401, body: { code: 'bad.credentials', message: 'Invalid login credentials.' } })
})

t.test('given revoked tokens, then those that were out are dead and a new login works', async (t) => {
  const { scene, ask, logIn } = await stage(t)
  scene.addQueue({ id: 'support' })
  scene.revokeTokens()
  t.equal((await ask('GET', '/routing/queues/support')).status, 401)
  const { access_token: fresh } = (await logIn()).body
  t.equal((await ask('GET', '/routing/queues/support', undefined, { authorization: `Bearer ${fresh}` })).status, 200)
})

t.test('given a client that lacks a permission, then 403 names what it needs', async (t) => {
  const { scene, ask } = await stage(t)
  scene.addQueue({ id: 'support' })
  const { conversationId } = scene.addConversation({ in: 'ivr' })
  scene.setPermissions([])
  const replace = () => ask('POST', `/conversations/${conversationId}/participants/x/replace/queue`, { queueId: 'support' })
  t.match(await replace(), {
    status: 403,
    body: {
      code: 'missing.any.permissions',
      message:
        'Unable to perform the requested action. You must have at least one of the following permissions assigned: [conversation:communication:blindTransfer, conversation:communication:blindTransferQueue]',
    },
  })
  t.match(await ask('GET', '/routing/queues/support'), {
    status: 403,
    body: {
      code: 'missing.permissions',
      message: 'Unable to perform the requested action. You are missing the following permission(s): [routing:queue:view]',
    },
  })
  t.equal((await ask('GET', `/conversations/calls/${conversationId}`)).status, 200, 'this one needs none')
  scene.setPermissions(['conversation:communication:blindTransferQueue'])
  t.equal((await replace()).status, 404, 'any of them will do: now it is the participant that is missing')
  t.equal(
    (await ask('POST', `/conversations/${conversationId}/participants/x/transfer`, { address: '+13175550123' })).status,
    403,
    'a number needs the whole blindTransfer',
  )
  scene.setPermissions('all')
  t.equal((await ask('GET', '/routing/queues/support')).status, 200)
})
