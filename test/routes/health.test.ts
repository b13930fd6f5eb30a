/** Liveness and readiness: what they report, and how often the ledger is checked for them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { build, type TestContext } from '../support/build.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { testSettings } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

/** Builds a service that does not listen on a port, and a simulator. Its requests have no key. */
async function buildWithSimulator(t: TestContext) {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const { app } = await build(t, testSettings(simulator.url))
  async function get(url: string) {
    const response = await app.inject({ url })
    return { status: response.statusCode, body: response.json<Record<string, unknown>>() }
  }
  return { app, control: simulator.control, get }
}

test('given a service that works, when it is asked without a key, then it is alive and ready', async (t) => {
  const { app, get } = await buildWithSimulator(t)
  t.match(await get('/health'), { status: 200, body: { status: 'alive', watching: 0 } })
  t.match(await get('/ready'), { status: 200, body: { status: 'ready', ledger: 'ready', platform: 'ready' } })

  await t.test('and it is asked often, then the ledger is checked once a second at most', async (t) => {
    const { checkWritable } = app.ledger
    let checks = 0
    app.ledger.checkWritable = () => {
      checks += 1
      return checkWritable()
    }
    t.teardown(() => (app.ledger.checkWritable = checkWritable))
    const startedAt = Date.now()
    await Promise.all(Array.from({ length: 50 }, () => get('/ready')))
    t.ok(checks <= 1 + (Date.now() - startedAt) / 1_000, `${checks} checks for 50 requests`)
  })
})

test('given a transfer that is watched, when /health is requested, then it is counted', async (t) => {
  const system = await startTestSystem(t)
  const { conversationId, otherQueueId } = setUpIvrCall(system.control)
  await system.postTransfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
  t.match((await system.request('GET', '/health')).body, { watching: 1 })
})

test('given a ledger that cannot be written, when the service is asked, then it is alive and not ready', async (t) => {
  const { app, get } = await buildWithSimulator(t)
  app.ledger.checkWritable = () => Promise.reject(new StoreUnavailable('disk I/O error at /var/lib'))
  t.equal((await get('/health')).status, 200)
  t.match(await get('/ready'), { status: 503, body: { status: 'not_ready', ledger: 'not available', platform: 'ready' } })
})

test('given a service that was ready a moment ago, when a transfer is refused because the ledger cannot be written, then it is not ready at once', async (t) => {
  let isFull = false
  const wrapLedger = (ledger: Ledger): Ledger => ({
    ...ledger,
    openTransfer: (transfer) => (isFull ? Promise.reject(new StoreUnavailable('the disk is full')) : ledger.openTransfer(transfer)),
    checkWritable: () => (isFull ? Promise.reject(new StoreUnavailable('the disk is full')) : ledger.checkWritable()),
  })
  const { control, request, postTransfer } = await startTestSystem(t, {}, {}, { wrapLedger })
  const { conversationId, queueId } = setUpIvrCall(control)
  t.equal((await request('GET', '/ready')).status, 200)
  isFull = true
  t.equal((await postTransfer({ conversationId, target: { type: 'queue', queueId } })).status, 503)
  t.match(await request('GET', '/ready'), { status: 503, body: { ledger: 'not available', platform: 'ready' } })
})

test('given a file of the ledger that was deleted, when the service is asked, then it says to stop it and put the files in place', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-health-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const { request } = await startTestSystem(t, { DATABASE_URL: `sqlite:${join(folder, 'ledger.db')}` })
  rmSync(join(folder, 'ledger.db-wal'))
  const { status, body } = await request('GET', '/ready')
  t.match({ status, body }, { status: 503, body: { ledger: 'not available' } })
  t.match(body['reasons'], [/was deleted or moved.* stop Handoff, put .* in place/])
  t.notMatch(JSON.stringify(body), folder, 'anyone may read it, so it does not name the path')
})

test('given a platform that refuses the login, when the service is asked, then it is not ready until the login succeeds', async (t) => {
  const { control, get } = await buildWithSimulator(t)
  control.addFault({
    operation: 'POST /oauth/token',
    times: 1,
    fault: { kind: 'status', status: 401, body: { error: 'invalid_client' } },
  })
  const { status, body } = await get('/ready')
  t.match({ status, body }, { status: 503, body: { status: 'not_ready', ledger: 'ready', platform: String } })
  t.notMatch(JSON.stringify(body), 'handoff-demo', 'the response names neither the client nor its secret')
  await waitFor(async () => (await get('/ready')).status === 200, 'readiness')
})

for (const [status, body] of [
  [400, { error: 'invalid_client', description: 'client not found: handoff-demo' }],
  [401, { error: 'invalid_client', error_description: 'bad secret handoff-demo-secret' }],
] as const)
  test(`given a platform that refuses the OAuth client with ${status}, when the service is asked, then it is not ready and says which settings to check`, async (t) => {
    const { control, get } = await buildWithSimulator(t)
    control.addFault({ operation: 'POST /oauth/token', times: 'always', fault: { kind: 'status', status, body } })
    const response = await get('/ready')
    t.match(response, { status: 503, body: { status: 'not_ready', ledger: 'ready', platform: 'not available' } })
    t.match(response.body['reasons'], [/does not accept the OAuth client.*GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV/])
    t.notMatch(JSON.stringify(response.body), /handoff-demo|invalid_client|40\d/, 'the response contains nothing of the error')
  })

test('given a service without calls, when the platform revokes its token and its OAuth client, then it is not ready within seconds, until it can log in again', async (t) => {
  const { control, get } = await buildWithSimulator(t)
  t.match(await get('/ready'), { status: 200 })
  control.addFault({
    operation: 'POST /oauth/token',
    times: 'always',
    fault: { kind: 'status', status: 401, body: { error: 'invalid_client' } },
  })
  control.revokeTokens()
  const { body } = await waitFor(async () => {
    const response = await get('/ready')
    return response.status === 503 && response
  }, 'the response that it is not ready')
  t.match(body, { status: 'not_ready', ledger: 'ready', platform: 'not available', reasons: [/does not accept the OAuth client/] })
  control.clearFaults()
  await waitFor(async () => (await get('/ready')).status === 200, 'readiness')
})

test('given a service without calls, when the platform revokes its token only, then it logs in again and stays ready', async (t) => {
  const { control, get } = await buildWithSimulator(t)
  t.match(await get('/ready'), { status: 200 })
  control.revokeTokens()
  const logins = () => control.requests().counts['POST /oauth/token'] ?? 0
  await waitFor(async () => {
    t.match(await get('/ready'), { status: 200 })
    return logins() > 1
  }, 'another login')
})

test('given a service that has logged in, when the platform goes away, then the service is not ready within seconds, and only its log says why', async (t) => {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const { app, logLines } = await build(t, testSettings(simulator.url))
  const get = async () => (await app.inject({ url: '/ready' })).json<Record<string, unknown>>()
  t.match(await get(), { status: 'ready' })
  await simulator.close()
  await waitFor(async () => (await get())['status'] === 'not_ready', 'the response that it is not ready', 60_000)
  const { ledger, platform } = await get()
  t.strictSame([ledger, platform], ['ready', 'not available'])
  const lines = logLines.filter(({ message }) => message === 'not ready')
  t.match(lines, [{ 'log.level': 'warn', part: 'platform', reason: String }])
  t.equal(lines.length, 1, 'however often it is asked')
})
