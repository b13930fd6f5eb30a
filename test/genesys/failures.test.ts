/** For each way in which a request can fail: the reason in the error, whether the platform may have acted, and how often the request is sent. */
import t, { type Test } from 'tap'
import { connectGenesys, type GenesysClient } from '../../src/genesys/client.ts'
import type { GenesysError } from '../../src/genesys/http/errors.ts'
import { connectToFakePlatform, createSettings, dueIn, rejection } from './support/connect.ts'
import { neverReply, replyJson, replyText, replyTruncated, resetConnection, type Reply } from './support/fake-platform.ts'
import { startRawServer } from './support/raw-server.ts'

type Call = (genesys: GenesysClient, ms?: number) => Promise<unknown>
const get: Call = (genesys, ms = 20_000) => genesys.conversation('c1', dueIn(ms))
const post: Call = (genesys, ms = 20_000) => genesys.replaceWithQueue('c1', 'p1', 'q1', dueIn(ms))
const patch: Call = (genesys, ms = 20_000) => genesys.setRouting('c1', { skillIds: ['s1'], priority: 5 }, dueIn(ms))

const replyError = (status: number, code: string, headers: Record<string, string> = {}): Reply =>
  replyJson(status, { status, code, message: `about ${code}` }, headers)

interface FailureCase {
  /** What the platform does with every request. */
  given: string
  reply: Reply
  error: Partial<GenesysError>
  /** How many requests the platform receives for a GET, and for a POST. */
  gets: number
  posts: number
  /** For a PATCH, if not as many as for a POST: it may be repeated if its connection broke. */
  patches?: number
  /** Time until the deadline of the call. */
  ms?: number
}

const failureCases: FailureCase[] = [
  {
    given: '400',
    reply: replyError(400, 'conversations.error.transfer.not.connected'),
    error: {
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
    reply: replyJson(403, { code: 'missing.permissions', message: 'missing: conversation:communication:blindTransfer' }),
    error: { reason: 'forbidden', effect: 'none', missingPermissions: ['conversation:communication:blindTransfer'] },
    gets: 1,
    posts: 1,
  },
  { given: '404', reply: replyError(404, 'not.found'), error: { reason: 'not_found', effect: 'none', status: 404 }, gets: 1, posts: 1 },
  { given: '409', reply: replyError(409, 'conflict'), error: { reason: 'conflict', effect: 'none', status: 409 }, gets: 1, posts: 1 },
  {
    given: '413 in HTML',
    reply: replyText(413, '<html>too large</html>'),
    error: { reason: 'rejected', effect: 'none', status: 413 },
    gets: 1,
    posts: 1,
  },
  {
    given: '401 twice',
    reply: replyError(401, 'bad.credentials'),
    error: { reason: 'login_failed', effect: 'none', status: 401, platformCode: 'bad.credentials' },
    gets: 2,
    posts: 2,
  },
  {
    given: '429 with a long Retry-After',
    reply: replyError(429, 'too.many.requests', { 'retry-after': '30' }),
    error: { reason: 'rate_limited', effect: 'none' },
    gets: 1,
    posts: 1,
  },
  {
    given: '408',
    reply: replyError(408, 'request.timeout'),
    error: { reason: 'unavailable', effect: 'unknown', status: 408 },
    gets: 1,
    posts: 1,
  },
  {
    given: '500',
    reply: replyError(500, 'internal.server.error'),
    error: { reason: 'unavailable', effect: 'unknown', status: 500 },
    gets: 1,
    posts: 1,
  },
  {
    given: '502 in HTML',
    reply: replyText(502, '<html>bad gateway</html>'),
    error: { reason: 'unavailable', effect: 'unknown', status: 502 },
    gets: 3,
    posts: 1,
  },
  {
    given: '503',
    reply: replyError(503, 'service.unavailable'),
    error: { reason: 'unavailable', effect: 'unknown', status: 503 },
    gets: 3,
    posts: 1,
  },
  {
    given: '504 without a body',
    reply: replyText(504, ''),
    error: { reason: 'unavailable', effect: 'unknown', status: 504 },
    gets: 3,
    posts: 1,
  },
  {
    given: '503 with a truncated body',
    reply: replyTruncated(503),
    error: { reason: 'unavailable', effect: 'unknown', status: 503 },
    gets: 3,
    posts: 1,
  },
  {
    given: '409 with a truncated body',
    reply: replyTruncated(409),
    error: { reason: 'conflict', effect: 'none', status: 409 },
    gets: 1,
    posts: 1,
  },
  {
    given: 'a redirect',
    reply: replyText(302, '', { location: 'http://127.0.0.1:1/' }),
    error: { reason: 'malformed', effect: 'unknown', status: 302 },
    gets: 1,
    posts: 1,
  },
  {
    given: 'a connection reset',
    reply: resetConnection,
    error: { reason: 'unavailable', effect: 'unknown' },
    gets: 3,
    posts: 1,
    patches: 3,
  },
  {
    given: 'a closed connection without a response',
    reply: (response) => response.socket?.end(),
    error: { reason: 'unavailable', effect: 'unknown' },
    gets: 3,
    posts: 1,
    patches: 3,
  },
  {
    given: 'a response that is not HTTP',
    reply: (response) => response.socket?.end('HELO relay\r\n\r\n'),
    error: { reason: 'unavailable', effect: 'unknown' },
    gets: 3,
    posts: 1,
    patches: 3,
  },
  {
    given: 'half a status line',
    reply: (response) => response.socket?.write('HTTP/1.1 2', () => response.socket?.resetAndDestroy()),
    error: { reason: 'unavailable', effect: 'unknown' },
    gets: 3,
    posts: 1,
    patches: 3,
  },
  { given: 'no response', reply: neverReply, error: { reason: 'unavailable', effect: 'unknown' }, gets: 1, posts: 1, ms: 4000 },
]

for (const { given, reply, error, gets, posts, patches = posts, ms } of failureCases) {
  for (const [kind, call, requests] of [
    ['GET', get, gets],
    ['POST', post, posts],
    ['PATCH', patch, patches],
  ] as const) {
    t.test(`given ${given}, when a ${kind} is sent, then the error says why it failed and whether it may have had an effect`, async (t) => {
      const { genesys, platform } = await connectToFakePlatform(t)
      await genesys.waitForToken(Date.now() + 20_000)
      platform.replyWith(reply)
      t.match(await rejection(call(genesys, ms)), error)
      t.equal(platform.requests.length, requests)
    })
  }
}

for (const [given, reply] of [
  ['HTML', replyText(200, '<html>maintenance</html>', { 'content-type': 'text/html' })],
  ['no body', replyText(200, '')],
  ['truncated JSON', replyText(200, '{"id":')],
  ['a list', replyJson(200, [])],
  ['null', replyJson(200, null)],
  ['more than 5 MB', replyText(200, `{"id":"${'x'.repeat(5_000_001)}"}`)],
] as const) {
  t.test(`given 200 with ${given}, then a GET fails as malformed and is not retried`, async (t) => {
    const { genesys, platform } = await connectToFakePlatform(t)
    platform.replyWith(reply)
    t.match(await rejection(get(genesys)), { reason: 'malformed', effect: 'unknown' })
    t.equal(platform.requests.length, 1)
  })
}

t.test('given 200 with a truncated body, then a GET is retried', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith(replyTruncated(200), replyJson(200, { id: 'complete' }))
  t.same(await get(genesys), { id: 'complete' })
})

for (const [given, reply] of [
  ['no body', replyText(202, '')],
  ['HTML', replyText(202, '<html>')],
  ['a truncated body', replyTruncated(202)],
  ['JSON and status 200', replyJson(200, { x: 1 })],
  [
    'a body that never ends',
    ((response) => {
      response.writeHead(202, { 'content-length': '9' })
      response.flushHeaders()
    }) as Reply,
  ],
] as const) {
  t.test(`given 202 with ${given}, then the command counts as accepted`, async (t) => {
    const { genesys, platform } = await connectToFakePlatform(t)
    platform.replyWith(reply)
    await t.resolves(post(genesys))
    t.equal(platform.requests.length, 1)
  })
}

t.test('given a 429 with a short wait, then a GET waits and succeeds, and the error of a POST says how long to wait', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith(replyJson(429, { code: 'too.many.requests' }, { 'retry-after': '1' }), replyJson(200, { id: 'c1' }))
  const started = Date.now()
  t.same(await get(genesys, 20_000), { id: 'c1' })
  t.ok(Date.now() - started >= 1000)
  platform.replyWith(replyJson(429, { code: 'too.many.requests', message: 'Retry the request in [60] seconds' }), replyJson(202, undefined))
  const error = await rejection(post(genesys, 120_000))
  t.match(error, { reason: 'rate_limited', effect: 'none', status: 429, retryAfterMs: 60_000, platformCode: 'too.many.requests' })
  t.ok(genesys.rateLimitUsage()[0]!.pausedMs > 0)
})

t.test('given a 401, then the token is renewed once and the call succeeds', async (t) => {
  for (const call of [get, post]) {
    const { genesys, platform } = await connectToFakePlatform(t)
    platform.replyWith(replyJson(401, { code: 'bad.credentials' }), replyJson(200, { id: 'c1' }))
    await t.resolves(call(genesys))
    t.same(
      platform.requests.map(({ headers }) => headers.authorization),
      ['Bearer canary-token-1', 'Bearer canary-token-2'],
    )
  }
})

t.test('given a login that is refused, then nothing is sent', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyToLoginWith(replyJson(401, { error: 'invalid_client', error_description: 'client authentication failed' }))
  t.match(await rejection(post(genesys)), {
    operation: 'replaceWithQueue',
    reason: 'login_failed',
    effect: 'none',
    status: 401,
    platformCode: 'invalid_client',
  })
  t.equal(platform.requests.length, 0)
})

t.test('given a deadline that has passed, or an aborted signal, then nothing is sent', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  t.match(await rejection(post(genesys, -1)), { reason: 'expired', effect: 'none', operation: 'replaceWithQueue' })
  t.match(await rejection(genesys.conversation('c1', dueIn(3000, { signal: AbortSignal.abort() }))), { reason: 'expired', effect: 'none' })
  t.equal(platform.requests.length, 0)
})

t.test('given a caller that aborts after the request was sent, then the outcome is unknown', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const aborting = new AbortController()
  platform.replyWith(() => aborting.abort())
  t.match(await rejection(genesys.replaceWithQueue('c1', 'p1', 'q1', dueIn(3000, { signal: aborting.signal }))), {
    reason: 'unavailable',
    effect: 'unknown',
  })
  t.equal(platform.requests.length, 1)
})

t.test('given ids that would change the path, then nothing is sent; other ids are encoded', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  for (const id of ['', '.', '..', '%2e%2E', '.%2e']) {
    t.match(await rejection(genesys.replaceWithQueue(id, 'p1', 'q1', dueIn(20_000))), { reason: 'rejected', effect: 'none' }, id)
    t.match(await rejection(genesys.replaceWithQueue('c1', id, 'q1', dueIn(20_000))), { reason: 'rejected', effect: 'none' }, id)
  }
  t.equal(platform.requests.length, 0)
  await genesys.conversation('../a/b?c=d#e {x}', dueIn(20_000))
  t.equal(platform.requests[0]!.url, '/api/v2/conversations/..%2Fa%2Fb%3Fc%3Dd%23e%20%7Bx%7D')
})

/** Connects a client to a platform that stops after the login. */
async function connectToStoppedPlatform(t: Test): Promise<GenesysClient> {
  const { genesys, platform } = await connectToFakePlatform(t)
  await genesys.waitForToken(Date.now() + 20_000)
  await platform.close()
  return genesys
}

t.test('given a closed port, then the error proves that nothing was sent', async (t) => {
  const genesys = await connectToStoppedPlatform(t)
  for (const call of [get, post, patch])
    t.match(await rejection(call(genesys)), { reason: 'unavailable', effect: 'none', message: /ECONNREFUSED/ })
})

t.test('given a host name that does not exist, then the error proves that nothing was sent', async (t) => {
  const genesys = await connectGenesys(createSettings('http://genesys.invalid'))
  t.teardown(() => genesys.close())
  t.match(await rejection(post(genesys, 6000)), {
    operation: 'replaceWithQueue',
    reason: 'unavailable',
    effect: 'none',
    message: /ENOTFOUND|EAI_AGAIN/,
  })
})

t.test('given a login without a response before the deadline, then nothing is sent', async (t) => {
  const server = await startRawServer(() => {})
  const genesys = await connectGenesys(createSettings(`http://127.0.0.1:${server.port}`))
  t.teardown(async () => {
    await genesys.close()
    await server.close()
  })
  t.match(await rejection(post(genesys, 200)), { operation: 'replaceWithQueue', reason: 'expired', effect: 'none' })
})
