import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { newId, operationsKey, startWorld, usualScene } from '../support/service.ts'
import { until } from '../support/until.ts'

interface Span {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  kind: number
  attributes: Array<{ key: string; value: { stringValue?: string; intValue?: number } }>
  status: { code?: number }
}
const server = 2
const facts = ({ attributes }: Span): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

test('given a collector of traces, when calls are transferred, then each request is a span, and each of its stages one below it', async (t) => {
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
  const { conversationId, skillId, queueId, otherQueueId } = usualScene(world.scene, [{ after: 20, with: 'pickup' }])
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
  const alone = world.scene.addConversation({ in: 'ivr' }).conversationId
  const { body: other } = await world.transfer({ conversationId: alone, target: { type: 'queue', queueId: otherQueueId } })
  await world.ask('GET', `/v1/transfers/${newId()}?canary=CANARY`)
  await world.ask('GET', '/nothing/CANARY')
  await world.ask('GET', '/ready')
  const unasked = 'a'.repeat(32)
  await world.ask('GET', '/v1/transfers', undefined, { traceparent: `00-${unasked}-00f067aa0ba902b7-00` })
  await world.stop()
  const spans = bodies.flatMap((text) => {
    const { resourceSpans } = JSON.parse(text.slice(text.indexOf(' ') + 1)) as {
      resourceSpans: Array<{ scopeSpans: Array<{ spans: Span[] }> }>
    }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  })
  const posts = spans.filter(({ name }) => name === 'POST /v1/transfers')
  const stages = ['validation', 'verification', 'execution', 'audit-poll', 'webhook', 'genesys getConversation', 'genesys replaceWithQueue']

  const ours = spans.filter(({ traceId }) => traceId === trace)
  const root = posts.find(({ traceId }) => traceId === trace)
  t.match(root, { parentSpanId: '00f067aa0ba902b7', kind: server }, "the request is a child of its caller's span")
  t.strictSame(root && facts(root), { 'http.request.method': 'POST', 'http.route': '/v1/transfers', 'http.response.status_code': 202 })
  for (const stage of stages)
    t.ok(
      ours.some(({ name, parentSpanId }) => name === stage && parentSpanId === root?.spanId),
      `${stage} is a span below it`,
    )
  t.match(
    ours.find(({ name }) => name === 'validation')?.attributes.map(({ key }) => key),
    ['handoff.stage', 'handoff.outcome', 'handoff.transfer_id'],
  )

  const first = posts.find(({ traceId }) => traceId !== trace)
  t.notOk(first?.parentSpanId, 'a request without a trace begins one')
  const trail = world.lines.filter((line) => line['actionId'] === other.id)
  t.ok(trail.length > 0 && trail.every((line) => line['trace.id'] === first?.traceId), 'which the log and the trail name')
  t.ok(spans.some(({ name, parentSpanId }) => name === 'execution' && parentSpanId === first?.spanId))

  t.match(spans.filter(({ name }) => name === 'GET').map(facts), [{ 'http.response.status_code': 404 }], 'what leads nowhere has no route')
  t.notOk(
    spans.some(({ name, traceId }) => name.includes('ready') || traceId === unasked),
    'probes are not told of, nor what is not to be recorded',
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
