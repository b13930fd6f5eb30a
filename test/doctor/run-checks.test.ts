/** What the doctor reports about a simulated organization. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { runChecks } from '../../src/doctor/run-checks.ts'
import { failed, formatResults, isHealthy, passed, toJson } from '../../src/doctor/check-result.ts'
import { readEnvironment } from '../../src/environment.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startConnectProxy } from '../support/outbound/connect-proxy.ts'
import { testSettings } from '../support/settings.ts'
import { setUpIvrCall } from '../support/calls.ts'

const neededPermissions = [
  'conversation:communication:view',
  'conversation:communication:blindTransfer',
  'routing:conversation:edit',
  'routing:queue:view',
  'routing:skill:view',
]

test('given a simulated organization, when the doctor runs its checks', async (t) => {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const { control } = simulator
  const { queueId, otherQueueId, skillId } = setUpIvrCall(control)
  const run = (settings: Record<string, string> = {}, queues: string[] = [], skills: string[] = []) =>
    runChecks(readEnvironment({ ...testSettings(simulator.url), DEFAULT_QUEUE_ID: queueId, ...settings }), {
      queues,
      skills,
      webhook: false,
      findRegion: false,
    })

  await t.test('with all permissions, then it is healthy and nothing was transferred', async (t) => {
    control.setPermissions(neededPermissions)
    const results = await run({}, [], [skillId])
    t.ok(isHealthy(results), formatResults(results))
    t.match(formatResults(results), /Everything that Handoff needs is in place/)
    t.strictSame(control.transfers(), [])
  })
  await t.test('with an outbound proxy, then the doctor goes through it and says so', async (t) => {
    const proxy = await startConnectProxy(t, { credentials: 'user:proxy-s3cret' })
    const results = await run({ HTTP_PROXY: proxy.url.href, NO_PROXY: 'internal.example' })
    t.ok(isHealthy(results), formatResults(results))
    t.equal(proxy.authorities[0], new URL(simulator.url).host)
    t.match(
      formatResults(results),
      `proxy: https goes through ${proxy.url.host}, plain http through ${proxy.url.host}; directly to internal.example.`,
    )
    t.notMatch(formatResults(results), 'proxy-s3cret')
    t.match(await run({ HTTPS_PROXY: proxy.url.href }), [
      {},
      {},
      {},
      {},
      { message: `https goes through ${proxy.url.host}, plain http directly.` },
    ])
  })
  for (const permission of neededPermissions)
    await t.test(`without ${permission}, then exactly that one is named`, async (t) => {
      control.setPermissions(neededPermissions.filter((other) => other !== permission))
      const results = await run()
      t.strictSame([...new Set(results.flatMap(({ missingPermissions = [] }) => missingPermissions))], [permission])
      t.notOk(isHealthy(results))
    })
  control.setPermissions('all')
  await t.test(
    'with wrong credentials, an unknown queue, a queue without members, an unknown skill or a lower limit, then that is reported',
    async (t) => {
      t.match((await run({ GENESYS_CLIENT_SECRET: 'wrong-secret' })).at(-1), { check: 'credentials', outcome: 'not ok' })
      const results = await run({}, [randomUUID(), otherQueueId], [randomUUID()])
      t.strictSame(
        results.filter(({ check }) => check.startsWith('--')).map(({ outcome }) => outcome),
        ['not ok', 'warning', 'not ok'],
      )
      control.setRequestsPerMinute(100)
      t.match((await run()).at(-1), { check: 'rate limit', outcome: 'not ok' })
      t.notMatch(formatResults(results), 'handoff-demo-secret')
    },
  )
})

test('given results, when they are printed for programs, then the published field names are used', async (t) => {
  t.strictSame(JSON.parse(toJson([failed('queues', 'missing.', 'add it.', ['routing:queue:view']), passed('clock', 'fine.')])), {
    healthy: false,
    findings: [
      { check: 'queues', verdict: 'not ok', says: 'missing.', cure: 'add it.', permissions: ['routing:queue:view'] },
      { check: 'clock', verdict: 'ok', says: 'fine.' },
    ],
  })
})
