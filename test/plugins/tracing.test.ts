/** Which spans a collector receives, and what happens without one. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

interface Span {
  name: string
  traceId: string
  spanId: string
  parentSpanId?: string
  kind: number
  attributes: Array<{ key: string; value: { stringValue?: string; intValue?: number } }>
  status: { code?: number }
}
/** SPAN_KIND_SERVER (OpenTelemetry protocol). */
const serverKind = 2
const attributesOf = ({ attributes }: Span): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

test('given a collector of traces, when calls are transferred, then each request is a span, and each of its stages is a child of that span', async (t) => {
  const bodies: string[] = []
  const collector = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      bodies.push(`${request.url} ${body}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  t.teardown(() => collector.close())
  const system = await startTestSystem(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    ALLOWED_NUMBERS: '+4915*',
  })
  const { conversationId, skillId, queueId, otherQueueId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const { body } = await system.postTransfer(
    {
      conversationId,
      target: { type: 'skill', skillId, queueId },
      fallback: [{ type: 'number', address: '+4915112345678' }],
      context: { reason: 'CANARY' },
    },
    { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  )
  await system.waitForState(body.id, 'picked_up')
  await waitFor(() => system.crm.eventTypesFor(body.id).length === 2, 'both webhooks')
  const secondCall = system.control.addConversation({ in: 'ivr' }).conversationId
  const { body: other } = await system.postTransfer({ conversationId: secondCall, target: { type: 'queue', queueId: otherQueueId } })
  await system.request('GET', `/v1/transfers/${randomUUID()}?canary=CANARY`)
  await system.request('GET', '/nothing/CANARY')
  await system.request('GET', '/ready')
  const unsampledTraceId = 'a'.repeat(32)
  await system.request('GET', '/v1/transfers', undefined, { traceparent: `00-${unsampledTraceId}-00f067aa0ba902b7-00` })
  await system.stop()
  const spans = bodies.flatMap((text) => {
    const { resourceSpans } = JSON.parse(text.slice(text.indexOf(' ') + 1)) as {
      resourceSpans: Array<{ scopeSpans: Array<{ spans: Span[] }> }>
    }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  })
  const posts = spans.filter(({ name }) => name === 'POST /v1/transfers')
  const stages = ['validation', 'verification', 'execution', 'audit-poll', 'webhook', 'genesys getConversation', 'genesys replaceWithQueue']

  const traceSpans = spans.filter((span) => span.traceId === traceId)
  const root = posts.find((span) => span.traceId === traceId)
  t.match(root, { parentSpanId: '00f067aa0ba902b7', kind: serverKind }, "the request is a child of its caller's span")
  t.strictSame(root && attributesOf(root), {
    'http.request.method': 'POST',
    'http.route': '/v1/transfers',
    'http.response.status_code': 202,
  })
  for (const stage of stages)
    t.ok(
      traceSpans.some(({ name, parentSpanId }) => name === stage && parentSpanId === root?.spanId),
      `${stage} is a child of that span`,
    )
  t.match(
    traceSpans.find(({ name }) => name === 'validation')?.attributes.map(({ key }) => key),
    ['handoff.stage', 'handoff.outcome', 'handoff.transfer_id'],
  )

  const withoutParent = posts.find((span) => span.traceId !== traceId)
  t.notOk(withoutParent?.parentSpanId, 'a request without a traceparent header starts a new trace')
  const auditLines = system.logLines.filter((line) => line['actionId'] === other.id)
  t.ok(
    auditLines.length > 0 && auditLines.every((line) => line['trace.id'] === withoutParent?.traceId),
    'the log lines of its audit entries have the id of the new trace',
  )
  t.ok(spans.some(({ name, parentSpanId }) => name === 'execution' && parentSpanId === withoutParent?.spanId))

  t.match(
    spans.filter(({ name }) => name === 'GET').map(attributesOf),
    [{ 'http.response.status_code': 404 }],
    'a request to an unknown address has no route',
  )
  t.notOk(
    spans.some(({ name, traceId }) => name.includes('ready') || traceId === unsampledTraceId),
    'neither probes nor unsampled requests are recorded',
  )
  // Only the end of the key is searched for: so it is also found if `hk_` and the id, with which it starts, are left out.
  for (const canary of ['CANARY', '15112345678', operationsKey.slice(8)])
    t.notOk(bodies.join().includes(canary), `${canary} does not appear in the spans`)
})

test('given a collector that cannot be reached, when calls are transferred, then the transfers succeed, and the log reports the collector at most once', async (t) => {
  const system = await startTestSystem(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  const { conversationId, queueId } = setUpIvrCall(system.control)
  t.equal((await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })).status, 202)
  await system.stop()
  t.ok(system.logLines.filter((line) => line['stage'] === 'tracing').length <= 1)
})
