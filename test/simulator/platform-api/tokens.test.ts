/** Which logins, tokens and permissions are accepted. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'

t.test('given the right client, when it logs in, then it gets a bearer token with its lifetime', async (t) => {
  const { logIn, control } = await startPlatform(t, { clock: 'manual' })
  t.match(await logIn(), { status: 200, body: { access_token: /^.{20,}$/, token_type: 'bearer', expires_in: 86_400 } })
  control.setTokenLifetime(300)
  t.equal((await logIn()).body.expires_in, 300)
})

t.test('given a client id and secret as options, then only that client can log in', async (t) => {
  const { logIn } = await startPlatform(t, { clientId: 'mine', clientSecret: 'sesame' })
  t.equal((await logIn('mine', 'sesame')).status, 200)
  for (const [id, secret] of [
    ['mine', 'wrong'],
    ['handoff-demo', 'handoff-demo-secret'],
  ] as const) {
    t.match(await logIn(id, secret), { status: 400, body: { error: 'invalid_client', description: String, error_description: String } })
  }
})

t.test('given another grant type or none, when a client logs in, then it is refused with 400', async (t) => {
  const { requestWithoutToken } = await startPlatform(t)
  const authorization = `Basic ${btoa('handoff-demo:handoff-demo-secret')}`
  const request = (body: string) =>
    requestWithoutToken('POST', '/oauth/token', { body, headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' } })
  t.match(await request('grant_type=password'), { status: 400, body: { error: 'unsupported_grant_type' } })
  t.match(await request(''), { status: 400, body: { error: 'invalid_request' } })
})

t.test('given no token, an unknown one or an expired one, then a request is refused with 401 and the documented code', async (t) => {
  const { control, request, requestWithoutToken } = await startPlatform(t, { clock: 'manual', tokenLifetimeSeconds: 60 })
  control.addQueue({ id: 'support' })
  const read = () => request('GET', '/routing/queues/support')
  t.match(await requestWithoutToken('GET', '/api/v2/routing/queues/support'), {
    status: 401,
    body: { code: 'authentication.required', status: 401 },
  })
  t.match(await request('GET', '/routing/queues/support', undefined, { authorization: 'Bearer unknown' }), {
    status: 401,
    body: { code: 'bad.credentials' },
  })
  control.advance(59_999)
  t.equal((await read()).status, 200)
  control.advance(1)
  t.match(await read(), { status: 401, body: { code: 'bad.credentials', message: 'Invalid login credentials.' } })
})

t.test('given revoked tokens, then they are not valid any more, and a new login works', async (t) => {
  const { control, request, logIn } = await startPlatform(t)
  control.addQueue({ id: 'support' })
  control.revokeTokens()
  t.equal((await request('GET', '/routing/queues/support')).status, 401)
  const { access_token: fresh } = (await logIn()).body
  t.equal((await request('GET', '/routing/queues/support', undefined, { authorization: `Bearer ${fresh}` })).status, 200)
})

t.test('given a client that lacks a permission, then 403 names the required ones', async (t) => {
  const { control, request } = await startPlatform(t)
  control.addQueue({ id: 'support' })
  const { conversationId } = control.addConversation({ in: 'ivr' })
  control.setPermissions([])
  const replace = () => request('POST', `/conversations/${conversationId}/participants/x/replace/queue`, { queueId: 'support' })
  t.match(await replace(), {
    status: 403,
    body: {
      code: 'missing.any.permissions',
      message:
        'Unable to perform the requested action. You must have at least one of the following permissions assigned: [conversation:communication:blindTransfer, conversation:communication:blindTransferQueue]',
    },
  })
  t.match(await request('GET', '/routing/queues/support'), {
    status: 403,
    body: {
      code: 'missing.permissions',
      message: 'Unable to perform the requested action. You are missing the following permission(s): [routing:queue:view]',
    },
  })
  t.equal((await request('GET', `/conversations/calls/${conversationId}`)).status, 200, 'this operation requires no permission')
  control.setPermissions(['conversation:communication:blindTransferQueue'])
  t.equal((await replace()).status, 404, 'one of the permissions is enough: only the participant is unknown now')
  t.equal(
    (await request('POST', `/conversations/${conversationId}/participants/x/transfer`, { address: '+13175550123' })).status,
    403,
    'a number requires the full blindTransfer permission',
  )
  control.setPermissions('all')
  t.equal((await request('GET', '/routing/queues/support')).status, 200)
})
