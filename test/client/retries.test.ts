/** When the client sends a request again: by `retryable`, `Retry-After`, lost responses and gateways, within its time limit. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { createClient, type ClientOptions } from '../../client/src/index.ts'
import type { TestContext } from '../support/build.ts'
import { failureOf } from './failure-of.ts'
import { hang, refuse, reset, startScriptedServer, type Step } from './scripted-server.ts'

const request = { conversationId: randomUUID(), target: { type: 'queue', queueId: randomUUID() } } as const
const accepted = { status: 202, body: { id: randomUUID(), state: 'initiated' } }
const gatewayPage = { status: 503, headers: { 'content-type': 'text/html' }, body: '<h1>Service Unavailable</h1>' }

/** A client of a server that takes these steps. */
async function connect(t: TestContext, steps: Step[], options: Partial<ClientOptions> = {}) {
  const server = await startScriptedServer(t, ...steps)
  return { server, client: createClient({ baseUrl: server.url, apiKey: 'hk_test', ...options }) }
}

test('given a first attempt without success, when a retry can help, then it is sent again with the same key and trace', async (t) => {
  for (const [name, step] of Object.entries<Step>({
    'a refusal that is retryable': refuse('GENESYS_UNAVAILABLE', true),
    'a broken connection': reset,
    'a connection that breaks within the body': (response) => {
      response.writeHead(202, { 'content-type': 'application/json', 'content-length': '900' }).write('{"id":')
      setImmediate(() => response.socket?.destroy())
    },
    'the page of a gateway': gatewayPage,
    'a gateway that limits requests': { status: 429, headers: { 'content-type': 'text/plain' }, body: 'slow down' },
  })) {
    const { server, client } = await connect(t, [step, accepted])
    t.match(await client.transfer(request), { state: 'initiated' }, name)
    const [first, second] = server.requests
    t.equal(server.requests.length, 2, name)
    for (const header of ['idempotency-key', 'traceparent', 'authorization', 'content-type'])
      t.equal(first?.headers[header], second?.headers[header], `${name}: ${header}`)
    t.match(first?.headers['idempotency-key'], /^[\da-f-]{36}$/)
    t.equal(first?.body, second?.body)
    t.strictSame(JSON.parse(String(first?.body)), { ...request, mode: 'execute' })
  }
})

test('given a request, when a retry cannot help, then it is sent once', async (t) => {
  for (const [code, step] of Object.entries<Step>({
    LOOP_DETECTED: refuse('LOOP_DETECTED', false, { status: 422 }),
    OUTCOME_UNKNOWN: refuse('OUTCOME_UNKNOWN', false, { status: 504, transferId: 'x' }),
    CONVERSATION_NOT_TRANSFERABLE: refuse('CONVERSATION_NOT_TRANSFERABLE', false, { status: 409 }),
    UNEXPECTED_RESPONSE: { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' },
  })) {
    const { server, client } = await connect(t, [step])
    await t.rejects(client.transfer(request), { code, retryable: false }, code)
    t.equal(server.requests.length, 1, code)
  }
})

test('given answers that are not those of Handoff, then the error says so', async (t) => {
  for (const [name, step] of Object.entries<Step>({
    'a page': { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' },
    'JSON that is cut off': { status: 202, body: '{"id":' },
    nothing: { status: 202, body: '' },
    'a text': { status: 202, body: '"accepted"' },
    'a redirect': { status: 301, headers: { location: 'http://127.0.0.1:1/' }, body: '' },
  })) {
    const { server, client } = await connect(t, [step])
    const status = (step as { status: number }).status
    await t.rejects(client.transfer(request), { code: 'UNEXPECTED_RESPONSE', status, retryable: false, message: /baseUrl/ }, name)
    t.equal(server.requests.length, 1, name)
  }
})

test('given Retry-After, then the next attempt is not earlier', async (t) => {
  for (const headers of [
    { 'retry-after': '1' },
    // The clock of the sender counts, not that of this machine.
    { date: 'Tue, 03 Nov 2020 09:00:00 GMT', 'retry-after': 'Tue, 03 Nov 2020 09:00:01 GMT' },
    { ratelimit: '"minute";r=0;t=1, "day";r=9;t=9000' },
    { 'ratelimit-remaining': '0', 'ratelimit-reset': '1' },
  ]) {
    const { server, client } = await connect(t, [refuse('OVERLOADED', true, {}, headers), accepted])
    await client.transfer(request)
    const [first, second] = server.requests.map(({ atMs }) => atMs)
    // A timer may fire up to a millisecond early.
    t.ok(Number(second) - Number(first) >= 999, JSON.stringify(headers))
  }
})

test('given Retry-After beyond the time limit, then there is no further attempt, and no wait', async (t) => {
  const { server, client } = await connect(t, [
    refuse('TOO_MANY_REQUESTS', true, { status: 429, retryAfterSeconds: 3_600 }, { 'retry-after': '3600' }),
  ])
  await t.rejects(client.transfer(request), { code: 'TOO_MANY_REQUESTS', retryable: true, retryAfterSeconds: 3_600 })
  t.equal(server.requests.length, 1)
})

test('given a refusal that stays, then there are as many attempts as the client may make', async (t) => {
  const { server, client } = await connect(t, [refuse('STORE_UNAVAILABLE', true)], { maxAttempts: 2 })
  await t.rejects(client.get(randomUUID()), { code: 'STORE_UNAVAILABLE', retryable: true, status: 503 })
  t.equal(server.requests.length, 2)
})

test('given no answer, then the error can be acted on', async (t) => {
  const { client } = await connect(t, [hang], { attemptTimeoutMs: 50, maxAttempts: 2 })
  await t.rejects(client.transfer(request, { idempotencyKey: 'event-1' }), {
    code: 'NO_RESPONSE',
    message: /longer than 50 ms/,
    retryable: true,
    status: undefined,
    idempotencyKey: 'event-1',
    requestId: /^[0-9a-f]{32}$/,
  })
  const refused = createClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'hk_test', maxAttempts: 1 })
  await t.rejects(refused.get(randomUUID()), { code: 'NO_RESPONSE', message: /^No response from http:\/\/127.0.0.1:9: / })
})

test('given a request that is not repeatable, when the response is lost, then it is not sent again', async (t) => {
  const { server, client } = await connect(t, [reset])
  const redelivery = client.api.POST('/v1/webhook-redeliveries', { body: { since: '2026-01-01T00:00:00Z' } })
  await t.rejects(redelivery, { code: 'NO_RESPONSE' })
  t.equal(server.requests.length, 1)
  const refusing = await connect(t, [refuse('STORE_UNAVAILABLE', true), { status: 202, body: { count: 1 } }])
  await refusing.client.api.POST('/v1/webhook-redeliveries', { body: { since: '2026-01-01T00:00:00Z' } })
  t.equal(refusing.server.requests.length, 2, 'a refusal that is retryable says that nothing was done')
})

test('given a signal, when it is aborted, then the call ends with its reason', async (t) => {
  const reason = new Error('the caller has hung up')
  t.equal(await (await connect(t, [hang])).client.transfer(request, { signal: AbortSignal.abort(reason) }).catch((error) => error), reason)

  const whileSending = new AbortController()
  const sending = await connect(t, [() => whileSending.abort(reason)])
  t.equal(await sending.client.transfer(request, { signal: whileSending.signal }).catch((error) => error), reason)
  t.equal(sending.server.requests.length, 1)

  const whilePausing = new AbortController()
  const answer = refuse('OVERLOADED', true, {}, { 'retry-after': '20' })
  const pausing = await connect(t, [
    (response) => {
      response
        .writeHead(answer.status, answer.headers)
        .end(JSON.stringify(answer.body), () => setImmediate(() => whilePausing.abort(reason)))
    },
  ])
  t.equal(await pausing.client.transfer(request, { signal: whilePausing.signal }).catch((error) => error), reason)
  t.equal(pausing.server.requests.length, 1)
})

test('given a trace of the caller, then it is sent; and given none, then no header is added', async (t) => {
  const traceparent = '00-48a58ae85a3647a9af95c0917d4d57e2-0123456789abcdef-01'
  const traced = await connect(t, [refuse('LOOP_DETECTED', false)], { traceparent: () => traceparent })
  t.equal((await failureOf(traced.client.transfer(request))).requestId, '48a58ae85a3647a9af95c0917d4d57e2')
  t.equal(traced.server.requests[0]?.headers['traceparent'], traceparent)
  const untraced = await connect(t, [refuse('LOOP_DETECTED', false)], { traceparent: () => undefined })
  t.equal((await failureOf(untraced.client.transfer(request))).requestId, undefined)
  t.equal(untraced.server.requests[0]?.headers['traceparent'], undefined)
})

test('given a path prefix, then it is kept', async (t) => {
  const server = await startScriptedServer(t, { status: 200, body: { id: 'x', state: 'initiated' } })
  for (const baseUrl of [`${server.url}/handoff`, `${server.url}/handoff/`]) await createClient({ baseUrl, apiKey: 'hk_test' }).get('x')
  t.strictSame(
    server.requests.map(({ url }) => url),
    ['/handoff/v1/transfers/x', '/handoff/v1/transfers/x'],
  )
})
