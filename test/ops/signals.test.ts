/** What the alerts of ops/ are about is in the metrics as soon as it happens: refused logins, leases, the watcher, failing endpoints and paused bulk transfers. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { setUpIvrCall } from '../support/calls.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

/** The value of a series; NaN when it is not there. */
async function readValue(system: TestSystem, series: string): Promise<number> {
  const { body } = await system.request<string>('GET', '/metrics')
  const line = body.split('\n').find((text) => text.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1))
}
const waitForValue = (system: TestSystem, series: string, isExpected: (value: number) => boolean) =>
  waitFor(async () => isExpected(await readValue(system, series)), series, 30_000)

t.test('given a service that works, then the metrics show no trouble', async (t) => {
  const system = await startTestSystem(t)
  await waitForValue(system, 'handoff_logins_total{result="ok"}', (value) => value === 1)
  t.equal(await readValue(system, 'handoff_logins_total{result="login_failed"}'), 0)
  t.equal(await readValue(system, 'handoff_lease_valid'), 1)
  t.equal(await readValue(system, 'handoff_leases_expired_total'), 0)
  t.equal(await readValue(system, 'handoff_watch_overdue_seconds'), 0)
  t.equal(await readValue(system, 'handoff_bulk_transfers{state="paused"}'), 0)
  t.ok((await readValue(system, 'handoff_takeover_age_seconds')) < 60)
})

t.test('given a wrong OAuth secret, then the refused logins are counted', async (t) => {
  const system = await startTestSystem(t, { GENESYS_CLIENT_SECRET: 'not the secret' })
  await waitForValue(system, 'handoff_logins_total{result="login_failed"}', (value) => value > 0)
})

t.test('given a lease that runs out and is taken again, then that is counted, and the log says so in one warning', async (t) => {
  const system = await startTestSystem(t, {}, {}, { leaseMs: 20_000 })
  const { renewLease } = system.app.ledger
  let hasExpired = false
  Object.defineProperty(system.app.ledger, 'renewLease', {
    value: async () => (hasExpired ? renewLease() : ((hasExpired = true), false)),
  })
  await waitForValue(system, 'handoff_leases_expired_total', (value) => value === 1)
  const warnings = system.logLines.filter((line) => String(line['message']).startsWith('the lease in the ledger ran out'))
  t.match(warnings, [{ 'log.level': 'warn' }])
  t.equal(warnings.length, 1)
})

t.test('given takeovers and polls that never end, then their age grows', async (t) => {
  const system = await startTestSystem(t, { PICKUP_EVENTS: 'off' })
  const { ledger, genesys } = system.app
  let isStuck = false
  const release = Promise.withResolvers<void>()
  t.teardown(() => release.resolve())
  for (const [target, name] of [
    [ledger, 'claimTransfers'],
    [genesys.client, 'conversation'],
  ] as const) {
    const original = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>
    Object.defineProperty(target, name, {
      value: async (...args: unknown[]) => {
        if (isStuck) await release.promise
        return original.apply(target, args)
      },
    })
  }
  const { conversationId, otherQueueId } = setUpIvrCall(system.control)
  await system.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
  isStuck = true
  await waitForValue(system, 'handoff_watch_overdue_seconds', (value) => value > 1)
  await waitForValue(system, 'handoff_takeover_age_seconds', (value) => value > 3)
})

t.test(
  'given an endpoint that fails and recovers, then the metrics and the log follow it, with one warning for all its webhooks',
  async (t) => {
    const system = await startTestSystem(t, { PICKUP_EVENTS: 'off' })
    system.crm.respondWith((response) => response.writeHead(500).end())
    const requestTransfer = () => {
      const { conversationId, otherQueueId } = setUpIvrCall(system.control)
      return system.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    }
    for (let count = 0; count < 3; count++) await requestTransfer()
    const series = `handoff_webhook_endpoint_failing_seconds{endpoint="${system.app.crmWebhooks.endpoints[0]?.id}"}`
    await waitForValue(system, series, (value) => value > 0)
    await waitFor(() => system.crm.attempts.length >= 3, 'the attempts')
    const findLines = (...levels: string[]) =>
      system.logLines.filter((line) => levels.includes(String(line['log.level'])) && /endpoint|webhook/.test(String(line['message'])))
    t.match(findLines('warn', 'error'), [
      {
        'log.level': 'warn',
        message: /^an endpoint does not accept webhooks/,
        origin: new URL(system.crm.url).origin,
        reason: /answered 500/,
      },
    ])
    t.equal(findLines('warn', 'error').length, 1)
    system.crm.respondWith((response) => response.writeHead(200).end())
    await requestTransfer()
    await waitForValue(system, series, (value) => value === 0)
    await waitFor(() => findLines('info').some((line) => line['message'] === 'an endpoint accepts webhooks again'), 'the end of the outage')
  },
)

t.test('given an endpoint that wants no webhooks, then one error says so', async (t) => {
  const system = await startTestSystem(t)
  system.crm.respondWith((response) => response.writeHead(410).end())
  for (let count = 0; count < 2; count++) {
    const { conversationId, otherQueueId } = setUpIvrCall(system.control)
    await system.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
  }
  const findErrors = () => system.logLines.filter((line) => line['log.level'] === 'error')
  await waitFor(() => system.logLines.filter((line) => String(line['message']).endsWith('not delivered')).length === 2, 'both attempts')
  t.match(findErrors(), [{ message: /^webhooks to an endpoint are refused and not retried/, reason: /410/ }])
  t.equal(findErrors().length, 1)
})

t.test('given a bulk transfer that is paused, then it is counted', async (t) => {
  const system = await startTestSystem(t)
  const { queueId, otherQueueId } = setUpIvrCall(system.control)
  for (let count = 0; count < 2; count++) system.control.addConversation({ in: { queueId: otherQueueId } })
  const { status, body } = await system.request<{ id: string }>(
    'POST',
    '/v1/bulk-transfers',
    { fromQueueId: otherQueueId, target: { type: 'queue', queueId }, reason: 'closing' },
    { 'idempotency-key': randomUUID() },
  )
  t.equal(status, 202)
  await system.app.ledger.updateBulkTransfer(body.id, (record) => ({
    record: { ...record, state: 'paused' },
    audit: { status: 'bulk_paused' } as never,
  }))
  await waitForValue(system, 'handoff_bulk_transfers{state="paused"}', (value) => value === 1)
})
