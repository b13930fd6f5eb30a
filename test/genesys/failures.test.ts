import t from 'tap'
import type { Test } from 'tap'
import { connectGenesys } from '../../src/genesys/client.ts'
import type { GenesysClient } from '../../src/genesys/client.ts'
import type { GenesysError } from '../../src/genesys/http/errors.ts'
import { connected, failure, half, inMs, json, rawServer, reset, settings, silence, text } from './platform.ts'
import type { Reply } from './platform.ts'

type Call = (genesys: GenesysClient, ms?: number) => Promise<unknown>
const get: Call = (genesys, ms = 3000) => genesys.conversation('c1', inMs(ms))
const post: Call = (genesys, ms = 3000) => genesys.replaceWithQueue('c1', 'p1', 'q1', inMs(ms))
const patch: Call = (genesys, ms = 3000) => genesys.setRouting('c1', { skillIds: ['s1'], priority: 5 }, inMs(ms))

const error = (status: number, code: string, headers: Record<string, string> = {}): Reply =>
  json(status, { status, code, message: `about ${code}` }, headers)

interface Case {
  given: string
  reply: Reply
  expect: Partial<GenesysError>
  /** Requests the platform sees, for GET and for the rest. */ gets: number
  posts: number
  /** Where not as many as POSTs: a PATCH sets values, and may be repeated when its connection broke. */
  patches?: number
  ms?: number
}

const CASES: Case[] = [
  {
    given: '400',
    reply: error(400, 'conversations.error.transfer.not.connected'),
    expect: {
      reason: 'rejected',
      effect: 'none',
      status: 400,
      platformCode: 'conversations.error.transfer.not.connected',
      correlationId: 'corr-0a1b2c3d',
    },
    gets: 1,
    posts: 1,
  },
  {
    given: '403',
    reply: json(403, { code: 'missing.permissions', message: 'missing: conversation:communication:blindTransfer' }),
    expect: { reason: 'forbidden', effect: 'none', missingPermissions: ['conversation:communication:blindTransfer'] },
    gets: 1,
    posts: 1,
  },
  { given: '404', reply: error(404, 'not.found'), expect: { reason: 'not_found', effect: 'none', status: 404 }, gets: 1, posts: 1 },
  { given: '409', reply: error(409, 'conflict'), expect: { reason: 'conflict', effect: 'none', status: 409 }, gets: 1, posts: 1 },
  {
    given: '413 in HTML',
    reply: text(413, '<html>too large</html>'),
    expect: { reason: 'rejected', effect: 'none', status: 413 },
    gets: 1,
    posts: 1,
  },
  {
    given: '401 twice',
    reply: error(401, 'bad.credentials'),
    expect: { reason: 'login_failed', effect: 'none', status: 401, platformCode: 'bad.credentials' },
    gets: 2,
    posts: 2,
  },
  {
    given: '429 with a long Retry-After',
    reply: error(429, 'too.many.requests', { 'retry-after': '30' }),
    expect: { reason: 'rate_limited', effect: 'none' },
    gets: 1,
    posts: 1,
  },
  {
    given: '408',
    reply: error(408, 'request.timeout'),
    expect: { reason: 'unavailable', effect: 'unknown', status: 408 },
    gets: 1,
    posts: 1,
  },
  {
    given: '500',
    reply: error(500, 'internal.server.error'),
    expect: { reason: 'unavailable', effect: 'unknown', status: 500 },
    gets: 1,
    posts: 1,
  },
  {
    given: '502 in HTML',
    reply: text(502, '<html>bad gateway</html>'),
    expect: { reason: 'unavailable', effect: 'unknown', status: 502 },
    gets: 3,
    posts: 1,
  },
  {
    given: '503',
    reply: error(503, 'service.unavailable'),
    expect: { reason: 'unavailable', effect: 'unknown', status: 503 },
    gets: 3,
    posts: 1,
  },
  { given: '504 and nothing', reply: text(504, ''), expect: { reason: 'unavailable', effect: 'unknown', status: 504 }, gets: 3, posts: 1 },
  { given: '503, body cut', reply: half(503), expect: { reason: 'unavailable', effect: 'unknown', status: 503 }, gets: 3, posts: 1 },
  { given: '409, body cut', reply: half(409), expect: { reason: 'conflict', effect: 'none', status: 409 }, gets: 1, posts: 1 },
  {
    given: 'a redirect',
    reply: text(302, '', { location: 'http://127.0.0.1:1/' }),
    expect: { reason: 'malformed', effect: 'unknown', status: 302 },
    gets: 1,
    posts: 1,
  },
  { given: 'a reset', reply: reset, expect: { reason: 'unavailable', effect: 'unknown' }, gets: 3, posts: 1, patches: 3 },
  {
    given: 'a close without an answer',
    reply: (response) => response.socket?.end(),
    expect: { reason: 'unavailable', effect: 'unknown' },
    gets: 3,
    posts: 1,
    patches: 3,
  },
  {
    given: 'garbage',
    reply: (response) => response.socket?.end('HELO relay\r\n\r\n'),
    expect: { reason: 'unavailable', effect: 'unknown' },
    gets: 3,
    posts: 1,
    patches: 3,
  },
  {
    given: 'half a status line',
    reply: (response) => response.socket?.write('HTTP/1.1 2', () => response.socket?.resetAndDestroy()),
    expect: { reason: 'unavailable', effect: 'unknown' },
    gets: 3,
    posts: 1,
    patches: 3,
  },
  { given: 'silence', reply: silence, expect: { reason: 'unavailable', effect: 'unknown' }, gets: 1, posts: 1, ms: 1000 },
]

for (const { given, reply, expect, gets, posts, patches = posts, ms } of CASES) {
  for (const [kind, call, requests] of [
    ['GET', get, gets],
    ['POST', post, posts],
    ['PATCH', patch, patches],
  ] as const) {
    t.test(`given ${given}, a ${kind} tells what that proves`, async (t) => {
      const { genesys, at } = await connected(t)
      await genesys.ready(Date.now() + 3000)
      at.answers(reply)
      t.match(await failure(call(genesys, ms)), expect)
      t.equal(at.calls.length, requests)
    })
  }
}

for (const [given, reply] of [
  ['HTML', text(200, '<html>maintenance</html>', { 'content-type': 'text/html' })],
  ['nothing', text(200, '')],
  ['half a document', text(200, '{"id":')],
  ['a list', json(200, [])],
  ['null', json(200, null)],
  ['more than 5 MB', text(200, `{"id":"${'x'.repeat(5_000_001)}"}`)],
] as const) {
  t.test(`given 200 and ${given}, a GET is malformed`, async (t) => {
    const { genesys, at } = await connected(t)
    at.answers(reply)
    t.match(await failure(get(genesys)), { reason: 'malformed', effect: 'unknown' })
    t.equal(at.calls.length, 1)
  })
}

t.test('given 200 and a body that is cut, a GET is tried again', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(half(200), json(200, { id: 'whole' }))
  t.same(await get(genesys), { id: 'whole' })
})

for (const [given, reply] of [
  ['nothing', text(202, '')],
  ['HTML', text(202, '<html>')],
  ['half a body', half(202)],
  ['200 instead of 202', json(200, { x: 1 })],
  [
    'a body that never ends',
    ((response) => {
      response.writeHead(202, { 'content-length': '9' })
      response.flushHeaders()
    }) as Reply,
  ],
] as const) {
  t.test(`given 202 and ${given}, a transfer counts as accepted`, async (t) => {
    const { genesys, at } = await connected(t)
    at.answers(reply)
    await t.resolves(post(genesys))
    t.equal(at.calls.length, 1)
  })
}

t.test('given a short 429, a GET waits it out and a POST is told how long', async (t) => {
  const { genesys, at } = await connected(t)
  at.answers(json(429, { code: 'too.many.requests' }, { 'retry-after': '1' }), json(200, { id: 'c1' }))
  const started = Date.now()
  t.same(await get(genesys, 4000), { id: 'c1' })
  t.ok(Date.now() - started >= 1000)
  at.answers(json(429, { code: 'too.many.requests', message: 'Retry the request in [1] seconds' }), json(202, undefined))
  const refused = await failure(post(genesys, 4000))
  t.match(refused, { reason: 'rate_limited', effect: 'none', status: 429, retryAfterMs: 1000, platformCode: 'too.many.requests' })
  t.ok(genesys.headroom()[0]!.pausedMs > 0)
})

t.test('given a 401, the token is renewed once and the call goes on', async (t) => {
  for (const call of [get, post]) {
    const { genesys, at } = await connected(t)
    at.answers(json(401, { code: 'bad.credentials' }), json(200, { id: 'c1' }))
    await t.resolves(call(genesys))
    t.same(
      at.calls.map((seen) => seen.headers.authorization),
      ['Bearer canary-token-1', 'Bearer canary-token-2'],
    )
  }
})

t.test('given a login that is refused, nothing is sent', async (t) => {
  const { genesys, at } = await connected(t)
  at.answersLogin(json(401, { error: 'invalid_client', error_description: 'client authentication failed' }))
  t.match(await failure(post(genesys)), {
    operation: 'replaceWithQueue',
    reason: 'login_failed',
    effect: 'none',
    status: 401,
    platformCode: 'invalid_client',
  })
  t.equal(at.calls.length, 0)
})

t.test('given a deadline that is over, nothing is sent', async (t) => {
  const { genesys, at } = await connected(t)
  t.match(await failure(post(genesys, -1)), { reason: 'expired', effect: 'none', operation: 'replaceWithQueue' })
  t.match(await failure(genesys.conversation('c1', inMs(3000, { signal: AbortSignal.abort() }))), { reason: 'expired', effect: 'none' })
  t.equal(at.calls.length, 0)
})

t.test('given a caller who leaves, what was sent stays unknown', async (t) => {
  const { genesys, at } = await connected(t)
  const caller = new AbortController()
  at.answers(() => caller.abort())
  t.match(await failure(genesys.replaceWithQueue('c1', 'p1', 'q1', inMs(3000, { signal: caller.signal }))), {
    reason: 'unavailable',
    effect: 'unknown',
  })
  t.equal(at.calls.length, 1)
})

t.test('given ids that would change the path, nothing is sent; others are encoded', async (t) => {
  const { genesys, at } = await connected(t)
  for (const id of ['', '.', '..', '%2e%2E', '.%2e']) {
    t.match(await failure(genesys.replaceWithQueue(id, 'p1', 'q1', inMs(3000))), { reason: 'rejected', effect: 'none' }, id)
    t.match(await failure(genesys.replaceWithQueue('c1', id, 'q1', inMs(3000))), { reason: 'rejected', effect: 'none' }, id)
  }
  t.equal(at.calls.length, 0)
  await genesys.conversation('../a/b?c=d#e {x}', inMs(3000))
  t.equal(at.calls[0]!.url, '/api/v2/conversations/..%2Fa%2Fb%3Fc%3Dd%23e%20%7Bx%7D')
})

/** A client whose login works and whose API then is not there: the gateway is only asked for tokens once. */
async function cutOff(t: Test, gone: (at: Awaited<ReturnType<typeof connected>>['at']) => Promise<unknown>) {
  const { genesys, at } = await connected(t)
  await genesys.ready(Date.now() + 3000)
  await gone(at)
  return genesys
}

t.test('given a port that is closed, it is proved that nothing was sent', async (t) => {
  const genesys = await cutOff(t, (at) => at.close())
  for (const call of [get, post, patch])
    t.match(await failure(call(genesys)), { reason: 'unavailable', effect: 'none', message: /ECONNREFUSED/ })
})

t.test('given a name that does not exist, nothing was sent', async (t) => {
  const genesys = await connectGenesys(settings('http://genesys.invalid'))
  t.teardown(() => genesys.close())
  t.match(await failure(post(genesys, 6000)), {
    operation: 'replaceWithQueue',
    reason: 'unavailable',
    effect: 'none',
    message: /ENOTFOUND|EAI_AGAIN/,
  })
})

t.test('given a login that does not come in time, nothing was sent', async (t) => {
  const server = await rawServer(() => {})
  const genesys = await connectGenesys(settings(`http://127.0.0.1:${server.port}`))
  t.teardown(async () => {
    await genesys.close()
    await server.close()
  })
  t.match(await failure(post(genesys, 200)), { operation: 'replaceWithQueue', reason: 'expired', effect: 'none' })
})
