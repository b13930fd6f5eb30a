/** The client with the real service: transfers, decisions, dry runs, the wait for the pickup, and errors. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { createClient, type ClientOptions } from '../../client/src/index.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { operationsKey, readerKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { failureOf } from './failure-of.ts'

test('given the client and the service', async (t) => {
  const system = await startTestSystem(t)
  const { skillId, queueId, otherQueueId, userId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const addCall = () => system.control.addConversation({ in: 'ivr' }).conversationId
  const connect = (options: Partial<ClientOptions> = {}) => createClient({ baseUrl: system.url, apiKey: operationsKey, ...options })
  const client = connect()

  await t.test('when a call is transferred, then the pickup can be waited for', async (t) => {
    const conversationId = addCall()
    const summary = 'Was charged twice.'
    const transfer = await client.transfer({ conversationId, target: { type: 'skill', skillId, queueId }, summary, reason: 'billing' })
    t.match(transfer, { conversationId, state: 'initiated', mode: 'execute', summary, reason: 'billing' })
    const pickedUp = await client.waitForPickup(transfer)
    t.match(pickedUp, { id: transfer.id, state: 'picked_up', agentUserId: userId })
    t.strictSame(await client.get(transfer.id), pickedUp)
    t.strictSame(await client.waitForPickup(transfer.id), pickedUp, 'a transfer whose outcome is known is returned at once')
  })

  await t.test('when the caller hangs up, then the wait ends with abandoned', async (t) => {
    const conversationId = addCall()
    const { id } = await client.transfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    const outcome = client.waitForPickup(id)
    system.control.hangUp(conversationId)
    t.match(await outcome, { state: 'abandoned', code: 'CALLER_ABANDONED' })
  })

  await t.test('when the client decides, then the flow is left to move the call', async (t) => {
    const decision = await client.decide({ conversationId: addCall(), target: { type: 'queue', queueId }, priority: 3 })
    t.match(decision, { state: 'decided', mode: 'decide', resolvedTarget: { type: 'queue', queueId, priority: 3 } })
  })

  await t.test('when the client tries a transfer out, then nothing is moved or stored', async (t) => {
    const conversationId = addCall()
    const answer = await client.dryRun({ conversationId, target: { type: 'queue', queueId } })
    t.match(answer, { mode: 'dryRun', resolvedTarget: { queueId } })
    const { data } = await client.api.GET('/v1/transfers', { params: { query: { conversationId } } })
    t.strictSame(data?.transfers, [])
  })

  await t.test('when a response is lost, then the same request is sent again, and the call is moved once', async (t) => {
    const conversationId = addCall()
    const keys: Array<string | null> = []
    const losing = connect({
      fetch: async (url, init) => {
        keys.push(new Headers(init?.headers).get('idempotency-key'))
        const response = await fetch(url, init)
        if (keys.length > 1) return response
        await response.text()
        throw new TypeError('fetch failed')
      },
    })
    t.match(await losing.transfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } }), { state: 'initiated' })
    t.equal(keys.length, 2)
    t.equal(keys[0], keys[1])
    const { data } = await client.api.GET('/v1/transfers', { params: { query: { conversationId } } })
    t.equal(data?.transfers.length, 1)
  })

  await t.test(
    'when no agent is available at first, then the transfer succeeds once there is one, and every attempt is on record',
    async (t) => {
      const call = setUpIvrCall(system.control)
      system.control.setAgent(call.userId, { routingStatus: 'OFF_QUEUE' })
      const keys = new Set<string | null>()
      const persistent = connect({
        maxAttempts: 20,
        fetch: async (url, init) => {
          keys.add(new Headers(init?.headers).get('idempotency-key'))
          const response = await fetch(url, init)
          system.control.setAgent(call.userId, { routingStatus: 'IDLE' })
          return response
        },
      })
      const { conversationId, skillId, queueId } = call
      t.match(await persistent.transfer({ conversationId, target: { type: 'skill', skillId, queueId } }), { state: 'initiated' })
      t.equal(keys.size, 1)
      const { data } = await client.api.GET('/v1/transfers', { params: { query: { conversationId } } })
      const [last, ...before] = data?.transfers ?? []
      t.match(last, { state: 'initiated' })
      t.ok(before.length > 0)
      t.match(
        before,
        before.map(() => ({ state: 'rejected', code: 'NO_AGENT_AVAILABLE' })),
      )
    },
  )

  await t.test('when a call is repeated with its own idempotency key, then it is the same transfer', async (t) => {
    const request = { conversationId: addCall(), target: { type: 'queue', queueId: otherQueueId } } as const
    const options = { idempotencyKey: randomUUID() }
    const { id } = await client.transfer(request, options)
    t.equal((await client.transfer(request, options)).id, id)
    t.match(await failureOf(client.transfer({ ...request, priority: 9 }, options)), {
      code: 'IDEMPOTENCY_KEY_REUSED',
      status: 422,
      stage: 'validation',
      retryable: false,
      idempotencyKey: options.idempotencyKey,
    })
  })

  await t.test('when a request is refused, then the error says why, and its trace id is in the log', async (t) => {
    const conversationId = addCall()
    const error = await failureOf(client.transfer({ conversationId, target: { type: 'queue', queueId: randomUUID() } }))
    t.match(error, { name: 'HandoffError', code: 'TARGET_NOT_FOUND', stage: 'verification', status: 422, retryable: false })
    t.equal(error.message, error.problem?.detail)
    t.match(await client.get(String(error.transferId)), { state: 'rejected', code: 'TARGET_NOT_FOUND' })
    t.match(error.requestId, /^[0-9a-f]{32}$/)
    t.ok(system.logLines.some((line) => line['trace.id'] === error.requestId))

    const invalid = await failureOf(client.dryRun({ conversationId, target: { type: 'queue', queueId: 'x' } }))
    t.match(invalid, { code: 'INVALID_REQUEST', field: /queueId/, status: 400 })
    t.match(await failureOf(client.get(randomUUID())), { code: 'NOT_FOUND', status: 404 })
    t.match(await failureOf(client.waitForPickup(randomUUID())), { code: 'NOT_FOUND' })
    const reader = connect({ apiKey: readerKey })
    t.match(await failureOf(reader.transfer({ conversationId, target: { type: 'queue', queueId } })), { code: 'FORBIDDEN', status: 403 })
  })

  await t.test('when another route is called, then its result is typed, and a body that is no JSON is streamed', async (t) => {
    const summary = await client.api.GET('/v1/transfers/summary', { params: { query: { groupBy: 'reason' } } })
    t.ok(Number(summary.data?.total) > 0)
    const audit = await client.api.GET('/v1/audit', { parseAs: 'stream' })
    let text = ''
    for await (const chunk of audit.data?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk
    t.match(JSON.parse(String(text.split('\n')[0])), { '@timestamp': String })
    const { error, response } = await client.api.GET('/v1/transfers/{id}/audit', { params: { path: { id: randomUUID() } } })
    t.match({ code: error?.code, status: response.status }, { code: 'NOT_FOUND', status: 404 })
  })

  await t.test('when the key is wrong, then no error contains it', async (t) => {
    const apiKey = `hk_ops_${'z'.repeat(43)}`
    const error = await failureOf(connect({ apiKey }).get(randomUUID()))
    t.match(error, { code: 'UNAUTHENTICATED', status: 401, retryable: false })
    t.notMatch(JSON.stringify([error, error.stack]), 'zzz')
    for (const wrong of ['', `${apiKey}\n`, 'hk_zzz_ü']) {
      try {
        connect({ apiKey: wrong })
        t.fail('a key that is no header value')
      } catch (caught) {
        t.match(caught, { name: 'TypeError', message: /^apiKey/ })
        t.notMatch((caught as Error).message, 'zzz')
      }
    }
    for (const baseUrl of ['', 'handoff.example.com', 'file:///tmp']) t.throws(() => connect({ baseUrl }), { name: 'TypeError' })
  })
})

test('given a key that has made all its requests of this minute, when it makes another, then it is told so at once', async (t) => {
  const system = await startTestSystem(t, { CALLER_REQUESTS_PER_MINUTE: '1' })
  let sent = 0
  const client = createClient({
    baseUrl: `${system.url}/`,
    apiKey: readerKey,
    timeoutMs: 20_000,
    fetch: (...request) => {
      sent += 1
      return fetch(...request)
    },
  })
  t.match(await failureOf(client.get(randomUUID())), { code: 'NOT_FOUND' })
  const error = await failureOf(client.get(randomUUID()))
  t.match(error, { code: 'TOO_MANY_REQUESTS', status: 429, retryable: true })
  t.ok(Number(error.retryAfterSeconds) >= 1)
  t.equal(sent, 2, 'the pause would not fit into the time limit')
  t.match(await failureOf(client.waitForPickup(randomUUID(), { timeoutMs: 20_000 })), {
    code: 'WAIT_TIMEOUT',
    cause: { code: 'TOO_MANY_REQUESTS' },
  })
})
