/** Several webhook endpoints: what each receives, its health, test events and redeliveries. */
import { test, type Test } from 'tap'
import { readEnvironment } from '../../src/environment.ts'
import type { Delivery } from '../../src/ledger/contract/deliveries.ts'
import { crmSecret, startTestCrm } from '../support/test-crm.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

interface Endpoint {
  id: string
  origin: string | null
  events: string[]
  failures: number
  pending: number
}
const listEndpoints = async (system: TestSystem) =>
  (await system.request<{ endpoints: Endpoint[] }>('GET', '/v1/webhook-endpoints')).body.endpoints
const listDeliveries = async (system: TestSystem, query: string) =>
  (await system.request<{ deliveries: Delivery[] }>('GET', `/v1/webhook-deliveries?${query}`)).body.deliveries

/** Starts a service with two endpoints. The second one receives only pickups. */
async function startWithTwoCrms(t: Test) {
  const [first, second] = [await startTestCrm(), await startTestCrm()]
  t.teardown(async () => {
    await first.close()
    await second.close()
  })
  const system = await startTestSystem(t, {
    CRM_WEBHOOK_URL: `${first.url},${second.url}`,
    CRM_WEBHOOK_SECRET: `${crmSecret};${crmSecret}`,
    CRM_WEBHOOK_EVENTS: '*;transfer.picked_up',
  })
  return { system, first, second }
}

test('given two endpoints with different filters, when a call is transferred, then each receives its own events, signed and with their own ids', async (t) => {
  const { system, first, second } = await startWithTwoCrms(t)
  const { conversationId, queueId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  await waitFor(() => first.eventTypesFor(body.id).length === 2 && second.eventTypesFor(body.id).length === 1, 'the events of both')
  t.strictSame(
    [first.eventTypesFor(body.id), second.eventTypesFor(body.id)],
    [['transfer.initiated', 'transfer.picked_up'], ['transfer.picked_up']],
  )
  const ids = [...first.accepted, ...second.accepted].map(({ id }) => id)
  t.equal(new Set(ids).size, 3)
  const endpoints = await waitFor(async () => {
    const listed = await listEndpoints(system)
    return listed.every(({ pending }) => pending === 0) && listed
  }, 'no pending deliveries')
  t.match(endpoints, [
    { origin: new URL(first.url).origin, events: ['*'], failures: 0 },
    { origin: new URL(second.url).origin, events: ['transfer.picked_up'], failures: 0 },
  ])
  t.notMatch(JSON.stringify(endpoints), '/transfers', 'the path is not shown: it may contain a secret')
  t.equal((await listDeliveries(system, `endpoint=${endpoints[1]?.id}`)).length, 1)
  t.equal((await listDeliveries(system, `type=transfer.initiated&conversationId=${conversationId}`)).length, 1)
  t.equal((await listDeliveries(system, 'until=2026-01-01T00:00:00Z')).length, 0)
})

test('given an endpoint that hangs, when calls are transferred, then the other endpoint still receives all its events', async (t) => {
  const { system, first, second } = await startWithTwoCrms(t)
  first.respondWith(() => {})
  const ids = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const { conversationId, queueId } = setUpIvrCall(system.control, [{ after: 5, with: 'pickup' }])
      return (await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })).body.id
    }),
  )
  await waitFor(() => ids.every((id) => second.eventTypesFor(id).length === 1), 'every pickup')
  t.equal(first.accepted.length, 0)
  await first.close()
})

test('given an endpoint that hangs, when many test events are requested at once, then one is sent and the others are refused until it is answered', async (t) => {
  const system = await startTestSystem(t)
  const [endpoint] = await listEndpoints(system)
  const held: Array<() => void> = []
  system.crm.respondWith((response) => void held.push(() => response.writeHead(200).end()))
  const requestTest = () => system.request('POST', `/v1/webhook-endpoints/${endpoint?.id}/test`)
  const first = requestTest()
  await waitFor(() => held.length === 1, 'the first test event')
  for (const refused of await Promise.all(Array.from({ length: 50 }, requestTest))) {
    t.match(refused, { status: 429, body: { code: 'TOO_MANY_REQUESTS', retryable: true } })
    t.equal(refused.headers.get('retry-after'), '1')
  }
  t.equal(held.length, 1, 'no further connection')
  held[0]?.()
  t.match(await first, { status: 200, body: { delivered: true } })
  const next = requestTest()
  await waitFor(() => held.length === 2, 'the next test event')
  held[1]?.()
  t.match(await next, { status: 200, body: { delivered: true } })
})

test('given an endpoint, when a test event is sent, then it is signed like any other event, and the response contains the result', async (t) => {
  const system = await startTestSystem(t)
  const [endpoint] = await listEndpoints(system)
  const sendTestEvent = () => system.request<Record<string, unknown>>('POST', `/v1/webhook-endpoints/${endpoint?.id}/test`)
  t.match(await sendTestEvent(), { status: 200, body: { delivered: true, status: 200, error: null, durationMs: Number, id: /^evt_/ } })
  t.match(system.crm.accepted, [{ type: 'webhook.test', data: { message: String } }])
  system.crm.respondWith((response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
  t.match(await sendTestEvent(), { status: 200, body: { delivered: false, status: 302, error: /redirects are not followed/ } })
  await system.crm.close()
  t.match(await sendTestEvent(), { status: 200, body: { delivered: false, status: null, error: 'the connection was refused' } })
  t.strictSame(await listDeliveries(system, 'limit=10'), [], 'a test event is not a delivery, and is not retried')
  const { body } = await system.request<string>('GET', '/v1/audit')
  t.equal(body.split('\n').filter((line) => line.includes('"webhook_tested"')).length, 3)
  t.equal((await system.request('POST', '/v1/webhook-endpoints/ep_000000000000/test')).status, 404)
})

test('given an endpoint in a private network that is not allowed, when a test event is sent, then it is refused like a delivery', async (t) => {
  const system = await startTestSystem(t, { WEBHOOK_ALLOWED_NETWORKS: '' })
  const [endpoint] = await listEndpoints(system)
  t.match(await system.request('POST', `/v1/webhook-endpoints/${endpoint?.id}/test`), { body: { delivered: false, error: /refused/ } })
  t.equal(system.crm.attempts.length, 0)
})

test('given refused deliveries, when a range of time is redelivered, then the CRM receives all of them and nothing else', async (t) => {
  const system = await startTestSystem(t)
  system.crm.respondWith((response) => response.writeHead(410).end())
  const transferCall = async () => {
    const { conversationId, queueId } = setUpIvrCall(system.control)
    return (await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })).body.id
  }
  const ids = [await transferCall(), await transferCall()]
  await waitFor(async () => (await listDeliveries(system, 'state=refused')).length === 4, 'four refused deliveries')
  system.crm.respondWith((response) => response.writeHead(200).end())
  const redeliver = (body: object) => system.request<Record<string, unknown>>('POST', '/v1/webhook-redeliveries', body)
  t.match(await redeliver({}), { status: 400, body: { field: 'since' } }, 'a range without a start is refused')
  t.match(await redeliver({ since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }), { status: 400, body: { field: 'body.until' } })
  t.match(await redeliver({ since: '2026-01-01T00:00:00Z', states: ['exhausted'] }), { status: 202, body: { queued: 0 } })
  t.match(await redeliver({ since: '2026-01-01T00:00:00Z' }), { status: 202, body: { queued: 4 } })
  for (const id of ids) {
    await waitFor(() => system.crm.eventTypesFor(id).length === 2, 'both events')
    t.strictSame(system.crm.eventTypesFor(id), ['transfer.initiated', 'transfer.picked_up'], 'in the order of the events')
  }
  const [delivery] = await listDeliveries(system, `transferId=${ids[0]}`)
  const withBody = await system.request<Delivery & { body: string }>('GET', `/v1/webhook-deliveries/${delivery?.id}`)
  t.match(JSON.parse(withBody.body.body), { type: delivery?.type, data: { actionId: ids[0] } })
  t.equal((await system.request('GET', `/v1/webhook-deliveries/evt_${ids[0]}`)).status, 404)
})

test('given deliveries of an endpoint that is no longer configured, when it is listed, then they are pending, and cannot be redelivered', async (t) => {
  const system = await startTestSystem(t)
  system.crm.respondWith((response) => response.writeHead(500).end())
  const { conversationId, queueId } = setUpIvrCall(system.control)
  const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  const [delivery] = await waitFor(async () => {
    const deliveries = await listDeliveries(system, `transferId=${body.id}`)
    return deliveries.some(({ attempts }) => attempts.length > 0) && deliveries
  }, 'an attempt')
  const configured = system.app.crmWebhooks.endpoints as unknown[]
  configured.length = 0
  t.match(await listEndpoints(system), [{ origin: null, events: [], failures: Number, pending: Number }])
  t.match(await system.request('POST', `/v1/webhook-deliveries/${delivery?.id}/redeliver`), {
    status: 409,
    body: { detail: /is not configured any more/ },
  })
})

test('given settings of endpoints, when they are read, then a list of addresses is split, and a setting that is not valid is refused with the reason', async (t) => {
  const required = {
    GENESYS_CLIENT_ID: 'client',
    GENESYS_CLIENT_SECRET: 'secret',
    LOOP_TOKEN_SECRET: 'x'.repeat(16),
    AUDIT_KEY: 'x'.repeat(16),
    CRM_WEBHOOK_SECRET: crmSecret,
  }
  const parseUrls = (text: string) => readEnvironment({ ...required, CRM_WEBHOOK_URL: text }).CRM_WEBHOOK_URL
  t.strictSame(parseUrls('https://a.example/?x=1,2, https://b.example/hook/'), ['https://a.example/?x=1,2', 'https://b.example/hook/'])
  t.strictSame(parseUrls('https://a.example https://b.example'), ['https://a.example', 'https://b.example'])
  t.throws(() => parseUrls('https://a.example,https://a.example'), /names an address twice/)
  t.throws(() => parseUrls('https://a.example,ftp://b.example'), /http or https address/)
  await t.rejects(startTestSystem(t, { CRM_WEBHOOK_EVENTS: 'transfer.exploded' }), {
    message: /^CRM_WEBHOOK_EVENTS: "transfer.exploded" is not an event/,
  })
  await t.rejects(startTestSystem(t, { CRM_WEBHOOK_SECRET: `${crmSecret};${crmSecret}` }), { message: /^CRM_WEBHOOK_SECRET: has 2 groups/ })
})

test('given an address that is always refused, when the service starts, then a warning names the setting and the way out', async (t) => {
  const start = async (url: string, networks: string) => {
    const settings = {
      CRM_WEBHOOK_URL: `https://crm.example/hook,${url}`,
      CRM_WEBHOOK_SECRET: crmSecret,
      WEBHOOK_ALLOWED_NETWORKS: networks,
    }
    const { logLines } = await startTestSystem(t, settings)
    return logLines.filter((line) => JSON.stringify(line).includes('WEBHOOK_ALLOWED_NETWORKS'))
  }
  for (const url of ['http://127.0.0.1:9/secret', 'http://localhost:9/secret']) {
    const warnings = await start(url, '')
    t.match(warnings, [
      {
        'log.level': 'warn',
        message:
          'no webhook is sent to this endpoint, because the address in CRM_WEBHOOK_URL is refused: it leads back to this machine; add its network to WEBHOOK_ALLOWED_NETWORKS, or use a public https address',
        stage: 'webhook',
        origin: new URL(url).origin,
      },
    ])
    t.equal(warnings.length, 1)
    t.notMatch(JSON.stringify(warnings), /secret/, 'the path is not logged: it may contain a secret')
    t.strictSame(await start(url, '127.0.0.1/32'), [])
  }
})
