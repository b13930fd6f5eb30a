import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { StoreUnavailable } from '../../src/ledger/ledger.ts'
import { newId, operationsKey, startWorld, usualScene, type World } from '../support/service.ts'
import { until } from '../support/until.ts'

const scraped = async (world: World): Promise<string> => (await fetch(`${world.url}/metrics`)).text()
/** The value of a series; 0 where there is none. */
const valueOf = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1) ?? 0,
  )

test('given transfers that succeed and fail, when somebody scrapes, then the metrics tell of each stage, and of no person', async (t) => {
  const world = await startWorld(t, { ALLOWED_NUMBERS: '+4915*' })
  const { conversationId, skillId, queueId } = usualScene(world.scene, [{ after: 20, with: 'pickup' }])
  const { body } = await world.transfer({
    conversationId,
    target: { type: 'skill', skillId, queueId },
    context: { reason: 'CANARY-context' },
  })
  await world.reaches(body.id, 'picked_up')
  await world.transfer({ conversationId: newId(), target: { type: 'number', address: '+4915112345678' } })
  await world.ask('GET', '/v1/transfers', undefined, { authorization: '' })
  await until(() => world.crm.about(body.id).length === 2, 'the CRM')
  const text = await until(async () => {
    const now = await scraped(world)
    return valueOf(now, 'handoff_webhook_delivery_lag_seconds_count') >= 3 && now
  }, 'the deliveries in the metrics')

  const expected: Array<[series: string, least: number]> = [
    ['handoff_transfers_total{state="accepted",code="none"}', 2],
    ['handoff_transfers_total{state="initiated",code="none"}', 1],
    ['handoff_transfers_total{state="picked_up",code="none"}', 1],
    ['handoff_transfers_total{state="rejected",code="CONVERSATION_NOT_FOUND"}', 1],
    ['handoff_stage_duration_seconds_count{stage="validation",outcome="passed"}', 1],
    ['handoff_stage_duration_seconds_count{stage="validation",outcome="CONVERSATION_NOT_FOUND"}', 1],
    ['handoff_stage_duration_seconds_count{stage="execution",outcome="passed"}', 1],
    ['handoff_stage_duration_seconds_count{stage="audit-poll",outcome="picked_up"}', 1],
    ['handoff_stage_duration_seconds_count{stage="webhook",outcome="delivered"}', 3],
    ['handoff_pickup_seconds_count', 1],
    ['handoff_transfer_latency_seconds_count', 1],
    ['handoff_callers_refused_total{code="UNAUTHENTICATED"}', 1],
    ['handoff_governor_limit{token="0"}', 1],
    ['handoff_governor_used{token="0"}', 1],
    ['handoff_ledger_up', 1],
    ['handoff_genesys_requests_total{operation="getConversation",result="200"}', 1],
    ['handoff_genesys_requests_total{operation="getConversation",result="404"}', 1],
    [`handoff_webhook_attempts_total{endpoint="${world.app.crm.endpoints[0]?.id}",outcome="delivered"}`, 3],
    ['handoff_http_request_duration_seconds_count{method="POST",route="/v1/transfers",status="202"}', 1],
  ]
  for (const [series, least] of expected) t.ok(valueOf(text, series) >= least, `${series} is at least ${least}`)
  t.match(text, /^nodejs_eventloop_lag/m, 'the process too')
  for (const canary of ['CANARY', '15112345678', operationsKey.slice(8), conversationId, body.id, queueId, 'handoff-demo-secret'])
    t.notOk(text.includes(canary), `${canary} is in no metric`)
  t.notOk(
    world.lines.some((line) => line['route'] === '/metrics'),
    'and a scrape is not worth a line',
  )
})

test('given a ledger that is gone, when somebody scrapes, then the rest is told, and that the ledger is not there', async (t) => {
  const world = await startWorld(t)
  t.equal(valueOf(await scraped(world), 'handoff_ledger_up'), 1)
  world.app.ledger.endpoints = () => Promise.reject(new StoreUnavailable('gone'))
  const response = await fetch(`${world.url}/metrics`)
  const text = await response.text()
  t.match([response.status, response.headers.get('content-type')], [200, /^text\/plain/])
  t.equal(valueOf(text, 'handoff_ledger_up'), 0)
  t.equal(valueOf(text, 'handoff_scrape_errors_total{source="ledger"}'), 1)
  t.ok(valueOf(text, 'handoff_governor_limit{token="0"}') > 0)
})

test('given a CRM that fails, then the metrics tell how much waits for it and for how long', async (t) => {
  const world = await startWorld(t)
  world.crm.answer((response) => response.writeHead(500).end())
  const { conversationId, queueId } = usualScene(world.scene)
  await world.transfer({ conversationId, target: { type: 'queue', queueId } })
  const endpoint = world.app.crm.endpoints[0]?.id
  const text = await until(async () => {
    const now = await scraped(world)
    return valueOf(now, `handoff_webhook_attempts_total{endpoint="${endpoint}",outcome="retry"}`) > 0 && now
  }, 'a failed attempt')
  t.ok(valueOf(text, `handoff_webhook_pending{endpoint="${endpoint}"}`) > 0)
  t.equal(valueOf(text, `handoff_webhook_endpoint_paused{endpoint="${endpoint}"}`), 0)
})

interface Span {
  name: string
  traceId: string
  parentSpanId?: string
  attributes: Array<{ key: string; value: { stringValue?: string } }>
}
test('given a collector of traces, when a call is transferred, then each stage is a span in the trace of the request', async (t) => {
  const bodies: string[] = []
  const collector = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      bodies.push(`${request.url} ${body}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening))
  t.teardown(() => collector.close())
  const world = await startWorld(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    ALLOWED_NUMBERS: '+4915*',
  })
  const { conversationId, skillId, queueId } = usualScene(world.scene, [{ after: 20, with: 'pickup' }])
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const { body } = await world.transfer(
    {
      conversationId,
      target: { type: 'skill', skillId, queueId },
      fallback: [{ type: 'number', address: '+4915112345678' }],
      context: { reason: 'CANARY' },
    },
    { traceparent: `00-${trace}-00f067aa0ba902b7-01` },
  )
  await world.reaches(body.id, 'picked_up')
  await until(() => world.crm.about(body.id).length === 2, 'the CRM')
  await world.stop()
  const spans = bodies.flatMap((text) => {
    const { resourceSpans } = JSON.parse(text.slice(text.indexOf(' ') + 1)) as {
      resourceSpans: Array<{ scopeSpans: Array<{ spans: Span[] }> }>
    }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  })
  const ours = spans.filter(({ traceId }) => traceId === trace)
  for (const stage of [
    'validation',
    'verification',
    'execution',
    'audit-poll',
    'webhook',
    'genesys getConversation',
    'genesys replaceWithQueue',
  ])
    t.ok(
      ours.some(({ name, parentSpanId }) => name === stage && parentSpanId === '00f067aa0ba902b7'),
      `${stage} is a span of the request's trace`,
    )
  t.match(
    ours.find(({ name }) => name === 'validation')?.attributes.map(({ key }) => key),
    ['handoff.stage', 'handoff.outcome', 'handoff.transfer_id'],
  )
  for (const canary of ['CANARY', '15112345678', operationsKey.slice(8)]) t.notOk(bodies.join().includes(canary), `${canary} is in no span`)
})

test('given a collector that is not there, when calls are transferred, then nobody notices, and the log says so once at most', async (t) => {
  const world = await startWorld(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  const { conversationId, queueId } = usualScene(world.scene)
  t.equal((await world.transfer({ conversationId, target: { type: 'queue', queueId } })).status, 202)
  await world.stop()
  t.ok(world.lines.filter((line) => line['stage'] === 'tracing').length <= 1)
})
