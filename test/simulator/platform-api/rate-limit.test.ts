/** How the rate limit of a token is counted and reported. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'
import { findMismatches, unavailableReason } from '../views/documented-shapes.ts'

const rateLimitHeaders = ({ headers }: { headers: Headers }) =>
  ['count', 'allowed', 'reset'].map((name) => Number(headers.get(`inin-ratelimit-${name}`)))

t.test(
  'given a token that has used up its allowance, then requests are refused with 429 and Retry-After until its minute is over',
  async (t) => {
    const { control, request } = await startPlatform(t, { clock: 'manual', requestsPerMinute: 2 })
    control.addQueue({ id: 'support' })
    const read = () => request('GET', '/routing/queues/support')
    t.strictSame(rateLimitHeaders(await read()), [1, 2, 60])
    control.advance(20_000)
    t.strictSame(rateLimitHeaders(await read()), [2, 2, 40])
    const refused = await read()
    t.equal(refused.status, 429)
    t.equal(refused.headers.get('retry-after'), '40')
    t.match(refused.body, {
      code: 'too.many.requests',
      status: 429,
      message: 'Rate limit exceeded the maximum. Retry the request in [40] seconds',
      contextId: refused.headers.get('inin-correlation-id'),
    })
    control.advance(39_999)
    t.equal((await read()).headers.get('retry-after'), '1')
    control.advance(1)
    t.strictSame(rateLimitHeaders(await read()), [1, 2, 60], 'the next window begins with the next request')
  },
)

t.test('given a request that is refused for the rate limit, then it is not executed', async (t) => {
  const { control, request } = await startPlatform(t, { clock: 'manual', requestsPerMinute: 0 })
  const { conversationId } = control.addConversation({ in: 'ivr' })
  t.equal((await request('POST', `/conversations/${conversationId}/disconnect`)).status, 429)
  t.doesNotThrow(() => control.hangUp(conversationId), 'the call is still active')
})

t.test('given two tokens of one client, then each has its own allowance', async (t) => {
  const { requestWithoutToken, logIn, control } = await startPlatform(t, { clock: 'manual', requestsPerMinute: 1 })
  control.addQueue({ id: 'support' })
  const tokens = [(await logIn()).body.access_token, (await logIn()).body.access_token]
  const read = async (token: string) =>
    (await requestWithoutToken('GET', '/api/v2/routing/queues/support', { headers: { authorization: `Bearer ${token}` } })).status
  t.strictSame([await read(tokens[0]), await read(tokens[1]), await read(tokens[0]), await read(tokens[1])], [200, 200, 429, 429])
})

t.test('given an allowance that is changed while the simulator runs, then it applies from the next request', async (t) => {
  const { control, request } = await startPlatform(t, { clock: 'manual', requestsPerMinute: 1 })
  control.addQueue({ id: 'support' })
  await request('GET', '/routing/queues/support')
  t.equal((await request('GET', '/routing/queues/support')).status, 429)
  control.setRequestsPerMinute(100)
  t.strictSame(rateLimitHeaders(await request('GET', '/routing/queues/support')), [3, 100, 60])
})

t.test('given refusals of every kind, then each response has its own correlation id', async (t) => {
  const { request, requestWithoutToken } = await startPlatform(t, { clock: 'manual' })
  const responses = [
    await request('GET', '/conversations/none'),
    await request('GET', '/nowhere'),
    await requestWithoutToken('GET', '/api/v2/users/x'),
    await requestWithoutToken('POST', '/oauth/token'),
  ]
  const ids = responses.map(({ headers }) => headers.get('inin-correlation-id'))
  t.equal(new Set(ids.filter((id) => id !== null)).size, responses.length)
})

const skipOptions = unavailableReason === false ? {} : { skip: unavailableReason }

t.test(
  'given a limit of the organization for the assignment routes, then all tokens share it, and other routes and the headers do not',
  async (t) => {
    const { requestWithoutToken, logIn, control } = await startPlatform(t, { clock: 'manual' })
    control.addQueue({ id: 'support' })
    const { conversationId } = control.addConversation({ in: { queueId: 'support' } })
    control.configure({ assignmentRequestsPerMinute: 3 })
    const tokens = [(await logIn()).body.access_token, (await logIn()).body.access_token]
    const send = async (token: string, method: string, path: string) =>
      requestWithoutToken(method, `/api/v2${path}`, {
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method === 'PATCH' && { body: '{"priority":1}' }),
      })
    const assignmentRoutes = [
      ['GET', '/routing/queues/support'],
      ['GET', '/routing/queues/support/members'],
      ['PATCH', `/routing/conversations/${conversationId}`],
    ] as const
    for (const [index, [method, path]] of assignmentRoutes.entries()) t.equal((await send(tokens[index % 2], method, path)).status, 200)
    control.advance(20_000)
    for (const token of tokens)
      for (const [method, path] of assignmentRoutes) {
        const refused = await send(token, method, path)
        t.equal(refused.status, 429)
        t.equal(refused.headers.get('retry-after'), '40')
        t.equal(rateLimitHeaders(refused)[1], 300, 'the headers are about the token')
        t.match(refused.body, {
          code: 'too.many.requests',
          message: 'Rate limit exceeded the maximum. Retry the request in [40] seconds',
          limit: { key: 'assignment.org.rate.per.minute', namespace: 'routing', value: 3 },
        })
      }
    t.equal((await send(tokens[0], 'GET', `/conversations/${conversationId}`)).status, 200)
    control.advance(40_000)
    t.equal((await send(tokens[1], 'GET', '/routing/queues/support/members')).status, 200, 'the next window begins with the next request')
  },
)

t.test(
  'given both kinds of limits, then the bodies of their refusals have the documented shape and name the limit',
  skipOptions,
  async (t) => {
    const { control, request } = await startPlatform(t, { clock: 'manual' })
    control.addQueue({ id: 'support' })
    const read = async () => (await request('GET', '/routing/queues/support')).body
    const bodies: Array<[key: string, body: unknown]> = []
    control.configure({ assignmentRequestsPerMinute: 0 })
    bodies.push(['assignment.org.rate.per.minute', await read()])
    control.setRequestsPerMinute(0)
    bodies.push(['client.credentials.token.rate.per.minute', await read()])
    control.configure({ assignmentRequestsPerMinute: null, requestsPerMinute: 300 })
    for (const scope of ['organization', 'token'] as const) {
      control.addFault({ fault: { kind: 'rate-limited', retryAfterSeconds: 7, scope } })
      bodies.push([scope === 'token' ? 'client.credentials.token.rate.per.minute' : 'assignment.org.rate.per.minute', await read()])
    }
    for (const [key, body] of bodies) {
      t.strictSame(findMismatches('ErrorBody', body), [])
      t.match(body, { code: 'too.many.requests', limit: { key } })
    }
  },
)

t.test('given the limits of the organization, then they are listed by namespace to any client', skipOptions, async (t) => {
  const { control, request } = await startPlatform(t, { clock: 'manual' })
  control.setPermissions([])
  const list = async (namespace: string) => (await request('GET', `/organizations/limits/namespaces/${namespace}`)).body.entities
  t.strictSame(await list('platform.api'), [{ key: 'client.credentials.token.rate.per.minute', namespace: 'platform.api', value: 300 }])
  t.strictSame(await list('routing'), [])
  control.configure({ assignmentRequestsPerMinute: 60 })
  const limits = await list('routing')
  t.match(limits, [{ namespace: 'routing', value: 60 }])
  for (const limit of limits) t.strictSame(findMismatches('Limit', limit), [])
})
