/** Reads opening hours and estimated waits through caches: how long each read is kept, and how old an answer may be. */
import type { OpenHoursCondition } from '../model/conditions.ts'
import type { Schedule, ScheduleGroup } from '../schedules/schedule.ts'
import { evaluateOpenHours, evaluateReadable, type OpenHours } from '../schedules/open-hours.ts'
import { createCachedRead, type CachedRead, type CachePolicy } from './cached-read.ts'
import type { ConditionReads } from './condition-reads.ts'
import type { EstimatedWait } from './condition-responses.ts'
import type { CallOptions } from './http/call-options.ts'
import { createClock, epochClock } from './http/clock.ts'
import { GenesysError } from './http/errors.ts'

interface WithAge {
  /** The age of the oldest read that the answer rests on, ms. */
  readonly ageMs: number
}

export interface ConditionDirectory {
  /**
   * Whether a schedule group is open now. The answer rests on reads that are at most 60 s old.
   * @throws GenesysError: `not_found` if there is no such schedule group or emergency group, `malformed` also for a time zone or a
   *   recurrence rule that cannot be read
   */
  openHours(condition: OpenHoursCondition, options: CallOptions): Promise<OpenHours & WithAge>
  /** The platform's estimate for a queue, at most 10 s old. @throws GenesysError */
  estimatedWait(queueId: string, options: CallOptions): Promise<EstimatedWait & WithAge>
}

/**
 * Schedules change rarely, but a person who enables an emergency group expects an effect at once. Results that are asked for are refreshed
 * in the background, so that transfers rarely wait for a read. Failures are cached too, so that few transfers wait for a platform that does
 * not answer.
 */
const hoursPolicy = { foundMs: 60_000, refreshAfterMs: 30_000, notFoundMs: 10_000, forbiddenMs: 10_000, failedMs: 5_000 }
const waitPolicy = { foundMs: 10_000, refreshAfterMs: 5_000, notFoundMs: 10_000, forbiddenMs: 10_000, failedMs: 5_000 }
const policies = {
  scheduleGroup: { ...hoursPolicy, maximumEntries: 500 },
  schedule: { ...hoursPolicy, maximumEntries: 2000 },
  emergencyGroup: { ...hoursPolicy, maximumEntries: 500 },
  estimatedWait: { ...waitPolicy, maximumEntries: 500 },
}

/** How long the closed hours of a group are reused, ms. */
const closedHoursMs = 1_000

/** Caches reads of `client`; concurrent calls for the same id share one request. `clock` returns epoch ms. */
export function createConditionDirectory(client: ConditionReads, { clock: now }: { clock?: () => number } = {}): ConditionDirectory {
  const clock = now ? createClock(now) : epochClock
  const cache = <T>(operation: string, read: (id: string, options: CallOptions) => Promise<T>, policy: CachePolicy) => {
    const cached = createCachedRead({ operation, read, policy, clock })
    return (id: string, options: CallOptions) => getWithAge(cached, id, options)
  }
  const caches = {
    scheduleGroup: cache('getArchitectSchedulegroup', (id, options) => client.scheduleGroup(id, options), policies.scheduleGroup),
    schedule: cache('getArchitectSchedule', (id, options) => client.schedule(id, options), policies.schedule),
    emergencyGroup: cache('getArchitectEmergencygroup', (id, options) => client.emergencyGroup(id, options), policies.emergencyGroup),
    estimatedWait: cache(
      'getRoutingQueueMediatypeEstimatedwaittime',
      (id, options) => client.estimatedWait(id, options),
      policies.estimatedWait,
    ),
  }

  /** A schedule of a group that is not found is in a division that the OAuth client may not read. */
  const readSchedule = (id: string, options: CallOptions): ReturnType<typeof caches.schedule> =>
    caches.schedule(id, options).catch((error: unknown) => {
      if (!(error instanceof GenesysError) || error.reason !== 'not_found') throw error
      const { operation, effect } = error
      throw new GenesysError({ operation, effect, reason: 'forbidden', status: 404 })
    })

  /** Finding the next opening takes up to 30 ms for a group that stays closed, so all requests within a second share the result. */
  const closedGroups = new WeakMap<ScheduleGroup, { hours: OpenHours; from: number; until: number }>()
  const evaluate = (group: ScheduleGroup, schedules: ReadonlyMap<string, Schedule>): OpenHours => {
    const now = clock.now()
    const cached = closedGroups.get(group)
    if (cached && cached.from <= now && now < cached.until) return cached.hours
    // Without an emergency group: `openHours` below reads it separately.
    const hours = evaluateOpenHours(group, schedules, null, now)
    const opensAt = hours.opensAt === undefined ? Infinity : Date.parse(hours.opensAt)
    if (!hours.isOpen) closedGroups.set(group, { hours, from: now, until: Math.min(now + closedHoursMs, opensAt) })
    return hours
  }

  const readHours = async (scheduleGroupId: string, options: CallOptions): Promise<OpenHours & WithAge> => {
    const { value: group, ageMs } = await caches.scheduleGroup(scheduleGroupId, options)
    const ids = [...new Set([...group.openScheduleIds, ...group.closedScheduleIds, ...group.holidayScheduleIds])]
    const results = await Promise.allSettled(ids.map(async (id) => ({ id, ...(await readSchedule(id, options)) })))
    const reads = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const schedules = new Map(reads.flatMap(({ id, value: { schedule } }) => (schedule ? [[id, schedule]] : [])))
    const ageOfAll = Math.max(ageMs, ...reads.map((read) => read.ageMs))
    const failure = results.find((result) => result.status === 'rejected')
    if (!failure) return { ...evaluate(group, schedules), ageMs: ageOfAll }
    const readIds = new Set(reads.map(({ id }) => id))
    const hours = evaluateReadable(group, schedules, new Set(ids.filter((id) => !readIds.has(id))), clock.now())
    if (!hours) throw failure.reason
    return { ...hours, ageMs: ageOfAll }
  }

  return {
    async openHours({ scheduleGroupId, emergencyGroupId }, options) {
      // If one of the two reads fails, the other one may still show that the group is closed: by an enabled emergency group or by its hours.
      const [hours, emergency] = await Promise.allSettled([
        readHours(scheduleGroupId, options),
        emergencyGroupId === undefined ? null : caches.emergencyGroup(emergencyGroupId, options),
      ])
      if (emergency.status === 'fulfilled' && emergency.value?.value.isEnabled)
        return { isOpen: false, reason: 'emergency', ageMs: emergency.value.ageMs }
      if (hours.status === 'rejected') throw hours.reason
      if (emergency.status === 'rejected' && hours.value.isOpen) throw emergency.reason
      const emergencyAgeMs = emergency.status === 'fulfilled' ? (emergency.value?.ageMs ?? 0) : 0
      return { ...hours.value, ageMs: Math.max(hours.value.ageMs, emergencyAgeMs) }
    },
    async estimatedWait(queueId, options) {
      const { value, ageMs } = await caches.estimatedWait(queueId, options)
      return { ...value, ageMs }
    },
  }
}

async function getWithAge<T>(cached: CachedRead<T>, id: string, options: CallOptions): Promise<{ value: T } & WithAge> {
  const value = await cached.get(id, options)
  return { value, ageMs: cached.ageMs(id) ?? 0 }
}
