/** How conditions are looked up: what is cached, for how long, and what is returned when a part cannot be read. */
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { connectGenesys, type CallOptions } from '../../src/genesys/client.ts'
import { createConditionDirectory } from '../../src/genesys/condition-directory.ts'
import type { ConditionReads } from '../../src/genesys/condition-reads.ts'
import { GenesysError, type GenesysReason } from '../../src/genesys/http/errors.ts'
import { findTimeZone } from '../../src/schedules/local-time.ts'
import { parseSchedule } from '../../src/schedules/schedule.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { clientId, clientSecret, createSettings, dueIn, rejection } from './support/connect.ts'

const createError = (reason: GenesysReason) => new GenesysError({ operation: 'getArchitectSchedule', reason, effect: 'none' })
const noon = Date.parse('2026-06-10T12:00Z')
const day = { start: '2026-06-10T00:00:00.000', end: '2026-06-11T00:00:00.000' }

/** A directory over a client that records its reads. `failures` says which of them fail, by name and id. */
function createTestDirectory({ holidayIds = [] as string[], isEmergency = false } = {}) {
  let now = noon
  const reads: string[] = []
  const failures = new Map<string, GenesysReason>()
  const read = async <T>(name: string, result: T): Promise<T> => {
    reads.push(name)
    await setImmediate()
    const reason = failures.get(name)
    if (reason) throw createError(reason)
    return result
  }
  const timeZone = findTimeZone('UTC')
  if (!timeZone) throw new Error('there is no UTC')
  const group = { timeZone, openScheduleIds: ['open'], closedScheduleIds: [], holidayScheduleIds: holidayIds }
  const client: ConditionReads = {
    scheduleGroup: (id) => read(`group ${id}`, { id, ...group }),
    schedule: (id) => read(`schedule ${id}`, { schedule: parseSchedule({ id, ...day }) ?? null }),
    emergencyGroup: (id) => read(`emergency ${id}`, { id, isEnabled: isEmergency }),
    estimatedWait: (id) => read(`wait ${id}`, { seconds: 42 }),
  }
  return {
    reads,
    failures,
    directory: createConditionDirectory(client, { clock: () => now }),
    advance: (ms: number) => void (now += ms),
    options: (): CallOptions => ({ deadline: now + 5000 }),
    waitForBackgroundReads: async () => {
      // Each of the reads takes a turn of the event loop.
      for (let turn = 0; turn < 10; turn++) await setImmediate()
    },
  }
}
/** Its evaluation takes three reads: of the group, of its schedule, and of the emergency group. */
const condition = { scheduleGroupId: 'g', emergencyGroupId: 'e' }

t.test('given a condition, when it is evaluated, then its age is that of its oldest read', async (t) => {
  const { directory, advance, options } = createTestDirectory({ holidayIds: ['holiday'] })
  t.strictSame(await directory.openHours({ scheduleGroupId: 'g' }, options()), { isOpen: false, reason: 'holiday', ageMs: 0 })
  advance(2000)
  t.strictSame(await directory.openHours(condition, options()), { isOpen: false, reason: 'holiday', ageMs: 2000 })
  t.strictSame(await directory.estimatedWait('q', options()), { seconds: 42, ageMs: 0 })
  advance(3000)
  t.strictSame(await directory.estimatedWait('q', options()), { seconds: 42, ageMs: 3000 })
})

t.test('given cached schedules, when time passes, then they are evaluated for the current time', async (t) => {
  const { reads, directory, advance, options } = createTestDirectory()
  advance(12 * 3_600_000 - 10_000)
  t.match(await directory.openHours(condition, options()), { isOpen: true, reason: 'open' })
  advance(10_000)
  t.match(await directory.openHours(condition, options()), { isOpen: false, reason: 'no schedule', ageMs: 10_000 })
  t.equal(reads.length, 3)
})

t.test('given a closed group, when its opening time comes, then it is open at once, although it was evaluated just before', async (t) => {
  const { directory, advance, options } = createTestDirectory()
  advance(-12 * 3_600_000 - 1)
  const opensAt = '2026-06-10T00:00:00.000Z'
  for (let count = 0; count < 3; count++) t.match(await directory.openHours(condition, options()), { isOpen: false, opensAt })
  advance(1)
  t.match(await directory.openHours(condition, options()), { isOpen: true, ageMs: 1 })
})

t.test('given many calls at the same time, then the platform is asked once for each part', async (t) => {
  const { reads, directory, options } = createTestDirectory()
  await Promise.all(Array.from({ length: 50 }, () => directory.openHours(condition, options())))
  await Promise.all(Array.from({ length: 50 }, () => directory.estimatedWait('q', options())))
  t.strictSame(reads.toSorted(), ['emergency e', 'group g', 'schedule open', 'wait q'])
})

t.test('given a schedule in two groups or two kinds, then it is read once', async (t) => {
  const { reads, directory, options } = createTestDirectory({ holidayIds: ['open'] })
  await directory.openHours({ scheduleGroupId: 'a' }, options())
  await directory.openHours({ scheduleGroupId: 'b' }, options())
  t.strictSame(reads, ['group a', 'schedule open', 'group b'])
})

t.test(
  'given regular calls, when a cached read is 30 s old, then it is read again in the background, and no call waits for it',
  async (t) => {
    const { reads, directory, advance, options, waitForBackgroundReads } = createTestDirectory()
    await directory.openHours(condition, options())
    await directory.estimatedWait('q', options())
    advance(29_999)
    t.equal((await directory.openHours(condition, options())).ageMs, 29_999)
    t.equal(reads.length, 4)
    advance(1)
    t.equal((await directory.openHours(condition, options())).ageMs, 30_000, 'the cached result is returned')
    t.equal(reads.length, 7)
    await waitForBackgroundReads()
    t.equal((await directory.openHours(condition, options())).ageMs, 0)
    t.equal(reads.length, 7)
  },
)

t.test('given no calls for a while, then no read older than a minute is used, and no estimate older than ten seconds', async (t) => {
  const { reads, directory, advance, options } = createTestDirectory()
  await directory.openHours(condition, options())
  advance(60_000)
  t.equal((await directory.openHours(condition, options())).ageMs, 0)
  t.equal(reads.length, 6)
  await directory.estimatedWait('q', options())
  advance(10_000)
  t.equal((await directory.estimatedWait('q', options())).ageMs, 0)
  t.equal(reads.length, 8)
})

t.test('given a background read that fails, then the cached result is used until it is a minute old', async (t) => {
  const { failures, directory, advance, options, waitForBackgroundReads } = createTestDirectory()
  await directory.openHours(condition, options())
  failures.set('group g', 'unavailable')
  advance(59_999)
  t.match(await directory.openHours(condition, options()), { isOpen: true, ageMs: 59_999 })
  await waitForBackgroundReads()
  advance(1)
  t.match(await rejection(directory.openHours(condition, options())), { reason: 'unavailable' })
})

t.test('given a missing permission, then the platform is not called again for ten seconds', async (t) => {
  const { reads, failures, directory, advance, options } = createTestDirectory()
  failures.set('group g', 'forbidden')
  for (let count = 0; count < 3; count++)
    t.match(await rejection(directory.openHours({ scheduleGroupId: 'g' }, options())), { reason: 'forbidden' })
  t.equal(reads.length, 1)
  failures.clear()
  advance(10_000)
  t.ok((await directory.openHours({ scheduleGroupId: 'g' }, options())).isOpen)
})

t.test('given a read that fails, then it is not repeated for five seconds, and then it is', async (t) => {
  for (const reason of ['unavailable', 'expired', 'malformed', 'rate_limited'] as const) {
    const { reads, failures, directory, advance, options } = createTestDirectory()
    failures.set('group g', reason)
    for (const ms of [0, 2000, 2999]) {
      advance(ms)
      t.match(await rejection(directory.openHours({ scheduleGroupId: 'g' }, options())), { reason })
    }
    t.strictSame(reads, ['group g'], reason)
    failures.clear()
    advance(1)
    t.match(await directory.openHours({ scheduleGroupId: 'g' }, options()), { isOpen: true })
  }
})

t.test('given a group or a schedule that cannot be read, then the condition fails for the same reason', async (t) => {
  for (const name of ['group g', 'schedule open', 'emergency e'])
    for (const reason of ['unavailable', 'malformed', 'forbidden'] as const) {
      const { failures, directory, options } = createTestDirectory()
      failures.set(name, reason)
      t.match(await rejection(directory.openHours(condition, options())), { reason }, `${name}: ${reason}`)
    }
})

t.test('given a schedule that the platform does not show, then it is not taken as open or closed without it', async (t) => {
  const { failures, directory, options } = createTestDirectory({ holidayIds: ['hidden'] })
  failures.set('schedule hidden', 'not_found')
  t.match(await rejection(directory.openHours(condition, options())), { reason: 'forbidden', status: 404 })
})

t.test('given a holiday now, when another schedule of the group cannot be read, then the group is closed all the same', async (t) => {
  const { failures, directory, options } = createTestDirectory({ holidayIds: ['holiday'] })
  failures.set('schedule open', 'malformed')
  t.strictSame(await directory.openHours(condition, options()), { isOpen: false, reason: 'holiday', ageMs: 0 })
})

t.test('given a group that does not exist, then the condition fails with not_found', async (t) => {
  for (const name of ['group g', 'emergency e']) {
    const { failures, directory, options } = createTestDirectory()
    failures.set(name, 'not_found')
    t.match(await rejection(directory.openHours(condition, options())), { reason: 'not_found' }, name)
  }
})

t.test(
  'given an emergency without readable schedules, or a holiday without a readable emergency group, then the group is closed',
  async (t) => {
    const emergency = createTestDirectory({ isEmergency: true })
    emergency.failures.set('group g', 'unavailable')
    t.strictSame(await emergency.directory.openHours(condition, emergency.options()), { isOpen: false, reason: 'emergency', ageMs: 0 })
    const holiday = createTestDirectory({ holidayIds: ['holiday'] })
    holiday.failures.set('emergency e', 'unavailable')
    t.match(await holiday.directory.openHours(condition, holiday.options()), { isOpen: false, reason: 'holiday' })
  },
)

t.test('given schedules on the platform, then the condition follows them; if they cannot be read, then the error says why', async (t) => {
  const simulator = await startSimulator({ clientId, clientSecret })
  const genesys = await connectGenesys(createSettings(simulator.url))
  t.teardown(async () => {
    await genesys.close()
    await simulator.close()
  })
  const { control } = simulator
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000
  /** Midnight of the day that is `days` days from today, as a local time. */
  const inDays = (days: number): string => new Date(today + days * 86_400_000).toISOString().slice(0, -1)
  control.schedules.addSchedule({ id: 'always', start: inDays(-30), end: inDays(-29), rrule: 'FREQ=DAILY' })
  control.schedules.addSchedule({ id: 'holiday', start: inDays(-2), end: inDays(3) })
  control.schedules.addScheduleGroup({
    id: 'group',
    timeZone: 'Asia/Kolkata',
    openScheduleIds: ['always'],
    holidayScheduleIds: ['holiday'],
  })
  control.schedules.addEmergencyGroup({ id: 'emergency' })
  control.addQueue({ id: 'support' })
  // A new directory each time, which has nothing in its cache.
  const readOpenHours = () =>
    createConditionDirectory(genesys).openHours({ scheduleGroupId: 'group', emergencyGroupId: 'emergency' }, dueIn(20_000))
  const readEstimatedWait = () => createConditionDirectory(genesys).estimatedWait('support', dueIn(20_000))

  const opensAt = new Date(today + 3 * 86_400_000 - 5.5 * 3_600_000).toISOString()
  t.match(await readOpenHours(), { isOpen: false, reason: 'holiday', opensAt })
  control.schedules.setEmergencyGroup('emergency', { enabled: true })
  t.match(await readOpenHours(), { isOpen: false, reason: 'emergency' })
  control.schedules.setEmergencyGroup('emergency', { enabled: false })
  control.schedules.setSchedule('holiday', { state: 'inactive' })
  t.match(await readOpenHours(), { isOpen: true, reason: 'open' })

  t.match(await readEstimatedWait(), { seconds: null })
  control.setQueue('support', { estimatedWaitSeconds: 90 })
  t.match(await readEstimatedWait(), { seconds: 90 })

  control.schedules.setSchedule('always', { rrule: 'FREQ=SOMETIMES' })
  t.match(await rejection(readOpenHours()), { reason: 'malformed', operation: 'getArchitectSchedule' })
  control.setPermissions(['routing:schedule:view', 'routing:emergencyGroup:view'])
  t.match(await rejection(readOpenHours()), { reason: 'forbidden', missingPermissions: ['routing:scheduleGroup:view'] })
})
