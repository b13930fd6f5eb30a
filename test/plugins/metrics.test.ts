/** Which metrics a scrape returns, and their values while the ledger or the CRM is down. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import { standardOutput } from '../../src/telemetry/log-output.ts'
import { operationsKey } from '../support/settings.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { waitFor } from '../support/wait-for.ts'

const scrape = async (system: TestSystem): Promise<string> => (await fetch(`${system.url}/metrics`)).text()
/** The value of a series; 0 when it does not exist. */
const valueOf = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1) ?? 0,
  )

test('given transfers that succeed and fail, when the metrics are scraped, then every stage is covered and no personal data appears', async (t) => {
  const system = await startTestSystem(t, { ALLOWED_NUMBERS: '+4915*' })
  const { conversationId, skillId, queueId } = setUpIvrCall(system.control, [{ after: 20, with: 'pickup' }])
  const { body } = await system.postTransfer({
    conversationId,
    target: { type: 'skill', skillId, queueId },
    context: { reason: 'CANARY-context' },
  })
  await system.waitForState(body.id, 'picked_up')
  await system.postTransfer({ conversationId: randomUUID(), target: { type: 'number', address: '+4915112345678' } })
  await system.request('GET', '/v1/transfers', undefined, { authorization: '' })

  const expected: Array<[series: string, minimum: number]> = [
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
    [`handoff_webhook_attempts_total{endpoint="${system.app.crmWebhooks.endpoints[0]?.id}",outcome="delivered"}`, 3],
    ['handoff_http_request_duration_seconds_count{method="POST",route="/v1/transfers",status="202"}', 1],
    ['handoff_webhook_delivery_lag_seconds_count', 3],
  ]
  // Events are counted shortly after they happen. A timeout is ignored here, because the assertions below name the series that is too low.
  let text = ''
  await waitFor(async () => {
    text = await scrape(system)
    return expected.every(([series, minimum]) => valueOf(text, series) >= minimum)
  }).catch(() => {})
  for (const [series, minimum] of expected) t.ok(valueOf(text, series) >= minimum, `${series} is at least ${minimum}`)
  t.match(text, /^nodejs_eventloop_lag/m, 'the metrics of the Node.js process are included')
  for (const canary of ['CANARY', '15112345678', operationsKey.slice(8), conversationId, body.id, queueId, 'handoff-demo-secret'])
    t.notOk(text.includes(canary), `${canary} does not appear in the metrics`)
  t.notOk(
    system.logLines.some((line) => line['route'] === '/metrics'),
    'a scrape is not logged',
  )
})

test('given a ledger that is not available, when the metrics are scraped, then the other metrics are still returned and ledger_up is 0', async (t) => {
  const system = await startTestSystem(t)
  t.equal(valueOf(await scrape(system), 'handoff_ledger_up'), 1)
  system.app.ledger.listEndpoints = () => Promise.reject(new StoreUnavailable('gone'))
  const response = await fetch(`${system.url}/metrics`)
  const text = await response.text()
  t.match([response.status, response.headers.get('content-type')], [200, /^text\/plain/])
  t.equal(valueOf(text, 'handoff_ledger_up'), 0)
  t.equal(valueOf(text, 'handoff_scrape_errors_total{source="ledger"}'), 1)
  t.ok(valueOf(text, 'handoff_governor_limit{token="0"}') > 0)
})

test('given reads that the platform throttles for the organization, when the metrics are scraped, then the pause of their family is reported', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, skillId, queueId } = setUpIvrCall(system.control)
  const fault = { kind: 'rate-limited', retryAfterSeconds: 600, scope: 'organization' } as const
  system.control.addFault({ operation: 'GET /routing/queues/{id}/members', fault })
  await system.postTransfer({ conversationId, target: { type: 'skill', skillId, queueId } })
  const text = await scrape(system)
  const seconds = valueOf(text, 'handoff_governor_family_paused_seconds{family="queue"}')
  t.ok(seconds > 500 && seconds <= 600, String(seconds))
  t.equal(valueOf(text, 'handoff_governor_family_paused_seconds{family="transfer"}'), 0)
  t.equal(valueOf(text, 'handoff_governor_paused_seconds{token="0"}'), 0)
})

test('given a CRM that fails, when the metrics are scraped, then the pending deliveries and the age of the oldest are reported, and the endpoint is not paused', async (t) => {
  const system = await startTestSystem(t)
  system.crm.respondWith((response) => response.writeHead(500).end())
  const { conversationId, queueId } = setUpIvrCall(system.control)
  await system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  const endpoint = system.app.crmWebhooks.endpoints[0]?.id
  const text = await waitFor(async () => {
    const current = await scrape(system)
    return valueOf(current, `handoff_webhook_attempts_total{endpoint="${endpoint}",outcome="retry"}`) > 0 && current
  }, 'a failed attempt')
  t.ok(valueOf(text, `handoff_webhook_pending{endpoint="${endpoint}"}`) > 0)
  t.equal(valueOf(text, `handoff_webhook_endpoint_paused{endpoint="${endpoint}"}`), 0)
  const findAge = async () => valueOf(await scrape(system), `handoff_webhook_oldest_pending_seconds{endpoint="${endpoint}"}`)
  t.ok(await waitFor(async () => (await findAge()) > 0, 'the age of the oldest pending delivery'))
})

test('given log lines that could not be written, when the metrics are scraped, then their number is reported', async (t) => {
  const system = await startTestSystem(t)
  t.equal(valueOf(await scrape(system), 'handoff_log_lines_lost_total'), 0)
  const original = Object.getOwnPropertyDescriptor(standardOutput, 'lostLines') ?? {}
  t.teardown(() => Object.defineProperty(standardOutput, 'lostLines', original))
  Object.defineProperty(standardOutput, 'lostLines', { get: () => 17, configurable: true })
  for (let count = 0; count < 2; count++) t.equal(valueOf(await scrape(system), 'handoff_log_lines_lost_total'), 17)
})
