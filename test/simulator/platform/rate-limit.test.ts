import t from 'tap'
import { stage } from '../stage.ts'

const meter = ({ headers }: { headers: Headers }) =>
  ['count', 'allowed', 'reset'].map((name) => Number(headers.get(`inin-ratelimit-${name}`)))

t.test('given an allowance, when a token has used it up, then 429 with Retry-After until its minute is over', async (t) => {
  const { scene, ask } = await stage(t, { clock: 'manual', requestsPerMinute: 2 })
  scene.addQueue({ id: 'support' })
  const read = () => ask('GET', '/routing/queues/support')
  t.strictSame(meter(await read()), [1, 2, 60])
  scene.advance(20_000)
  t.strictSame(meter(await read()), [2, 2, 40])
  const refused = await read()
  t.equal(refused.status, 429)
  t.equal(refused.headers.get('retry-after'), '40')
  t.match(refused.body, {
    code: 'too.many.requests',
    status: 429,
    message: 'Rate limit exceeded the maximum. Retry the request in [40] seconds',
    contextId: refused.headers.get('inin-correlation-id'),
  })
  scene.advance(39_999)
  t.equal((await read()).headers.get('retry-after'), '1')
  scene.advance(1)
  t.strictSame(meter(await read()), [1, 2, 60], 'the next window begins with the next request')
})

t.test('given a refused request, then it was not acted upon', async (t) => {
  const { scene, ask } = await stage(t, { clock: 'manual', requestsPerMinute: 0 })
  const { conversationId } = scene.addConversation({ in: 'ivr' })
  t.equal((await ask('POST', `/conversations/${conversationId}/disconnect`)).status, 429)
  t.doesNotThrow(() => scene.hangUp(conversationId), 'it is still there to be hung up')
})

t.test('given two tokens of one client, then each has an allowance of its own', async (t) => {
  const { knock, logIn, scene } = await stage(t, { clock: 'manual', requestsPerMinute: 1 })
  scene.addQueue({ id: 'support' })
  const tokens = [(await logIn()).body.access_token, (await logIn()).body.access_token]
  const read = async (token: string) =>
    (await knock('GET', '/api/v2/routing/queues/support', { headers: { authorization: `Bearer ${token}` } })).status
  t.strictSame([await read(tokens[0]), await read(tokens[1]), await read(tokens[0]), await read(tokens[1])], [200, 200, 429, 429])
})

t.test('given another allowance while running, then it holds from the next request', async (t) => {
  const { scene, ask } = await stage(t, { clock: 'manual', requestsPerMinute: 1 })
  scene.addQueue({ id: 'support' })
  await ask('GET', '/routing/queues/support')
  t.equal((await ask('GET', '/routing/queues/support')).status, 429)
  scene.setRequestsPerMinute(100)
  t.strictSame(meter(await ask('GET', '/routing/queues/support')), [3, 100, 60])
})

t.test('given refusals of every kind, then a correlation id is on each answer', async (t) => {
  const { ask, knock } = await stage(t, { clock: 'manual' })
  const answers = [
    await ask('GET', '/conversations/none'),
    await ask('GET', '/nowhere'),
    await knock('GET', '/api/v2/users/x'),
    await knock('POST', '/oauth/token'),
  ]
  const ids = answers.map(({ headers }) => headers.get('inin-correlation-id'))
  t.equal(new Set(ids.filter((id) => id !== null)).size, answers.length)
})
