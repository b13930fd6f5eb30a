/** What the client does around a platform request: trace header, rate limit, breaker, retries, gateway, and closing. */
import t from 'tap'
import { connectGenesys } from '../../src/genesys/client.ts'
import { waitFor } from '../support/wait-for.ts'
import { connectToFakePlatform, createSettings, dueIn, rejection } from './support/connect.ts'
import { replyJson, startFakePlatform } from './support/fake-platform.ts'

const conversationId = '0e1f0e5c-0000-4000-8000-00000000000c'
const participantId = '0e1f0e5c-0000-4000-8000-00000000000a'

t.test('given a traceparent, then it is sent along; without one, or with an invalid one, there is no header', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  await genesys.conversation(conversationId, dueIn(20_000, { traceparent }))
  await genesys.conversation(conversationId, dueIn(20_000))
  await genesys.conversation(conversationId, dueIn(20_000, { traceparent: 'nonsense\r\nx: y' }))
  t.same(
    platform.requests.map(({ headers }) => headers['traceparent']),
    [traceparent, undefined, undefined],
  )
})

t.test('given more requests than the platform allows, then those above the limit fail as rate limited', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t, { requestsPerMinute: 20 })
  const send = () => genesys.replaceWithQueue(conversationId, participantId, 'q1', dueIn(20_000))
  const results = await Promise.allSettled(Array.from({ length: 40 }, send))
  const errors = results.filter((result) => result.status === 'rejected').map((result) => result.reason)
  // The client uses 95 % of the limit of 20.
  t.ok(platform.requests.length <= 19 && platform.requests.length + errors.length === 40)
  for (const error of errors)
    t.match(error, { operation: 'replaceWithQueue', reason: 'rate_limited', effect: 'none', retryAfterMs: Number })
})

t.test(
  'given a platform that is down, then the breaker opens after twenty failures, and calls succeed again once the platform is back',
  async (t) => {
    const { genesys, platform } = await connectToFakePlatform(t)
    platform.replyWith(replyJson(503, { code: 'service.unavailable' }))
    const reasons: string[] = []
    while (!reasons.includes('overloaded') && reasons.length < 60) {
      const error = await rejection(genesys.replaceWithQueue(conversationId, participantId, 'q1', dueIn(20_000)))
      reasons.push(error.reason)
      if (error.reason === 'overloaded') t.match(error, { effect: 'none', retryAfterMs: Number })
    }
    t.equal(reasons.at(-1), 'overloaded')
    const requestsUntilOpen = platform.requests.length
    t.equal(requestsUntilOpen, 20)
    await rejection(genesys.conversation(conversationId, dueIn(20_000)))
    t.equal(platform.requests.length, requestsUntilOpen, 'nothing is sent while the breaker is open')

    platform.replyWith(replyJson(200, { id: conversationId }))
    await waitFor(() => genesys.conversation(conversationId, dueIn(20_000)).catch(() => undefined), 'the breaker to close')
    await t.resolves(
      Promise.all([
        genesys.conversation(conversationId, dueIn(20_000)),
        genesys.replaceWithQueue(conversationId, participantId, 'q1', dueIn(20_000)),
      ]),
    )
  },
)

t.test('given a platform that goes down after many successful calls, then the breaker opens after twenty failures in a row', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  platform.replyWith(replyJson(200, { id: conversationId }))
  for (let count = 0; count < 60; count++) await genesys.conversation(conversationId, dueIn(20_000))
  platform.replyWith(replyJson(503, { code: 'service.unavailable' }))
  const requestsBefore = platform.requests.length
  const reasons: string[] = []
  while (!reasons.includes('overloaded') && reasons.length < 100)
    reasons.push((await rejection(genesys.replaceWithQueue(conversationId, participantId, 'q1', dueIn(20_000)))).reason)
  t.equal(reasons.at(-1), 'overloaded')
  t.equal(platform.requests.length - requestsBefore, 20)
})

t.test('given reads that fail, then there is at most one retry for ten reads, and ten more from the initial budget', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  const fail = replyJson(502, {})
  const succeed = replyJson(200, { id: conversationId })
  // Every second read fails: never twenty in a row and never more than half, so that the breaker stays closed.
  let count = 0
  platform.replyWith((response, request) => (count++ % 2 === 0 ? succeed : fail)(response, request))
  const reads = 100
  for (let read = 0; read < reads; read++) await genesys.conversation(conversationId, dueIn(20_000)).catch(() => undefined)
  t.ok(platform.requests.length <= reads * 1.1 + 10, `${platform.requests.length} requests for ${reads} reads`)
  t.ok(platform.requests.length > reads, 'some reads were retried')
})

t.test('given many responses that refuse a command or answer it with 500, then the platform does not count as down', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  for (const status of [400, 403, 404, 409, 500]) {
    platform.replyWith(replyJson(status, { code: 'x.y' }))
    // More than the 20 failures that would open the breaker.
    for (let count = 0; count < 25; count++) {
      const error = await rejection(genesys.replaceWithQueue(conversationId, participantId, 'q1', dueIn(20_000)))
      t.not(error.reason, 'overloaded')
    }
  }
})

t.test('given a closed client, when it is called, then the call fails without an effect', async (t) => {
  const { genesys } = await connectToFakePlatform(t)
  await genesys.conversation(conversationId, dueIn(20_000))
  await genesys.close()
  t.match(await rejection(genesys.conversation(conversationId, dueIn(20_000))), { reason: 'unavailable', effect: 'none' })
})

t.test('given a gateway with a path, then logins and API requests keep the path', async (t) => {
  const platform = await startFakePlatform({ prefix: '/genesys/eu' })
  const genesys = await connectGenesys(createSettings(`${platform.url}/`))
  t.teardown(async () => {
    await genesys.close()
    await platform.close()
  })
  await genesys.conversation(conversationId, dueIn(20_000))
  t.equal(platform.logins.length, 1)
  t.equal(platform.requests[0]!.url, `/genesys/eu/api/v2/conversations/${conversationId}`)
})
