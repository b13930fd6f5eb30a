/** Failures that an operator must see: each is an error or a warning in the log when it begins, not with each call, and its end is logged too. */
import t from 'tap'
import { StoreUnavailable } from '../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { createOutageLog, type Outage } from '../../src/telemetry/outage-log.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { startService } from '../support/service.ts'
import { testSettings } from '../support/settings.ts'
import { startTestSystem, type TestSystem } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

const settings = { PICKUP_EVENTS: 'off' }
/** The warnings and errors. */
const alarms = ({ logLines }: Pick<TestSystem, 'logLines'>): TestSystem['logLines'] =>
  logLines.filter((line) => ['warn', 'error', 'fatal'].includes(String(line['log.level'])))
const messages = (lines: TestSystem['logLines']): unknown[] => lines.map((line) => line['message'])
const requestTransfer = (system: Pick<TestSystem, 'control' | 'postTransfer'>) => {
  const { conversationId, queueId } = setUpIvrCall(system.control)
  return system.postTransfer({ conversationId, target: { type: 'queue', queueId } })
}

t.test('given a wrong OAuth secret, when transfers are requested, then one error names the settings', async (t) => {
  const system = await startTestSystem(t, { ...settings, GENESYS_CLIENT_SECRET: 'not the secret' })
  for (let count = 0; count < 3; count++) t.match(await requestTransfer(system), { body: { code: 'GENESYS_AUTH_FAILED' } })
  t.equal((await system.request('GET', '/ready')).status, 503)
  t.match(alarms(system), [
    {
      'log.level': 'error',
      message: /^the platform does not accept the OAuth client: check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV/,
      alert: true,
      reason: /invalid_client|40\d/,
    },
  ])
  t.equal(alarms(system).length, 1)
})

t.test('given a platform that cannot be reached, when transfers are requested, then one error says what to look at', async (t) => {
  // Nothing listens on the port for "discard".
  const system = await startTestSystem(t, { ...settings, GENESYS_GATEWAY_URL: 'http://127.0.0.1:9' })
  for (let count = 0; count < 2; count++) t.match(await requestTransfer(system), { status: 503 })
  t.equal((await system.request('GET', '/ready')).status, 503)
  t.match(alarms(system), [
    { 'log.level': 'error', message: /check GENESYS_ENV or GENESYS_GATEWAY_URL, DNS, proxy and firewall$/, reason: /ECONNREFUSED/ },
  ])
  t.equal(alarms(system).length, 1)
})

t.test('given a wrong OAuth secret, when the service is started and nothing is requested, then the error is logged', async (t) => {
  const system = await startTestSystem(t, { ...settings, GENESYS_CLIENT_SECRET: 'not the secret' })
  await waitFor(() => alarms(system).length > 0, 'the error')
  t.match(messages(alarms(system)), [/^the platform does not accept the OAuth client/])
})

t.test(
  'given a platform that accepts the OAuth client, when the service is started, then it logs in once and the log has no error',
  async (t) => {
    const system = await startTestSystem(t, settings)
    const logins = () => system.control.requests().counts['POST /oauth/token']
    await waitFor(() => logins() === 1, 'the login')
    t.equal((await requestTransfer(system)).status, 202)
    t.equal(logins(), 1, 'a transfer uses the same token')
    t.strictSame(alarms(system), [])
  },
)

t.test('given a login that fails for a while, then one error reports it, and one line says that it works again', async (t) => {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const { control } = simulator
  control.addFault({ operation: 'POST /oauth/token', fault: { kind: 'empty', status: 503 }, times: 1_000 })
  const system = { ...(await startService(t, { ...testSettings(simulator.url), ...settings })), control }
  await requestTransfer(system)
  control.clearFaults()
  await waitFor(async () => (await requestTransfer(system)).status === 202, 'a transfer')
  t.match(messages(alarms(system)), [/^the login of the platform does not work/])
  t.equal(alarms(system).length, 1)
  t.equal(messages(system.logLines).filter((message) => message === 'the login of the platform works again').length, 1)
})

t.test('given a permission that the OAuth client lacks, then one error names the operation and the permission', async (t) => {
  const system = await startTestSystem(t, settings)
  system.control.setPermissions(['conversation:communication:view'])
  for (let count = 0; count < 3; count++) t.match(await requestTransfer(system), { body: { code: 'PERMISSION_MISSING' } })
  const [first] = alarms(system)
  t.match(first, { 'log.level': 'error', message: /^the OAuth client lacks a permission for/, permissions: Array, operation: String })
  t.equal(new Set(messages(alarms(system))).size, alarms(system).length, 'one line for each operation')
})

t.test(
  'given a platform that does not answer for a while, then the begin and the end of the outage are logged, not each call',
  async (t) => {
    const system = await startTestSystem(t, settings)
    await requestTransfer(system)
    system.control.addFault({ operation: 'GET /conversations/{id}', fault: { kind: 'empty', status: 503 }, times: 1_000 })
    const waitForRefusal = async (): Promise<boolean> => (await requestTransfer(system)).body.code === 'GENESYS_UNAVAILABLE'
    for (let count = 0; count < 30; count++) await waitForRefusal()
    system.control.clearFaults()
    await waitFor(async () => (await requestTransfer(system)).status === 202, 'a transfer', 30_000)
    const outageLines = alarms(system).filter((line) => String(line['message']).startsWith('the platform '))
    t.match(messages(outageLines), ['the platform did not answer a request', /^the platform counts as down: transfers are refused/])
    t.equal(outageLines.length, 2)
    t.strictSame(
      outageLines.map((line) => line['log.level']),
      ['warn', 'error'],
    )
    t.equal(messages(system.logLines).filter((message) => message === 'the platform works again').length, 1)
  },
)

t.test('given a ledger that cannot be used for a while, then one error reports it, and one line reports its end', async (t) => {
  let isBroken = false
  const wrapLedger = (ledger: Ledger): Ledger =>
    new Proxy(ledger, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function' || name === 'close') return member
        return (...args: unknown[]): unknown =>
          isBroken ? Promise.reject(new StoreUnavailable('the disk is full')) : (member.apply(target, args) as unknown)
      },
    })
  const system = await startTestSystem(t, settings, {}, { wrapLedger, leaseMs: 400 })
  isBroken = true
  for (let count = 0; count < 5; count++) t.match(await requestTransfer(system), { body: { code: 'STORE_UNAVAILABLE' } })
  for (let count = 0; count < 5; count++) await system.request('GET', '/v1/transfers', undefined, { authorization: '' })
  isBroken = false
  await waitFor(() => messages(system.logLines).includes('the ledger works again'), 'the end of the outage')
  const outageLines = alarms(system).filter((line) => !String(line['message']).startsWith('the lease in the ledger ran out'))
  t.equal(outageLines.length, 1)
  t.match(outageLines, [
    {
      'log.level': 'error',
      message: /^the ledger cannot be used: transfers are refused.*look at the disk/,
      reason: /the disk is full/,
      alert: true,
    },
  ])
})

t.test('given an outage log, when outages begin, change and end, then few lines are logged', async (t) => {
  const createLog = (minIntervalMs: number) => {
    const lines: string[] = []
    const write = (level: string) => (_fields: object, message: string) => void lines.push(`${level} ${message}`)
    return { lines, outages: createOutageLog({ error: write('error'), warn: write('warn'), info: write('info') }, minIntervalMs) }
  }
  const down: Outage = { level: 'error', message: 'down', recovery: 'up' }
  const slow: Outage = { level: 'warn', message: 'slow', recovery: 'fast' }

  await t.test('given an outage, when it gets worse, then that is logged; when it gets better, then only its end is logged', async (t) => {
    const { lines, outages } = createLog(0)
    for (const outage of [slow, slow, down, slow, down]) outages.begin('x', outage)
    outages.end('x')
    outages.end('x')
    t.strictSame(lines, ['warn slow', 'error down', 'info up'])
  })

  await t.test('given an outage that comes and goes, when it repeats within the interval, then it is logged once', async (t) => {
    const { lines, outages } = createLog(3_600_000)
    for (let count = 0; count < 100; count++) {
      outages.begin('x', down)
      outages.end('x')
    }
    outages.begin('y', down)
    t.strictSame(lines, ['error down', 'info up', 'error down'], 'another subject is logged separately')
  })
})

t.test(
  'given reads that the platform throttles for the organization, when several are tried, then one warning names their family, and its end is logged',
  async (t) => {
    const system = await startTestSystem(t, settings)
    const { skillId, queueId } = setUpIvrCall(system.control, ['never'])
    const request = () =>
      system.postTransfer({
        conversationId: system.control.addConversation({ in: 'ivr' }).conversationId,
        target: { type: 'skill', skillId, queueId },
      })
    const fault = { kind: 'rate-limited', retryAfterSeconds: 1, scope: 'organization' } as const
    system.control.addFault({ operation: 'GET /routing/queues/{id}/members', fault })
    for (let count = 0; count < 3; count++) t.equal((await request()).status, 202)
    t.match(alarms(system), [{ message: /^the platform throttles some requests for the whole organization/, family: 'queue' }])
    t.equal(alarms(system).length, 1)
    await waitFor(async () => {
      await request()
      return messages(system.logLines).includes('the platform does not throttle these requests any more')
    }, 'the end of the outage')
  },
)
