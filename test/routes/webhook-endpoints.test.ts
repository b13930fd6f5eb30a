import { test, type Test } from 'tap'
import { readEnvironment } from '../../src/environment.ts'
import type { Delivery } from '../../src/ledger/ledger.ts'
import { crmSecret, startCrm } from '../support/crm.ts'
import { startWorld, usualScene, type World } from '../support/service.ts'
import { until } from '../support/until.ts'

interface Endpoint {
  id: string
  origin: string | null
  events: string[]
  failures: number
  pending: number
}
const endpointsOf = async (world: World) => (await world.ask<{ endpoints: Endpoint[] }>('GET', '/v1/webhook-endpoints')).body.endpoints
const deliveriesOf = async (world: World, query: string) =>
  (await world.ask<{ deliveries: Delivery[] }>('GET', `/v1/webhook-deliveries?${query}`)).body.deliveries

/** A service that tells two CRMs: the second only of pickups. */
async function twoCrms(t: Test) {
  const [first, second] = [await startCrm(), await startCrm()]
  t.teardown(async () => {
    await first.close()
    await second.close()
  })
  const world = await startWorld(t, {
    CRM_WEBHOOK_URL: `${first.url},${second.url}`,
    CRM_WEBHOOK_SECRET: `${crmSecret};${crmSecret}`,
    CRM_WEBHOOK_EVENTS: '*;transfer.picked_up',
  })
  return { world, first, second }
}

test('given two endpoints with filters of their own, when a call is transferred, then each hears what it wants, signed, under ids of its own', async (t) => {
  const { world, first, second } = await twoCrms(t)
  const { conversationId, queueId } = usualScene(world.scene, [{ after: 20, with: 'pickup' }])
  const { body } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
  await until(() => first.about(body.id).length === 2 && second.about(body.id).length === 1, 'both told')
  t.strictSame([first.about(body.id), second.about(body.id)], [['transfer.initiated', 'transfer.picked_up'], ['transfer.picked_up']])
  const ids = [...first.told, ...second.told].map(({ id }) => id)
  t.equal(new Set(ids).size, 3)
  const known = await until(async () => {
    const endpoints = await endpointsOf(world)
    return endpoints.every(({ pending }) => pending === 0) && endpoints
  }, 'nothing left to tell')
  t.match(known, [
    { origin: new URL(first.url).origin, events: ['*'], failures: 0 },
    { origin: new URL(second.url).origin, events: ['transfer.picked_up'], failures: 0 },
  ])
  t.notMatch(JSON.stringify(known), '/transfers', 'where exactly is not shown: an address may hold a secret')
  t.equal((await deliveriesOf(world, `endpoint=${known[1]?.id}`)).length, 1)
  t.equal((await deliveriesOf(world, `type=transfer.initiated&conversationId=${conversationId}`)).length, 1)
  t.equal((await deliveriesOf(world, 'until=2026-01-01T00:00:00Z')).length, 0)
})

test('given an endpoint that hangs, when calls are transferred, then the other endpoint is told of each at once', async (t) => {
  const { world, first, second } = await twoCrms(t)
  first.answer(() => {})
  const ids = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const { conversationId, queueId } = usualScene(world.scene, [{ after: 5, with: 'pickup' }])
      return (await world.transfer({ conversationId, target: { type: 'queue', queueId } })).body.id
    }),
  )
  await until(() => ids.every((id) => second.about(id).length === 1), 'every pickup told')
  t.equal(first.told.length, 0)
  await first.close()
})

test('given an endpoint, when it is sent a test event, then it gets one that is signed like any other, and the answer says what came of it', async (t) => {
  const world = await startWorld(t)
  const [endpoint] = await endpointsOf(world)
  const tried = () => world.ask<Record<string, unknown>>('POST', `/v1/webhook-endpoints/${endpoint?.id}/test`)
  t.match(await tried(), { status: 200, body: { delivered: true, status: 200, error: null, durationMs: Number, id: /^evt_/ } })
  t.match(world.crm.told, [{ type: 'webhook.test', data: { message: String } }])
  world.crm.answer((response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
  t.match(await tried(), { status: 200, body: { delivered: false, status: 302, error: /redirects are not followed/ } })
  await world.crm.close()
  t.match(await tried(), { status: 200, body: { delivered: false, status: null, error: 'the connection was refused' } })
  t.strictSame(await deliveriesOf(world, 'limit=10'), [], 'it is no delivery, and nothing is retried')
  const { body } = await world.ask<string>('GET', '/v1/audit')
  t.equal(body.split('\n').filter((line) => line.includes('"webhook_tested"')).length, 3)
  t.equal((await world.ask('POST', '/v1/webhook-endpoints/ep_000000000000/test')).status, 404)
})

test('given an endpoint in a network that nobody allowed, when it is tested, then it is refused as a delivery would be', async (t) => {
  const world = await startWorld(t, { WEBHOOK_ALLOWED_NETWORKS: '' })
  const [endpoint] = await endpointsOf(world)
  t.match(await world.ask('POST', `/v1/webhook-endpoints/${endpoint?.id}/test`), { body: { delivered: false, error: /refused/ } })
  t.equal(world.crm.attempts.length, 0)
})

test('given deliveries that were refused, when the range is redelivered, then the CRM hears all of them, and nothing else', async (t) => {
  const world = await startWorld(t)
  world.crm.answer((response) => response.writeHead(410).end())
  const asked = async () => {
    const { conversationId, queueId } = usualScene(world.scene)
    return (await world.transfer({ conversationId, target: { type: 'queue', queueId } })).body.id
  }
  const ids = [await asked(), await asked()]
  await until(async () => (await deliveriesOf(world, 'state=refused')).length === 4, 'four refused')
  world.crm.answer((response) => response.writeHead(200).end())
  const redeliver = (body: object) => world.ask<Record<string, unknown>>('POST', '/v1/webhook-redeliveries', body)
  t.match(await redeliver({}), { status: 400, body: { field: 'since' } }, 'not everything by mistake')
  t.match(await redeliver({ since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }), { status: 400, body: { field: 'body.until' } })
  t.match(await redeliver({ since: '2026-01-01T00:00:00Z', states: ['exhausted'] }), { status: 202, body: { queued: 0 } })
  t.match(await redeliver({ since: '2026-01-01T00:00:00Z' }), { status: 202, body: { queued: 4 } })
  for (const id of ids) {
    await until(() => world.crm.about(id).length === 2, 'both events')
    t.strictSame(world.crm.about(id), ['transfer.initiated', 'transfer.picked_up'], 'in their order')
  }
  const [one] = await deliveriesOf(world, `transferId=${ids[0]}`)
  const whole = await world.ask<Delivery & { body: string }>('GET', `/v1/webhook-deliveries/${one?.id}`)
  t.match(JSON.parse(whole.body.body), { type: one?.type, data: { actionId: ids[0] } })
  t.equal((await world.ask('GET', `/v1/webhook-deliveries/evt_${ids[0]}`)).status, 404)
})

test('given deliveries of an endpoint that is not configured any more, then they are shown as waiting, and cannot be redelivered', async (t) => {
  const world = await startWorld(t)
  world.crm.answer((response) => response.writeHead(500).end())
  const { conversationId, queueId } = usualScene(world.scene)
  const { body } = await world.transfer({ conversationId, target: { type: 'queue', queueId } })
  const [first] = await until(async () => {
    const found = await deliveriesOf(world, `transferId=${body.id}`)
    return found.some(({ attempts }) => attempts.length > 0) && found
  }, 'an attempt')
  const configured = world.app.crmWebhooks.endpoints as unknown[]
  configured.length = 0
  t.match(await endpointsOf(world), [{ origin: null, events: [], failures: Number, pending: Number }])
  t.match(await world.ask('POST', `/v1/webhook-deliveries/${first?.id}/redeliver`), {
    status: 409,
    body: { detail: /is not configured any more/ },
  })
})

test('given settings of endpoints that do not fit, then they are refused in one line', async (t) => {
  const least = {
    GENESYS_CLIENT_ID: 'client',
    GENESYS_CLIENT_SECRET: 'secret',
    LOOP_TOKEN_SECRET: 'x'.repeat(16),
    AUDIT_KEY: 'x'.repeat(16),
    CRM_WEBHOOK_SECRET: crmSecret,
  }
  const urls = (text: string) => readEnvironment({ ...least, CRM_WEBHOOK_URL: text }).CRM_WEBHOOK_URL
  t.strictSame(urls('https://a.example/?x=1,2, https://b.example/hook/'), ['https://a.example/?x=1,2', 'https://b.example/hook/'])
  t.strictSame(urls('https://a.example https://b.example'), ['https://a.example', 'https://b.example'])
  t.throws(() => urls('https://a.example,https://a.example'), /names an address twice/)
  t.throws(() => urls('https://a.example,ftp://b.example'), /http or https address/)
  await t.rejects(startWorld(t, { CRM_WEBHOOK_EVENTS: 'transfer.exploded' }), {
    message: /^CRM_WEBHOOK_EVENTS: "transfer.exploded" is no event/,
  })
  await t.rejects(startWorld(t, { CRM_WEBHOOK_SECRET: `${crmSecret};${crmSecret}` }), { message: /^CRM_WEBHOOK_SECRET: has 2 groups/ })
})
