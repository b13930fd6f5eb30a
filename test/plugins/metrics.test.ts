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
    [`handoff_webhook_attempts_total{endpoint="${world.app.crmWebhooks.endpoints[0]?.id}",outcome="delivered"}`, 3],
    ['handoff_http_request_duration_seconds_count{method="POST",route="/v1/transfers",status="202"}', 1],
    ['handoff_webhook_delivery_lag_seconds_count', 3],
  ]
  // Each is counted a moment after it happened. What never is, is named below.
  let text = ''
  await until(async () => {
    text = await scraped(world)
    return expected.every(([series, least]) => valueOf(text, series) >= least)
  }).catch(() => {})
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
  const endpoint = world.app.crmWebhooks.endpoints[0]?.id
  const text = await until(async () => {
    const now = await scraped(world)
    return valueOf(now, `handoff_webhook_attempts_total{endpoint="${endpoint}",outcome="retry"}`) > 0 && now
  }, 'a failed attempt')
  t.ok(valueOf(text, `handoff_webhook_pending{endpoint="${endpoint}"}`) > 0)
  t.equal(valueOf(text, `handoff_webhook_endpoint_paused{endpoint="${endpoint}"}`), 0)
})
