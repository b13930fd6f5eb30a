/** Schedules, schedule groups, emergency groups and estimated waits: how they are set, and how clients read them. */
import t from 'tap'
import { findMismatches, findResponseMismatches, unavailableReason } from '../views/documented-shapes.ts'
import { startPlatform } from '../test-platform.ts'

const skipOptions = unavailableReason === false ? {} : { skip: unavailableReason }
const times = { start: '2026-06-10T09:00:00.000', end: '2026-06-10T17:00:00.000' }
const waitPath = (mediaType = 'call') => `/routing/queues/support/mediatypes/${mediaType}/estimatedwaittime`

t.test('given a schedule, then clients read its local times with six decimals, and its rule if it has one', async (t) => {
  const { control, request } = await startPlatform(t)
  const { id } = control.schedules.addSchedule({ name: 'Hours', ...times, rrule: 'FREQ=DAILY' })
  control.schedules.addSchedule({ id: 'once', start: '2026-12-25T00:00', end: '2026-12-26T00:00' })
  t.match(await request('GET', `/architect/schedules/${id}`), {
    status: 200,
    body: {
      id,
      name: 'Hours',
      state: 'active',
      start: '2026-06-10T09:00:00.000000',
      end: '2026-06-10T17:00:00.000000',
      rrule: 'FREQ=DAILY',
    },
  })
  const { body } = await request('GET', '/architect/schedules/once')
  t.match(body, { start: '2026-12-25T00:00:00.000000', end: '2026-12-26T00:00:00.000000' })
  t.notOk('rrule' in body)

  control.schedules.setSchedule('once', { rrule: 'FREQ=YEARLY', state: 'inactive' })
  t.match((await request('GET', '/architect/schedules/once')).body, { rrule: 'FREQ=YEARLY', state: 'inactive' })
})

t.test('given a schedule group and an emergency group, then clients read them, also after a change', async (t) => {
  const { control, request } = await startPlatform(t)
  for (const id of ['open', 'closed', 'holiday']) control.schedules.addSchedule({ id, name: id, ...times })
  control.schedules.addScheduleGroup({ id: 'group', timeZone: 'Europe/Berlin', openScheduleIds: ['open'], holidayScheduleIds: ['holiday'] })
  const read = async () => (await request('GET', '/architect/schedulegroups/group')).body
  t.match(await read(), {
    timeZone: 'Europe/Berlin',
    openSchedules: [{ id: 'open', name: 'open', selfUri: '/api/v2/architect/schedules/open' }],
    closedSchedules: [],
    holidaySchedules: [{ id: 'holiday' }],
  })
  control.schedules.setScheduleGroup('group', { timeZone: 'Asia/Kolkata', closedScheduleIds: ['closed'] })
  t.match(await read(), { timeZone: 'Asia/Kolkata', openSchedules: [{ id: 'open' }], closedSchedules: [{ id: 'closed' }] })

  control.schedules.addEmergencyGroup({ id: 'emergency' })
  t.match((await request('GET', '/architect/emergencygroups/emergency')).body, { enabled: false })
  control.schedules.setEmergencyGroup('emergency', { enabled: true })
  t.match((await request('GET', '/architect/emergencygroups/emergency')).body, { enabled: true })
})

t.test('given a queue, then its estimated wait is the configured one, or there is none', skipOptions, async (t) => {
  const { control, request } = await startPlatform(t)
  control.addQueue({ id: 'support' })
  const template = '/api/v2/routing/queues/{queueId}/mediatypes/{mediaType}/estimatedwaittime'
  for (const [seconds, results] of [
    [null, []],
    [90, [{ intent: 'CALL', formula: 'BEST', estimatedWaitTimeSeconds: 90 }]],
    [0, [{ intent: 'CALL', formula: 'BEST', estimatedWaitTimeSeconds: 0 }]],
    [null, []],
  ] as const) {
    control.setQueue('support', { estimatedWaitSeconds: seconds })
    const response = await request('GET', waitPath())
    t.strictSame(response.body, { results })
    t.strictSame(findResponseMismatches('GET', template, response), [])
    t.strictSame(findMismatches('EstimatedWaitTimePredictions', response.body), [])
  }
  control.setQueue('support', { estimatedWaitSeconds: 90 })
  t.strictSame((await request('GET', waitPath('chat'))).body, { results: [] }, 'there are estimates for calls only')
  const refused = await request('GET', waitPath('fax'))
  t.equal(refused.status, 400)
  t.strictSame(findResponseMismatches('GET', template, refused), [])
})

t.test('given an id that does not exist or a client without the permission, then reads are refused', async (t) => {
  const { control, request } = await startPlatform(t)
  control.addQueue({ id: 'support' })
  control.schedules.addSchedule({ id: 'x', ...times })
  control.schedules.addScheduleGroup({ id: 'x' })
  control.schedules.addEmergencyGroup({ id: 'x' })
  const permissions = {
    '/architect/schedules/': 'routing:schedule:view',
    '/architect/schedulegroups/': 'routing:scheduleGroup:view',
    '/architect/emergencygroups/': 'routing:emergencyGroup:view',
  }
  for (const [path, permission] of Object.entries(permissions)) {
    control.setPermissions([permission])
    t.equal((await request('GET', `${path}x`)).status, 200, path)
    t.equal((await request('GET', `${path}none`)).status, 404, path)
    control.setPermissions([])
    t.match(await request('GET', `${path}x`), { status: 403, body: { message: RegExp(permission) } }, path)
  }
  t.equal((await request('GET', waitPath())).status, 403)
  control.setPermissions(['routing:queue:view'])
  t.equal((await request('GET', waitPath().replace('support', 'none'))).status, 404)
})

t.test('given an instruction that is not possible, then it is refused and nothing changes', async (t) => {
  const { control, request } = await startPlatform(t)
  control.addQueue({ id: 'support' })
  control.schedules.addSchedule({ id: 'x', ...times })
  control.schedules.addScheduleGroup({ id: 'group' })
  for (const refused of [
    () => control.schedules.addSchedule({ id: 'x', ...times }),
    () => control.schedules.addSchedule({ start: 'tomorrow', end: times.end }),
    () => control.schedules.addSchedule({ start: '2026-06-10T09:00:00Z', end: times.end }),
    () => control.schedules.setSchedule('none', { rrule: null }),
    () => control.schedules.addScheduleGroup({ openScheduleIds: ['none'] }),
    () => control.schedules.setScheduleGroup('group', { timeZone: 'Asia/Kolkata', openScheduleIds: ['none'] }),
    () => control.schedules.setScheduleGroup('none', {}),
    () => control.schedules.addEmergencyGroup({ enabled: 'yes' as never }),
    () => control.schedules.setEmergencyGroup('none', { enabled: true }),
    () => control.setQueue('none', { estimatedWaitSeconds: 1 }),
    () => control.setQueue('support', { estimatedWaitSeconds: -1 }),
    () => control.setQueue('support', { color: 'red' } as never),
  ])
    t.throws(refused, { name: 'ControlError' }, String(refused))
  t.match((await request('GET', '/architect/schedulegroups/group')).body, { timeZone: 'UTC', openSchedules: [] })
})

t.test(
  'given only the control API, when schedules are set, then clients read them; when the platform is reset, then they are gone',
  async (t) => {
    const { request, requestWithoutToken } = await startPlatform(t)
    const requestControl = async (method: string, path: string, body: unknown) => {
      const init = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const response = await requestWithoutToken(method, `/_simulator${path}`, init)
      t.equal(response.status, 200, `${method} ${path}`)
      return response.body
    }
    await requestControl('POST', '/queues', { id: 'support' })
    await requestControl('PATCH', '/queues/support', { estimatedWaitSeconds: 5 })
    t.match(await requestControl('POST', '/schedules', { id: 'x', ...times }), { id: 'x', name: String })
    await requestControl('PATCH', '/schedules/x', { rrule: 'FREQ=DAILY' })
    await requestControl('POST', '/schedule-groups', { id: 'group', openScheduleIds: ['x'] })
    await requestControl('PATCH', '/schedule-groups/group', { timeZone: 'Europe/Berlin' })
    await requestControl('POST', '/emergency-groups', { id: 'emergency' })
    await requestControl('PATCH', '/emergency-groups/emergency', { enabled: true })
    t.match((await request('GET', waitPath())).body, { results: [{ estimatedWaitTimeSeconds: 5 }] })
    t.match((await request('GET', '/architect/schedules/x')).body, { rrule: 'FREQ=DAILY' })
    t.match((await request('GET', '/architect/schedulegroups/group')).body, { timeZone: 'Europe/Berlin' })
    t.match((await request('GET', '/architect/emergencygroups/emergency')).body, { enabled: true })
    await requestControl('POST', '/reset', {})
    for (const path of ['schedules/x', 'schedulegroups/group', 'emergencygroups/emergency'])
      t.equal((await request('GET', `/architect/${path}`)).status, 404, path)
  },
)
