/** How the rate limit of a token is counted and reported. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'

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
  const answers = [
    await request('GET', '/conversations/none'),
    await request('GET', '/nowhere'),
    await requestWithoutToken('GET', '/api/v2/users/x'),
    await requestWithoutToken('POST', '/oauth/token'),
  ]
  const ids = answers.map(({ headers }) => headers.get('inin-correlation-id'))
  t.equal(new Set(ids.filter((id) => id !== null)).size, answers.length)
})
