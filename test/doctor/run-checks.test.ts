/** What the doctor reports about a simulated organization. */
import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { runChecks } from '../../src/doctor/run-checks.ts'
import { createFailure, formatResults, isHealthy, createPass, toJson } from '../../src/doctor/check-result.ts'
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
/** Calls can be moved without them. */
const conditionPermissions = ['routing:schedule:view', 'routing:scheduleGroup:view', 'routing:emergencyGroup:view']

const callbackPermission = 'conversation:callback:create'
const bulkPermission = 'analytics:queueObservation:view'
/** Without them, some requests are refused. */
const furtherPermissions = [callbackPermission, bulkPermission]

test('given a simulated organization, when the doctor runs its checks', async (t) => {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const { control } = simulator
  const { queueId, otherQueueId, skillId } = setUpIvrCall(control)
  const run = (settings: Record<string, string> = {}, queues: string[] = [], skills: string[] = [], scheduleGroups: string[] = []) =>
    runChecks(readEnvironment({ ...testSettings(simulator.url), DEFAULT_QUEUE_ID: queueId, ...settings }), {
      queues,
      skills,
      scheduleGroups,
      shouldTestWebhooks: false,
      shouldFindRegion: false,
    })

  await t.test('with all permissions, then it is healthy and nothing was transferred', async (t) => {
    control.setPermissions([...neededPermissions, ...conditionPermissions, ...furtherPermissions])
    const results = await run({}, [], [skillId])
    t.ok(isHealthy(results), formatResults(results))
    t.match(formatResults(results), /Handoff can transfer calls, but \d+ of \d+ checks gave a warning\.$/m)
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
      control.setPermissions([...neededPermissions.filter((other) => other !== permission), ...conditionPermissions, ...furtherPermissions])
      const results = await run()
      t.strictSame([...new Set(results.flatMap(({ missingPermissions = [] }) => missingPermissions))], [permission])
      t.notOk(isHealthy(results))
    })
  for (const permission of conditionPermissions)
    await t.test(`without ${permission}, then that is a warning, because opening hours then count as met`, async (t) => {
      control.setPermissions([...neededPermissions, ...conditionPermissions.filter((other) => other !== permission), ...furtherPermissions])
      const results = await run()
      t.ok(isHealthy(results))
      t.match(
        results.filter(({ missingPermissions }) => missingPermissions),
        [{ outcome: 'warning', message: /as if it were always open/, missingPermissions: [permission] }],
      )
    })
  for (const [permission, message] of [
    [callbackPermission, /callback are refused/],
    [bulkPermission, /bulk transfers are refused/],
  ] as const)
    await t.test(`without ${permission}, then that is a warning, because calls can be moved without it`, async (t) => {
      control.setPermissions([...neededPermissions, ...conditionPermissions, ...furtherPermissions.filter((other) => other !== permission)])
      const results = await run()
      t.ok(isHealthy(results))
      t.match(
        results.filter(({ missingPermissions }) => missingPermissions),
        [{ outcome: 'warning', message, missingPermissions: [permission] }],
      )
    })
  control.setPermissions('all')
  await t.test('with schedule groups, then the doctor says whether they are open, or why it cannot tell', async (t) => {
    const { schedules } = control
    const everyDay = { start: '2024-01-01T00:00:00', end: '2024-01-02T00:00:00', rrule: 'FREQ=DAILY;INTERVAL=1' }
    const openScheduleIds = [schedules.addSchedule(everyDay).id]
    const holidayScheduleIds = [schedules.addSchedule({ ...everyDay, end: '2024-01-01T23:59:00' }).id]
    const groups = [
      schedules.addScheduleGroup({ openScheduleIds }),
      schedules.addScheduleGroup({ openScheduleIds, holidayScheduleIds }),
      schedules.addScheduleGroup(),
      schedules.addScheduleGroup({ openScheduleIds: [schedules.addSchedule({ ...everyDay, rrule: 'FREQ=SOMETIMES' }).id] }),
      schedules.addScheduleGroup({ timeZone: 'Atlantis/Capital' }),
      { id: randomUUID() },
    ]
    const results = await run(
      {},
      [],
      [],
      groups.map(({ id }) => id),
    )
    t.match(
      results.filter(({ check }) => check.startsWith('--schedule-group')),
      [
        { outcome: 'ok', message: 'it is open now.' },
        { outcome: 'ok', message: /open/ },
        { outcome: 'warning', message: /closed now \(no schedule\), and does not open/ },
        { outcome: 'not ok', message: /could not be evaluated/ },
        { outcome: 'not ok', message: /could not be evaluated/ },
        { outcome: 'not ok', message: /has no such schedule group/ },
      ],
    )
  })
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
  t.strictSame(JSON.parse(toJson([createFailure('queues', 'missing.', 'add it.', ['routing:queue:view']), createPass('clock', 'fine.')])), {
    healthy: false,
    findings: [
      { check: 'queues', verdict: 'not ok', says: 'missing.', cure: 'add it.', permissions: ['routing:queue:view'] },
      { check: 'clock', verdict: 'ok', says: 'fine.' },
    ],
  })
})

test('given the limits of an organization, when the doctor runs its checks', async (t) => {
  const simulator = await startSimulator()
  t.teardown(() => simulator.close())
  const { control } = simulator
  const { queueId } = setUpIvrCall(control)
  const run = async (settings: Record<string, string>) => {
    const environment = readEnvironment({ ...testSettings(simulator.url), DEFAULT_QUEUE_ID: queueId, ...settings })
    const results = await runChecks(environment, {
      queues: [],
      skills: [],
      scheduleGroups: [],
      shouldTestWebhooks: false,
      shouldFindRegion: false,
    })
    return results.filter(({ check }) => check.startsWith('limits'))
  }

  await t.test('with settings that keep to them, then they are printed', async (t) => {
    t.strictSame(await run({ GENESYS_REQUESTS_PER_MINUTE: '300' }), [
      createPass('limits of platform.api', 'client.credentials.token.rate.per.minute 300.'),
      createPass('limits of routing', 'the platform lists none.'),
      createPass('limits of conversation', 'the platform lists none.'),
      createPass('limits of notifications', 'the platform lists none.'),
    ])
  })
  await t.test('with more requests a minute than a token may send, then that is a warning', async (t) => {
    t.match(await run({ GENESYS_REQUESTS_PER_MINUTE: '400' }), [
      {
        check: 'limits of platform.api',
        outcome: 'warning',
        message: /token\.rate\.per\.minute 300; .*GENESYS_REQUESTS_PER_MINUTE says 400/,
      },
      { outcome: 'ok' },
    ])
  })
  await t.test('with more tokens than a limit of the whole organization has room for, then that is a warning', async (t) => {
    control.configure({ assignmentRequestsPerMinute: 500 })
    t.match(await run({ GENESYS_REQUESTS_PER_MINUTE: '300', GENESYS_TOKEN_POOL_SIZE: '1' }), [{ outcome: 'ok' }, { outcome: 'ok' }])
    const results = await run({ GENESYS_REQUESTS_PER_MINUTE: '300', GENESYS_TOKEN_POOL_SIZE: '2' })
    t.match(results, [
      { outcome: 'ok' },
      { check: 'limits of routing', outcome: 'warning', message: /assignment\.org\.rate\.per\.minute 500; .* 600 requests a minute/ },
    ])
  })
  await t.test('with a platform that does not list them, then that is a warning and nothing worse', async (t) => {
    control.addFault({ operation: 'GET /organizations/limits/namespaces/{id}', times: 'always', fault: { kind: 'status', status: 404 } })
    t.match(await run({ GENESYS_REQUESTS_PER_MINUTE: '300' }), [{ check: 'limits', outcome: 'warning', message: /404/ }])
  })
})
