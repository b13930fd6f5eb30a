/** How conditions of targets are looked up: which reads are cached for how long, and how old an answer is. */
import type { Schedule, ScheduleGroup } from '../schedules/schedule.ts'
import { evaluateOpenHours, type OpenHours } from '../schedules/open-hours.ts'
import { createCachedRead, type CachedRead, type CachePolicy } from './cached-read.ts'
import type { ConditionReads } from './condition-reads.ts'
import type { EstimatedWait } from './condition-responses.ts'
import type { CallOptions } from './http/call-options.ts'
import { createClock, epochClock } from './http/clock.ts'
import { GenesysError } from './http/errors.ts'

/** Age of the oldest read that an answer rests on, ms. */
interface Aged {
  readonly ageMs: number
}

export interface OpenHoursCondition {
  scheduleGroupId: string
  emergencyGroupId?: string | undefined
}

export interface ConditionDirectory {
  /**
   * Whether a schedule group is open now. What it rests on is at most 60 s old.
   * @throws GenesysError; `not_found` if there is no such schedule group or emergency group, and `malformed` also if a time zone or a
   * recurrence rule cannot be read
   */
  openHours(condition: OpenHoursCondition, options: CallOptions): Promise<OpenHours & Aged>
  /** The platform's estimate for a queue, at most 10 s old. @throws GenesysError */
  estimatedWait(queueId: string, options: CallOptions): Promise<EstimatedWait & Aged>
}

/** Schedules change rarely, but an emergency group is enabled to take effect now. Under traffic all of them are read in the background. */
const hours = { foundMs: 60_000, refreshAfterMs: 30_000, notFoundMs: 10_000, forbiddenMs: 10_000 }
const waits = { foundMs: 10_000, refreshAfterMs: 5_000, notFoundMs: 10_000, forbiddenMs: 10_000 }
const policies = {
  scheduleGroup: { ...hours, maximumEntries: 500 },
  schedule: { ...hours, maximumEntries: 2000 },
  emergencyGroup: { ...hours, maximumEntries: 500 },
  estimatedWait: { ...waits, maximumEntries: 500 },
}

/** Caches reads of `client`; calls that ask for the same at the same time share one request. `clock` returns epoch ms. */
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

  /** A group may refer to a schedule that was removed since; without it the others still count. */
  const readSchedule = (id: string, options: CallOptions): Promise<{ value: { schedule: Schedule | null } } & Aged> =>
    caches.schedule(id, options).catch((error: unknown) => {
      if (error instanceof GenesysError && error.reason === 'not_found') return { value: { schedule: null }, ageMs: 0 }
      throw error
    })

  /** Searching for the next opening takes up to 30 ms for a group that stays closed, so that all requests of a second share it. */
  const closedGroups = new WeakMap<ScheduleGroup, { hours: OpenHours; from: number; until: number }>()
  const evaluate = (group: ScheduleGroup, schedules: ReadonlyMap<string, Schedule>): OpenHours => {
    const now = clock.now()
    const known = closedGroups.get(group)
    if (known && known.from <= now && now < known.until) return known.hours
    const hours = evaluateOpenHours(group, schedules, null, now)
    const opensAt = hours.opensAt === undefined ? Infinity : Date.parse(hours.opensAt)
    if (!hours.isOpen) closedGroups.set(group, { hours, from: now, until: Math.min(now + 1000, opensAt) })
    return hours
  }

  const readHours = async (scheduleGroupId: string, options: CallOptions): Promise<OpenHours & Aged> => {
    const { value: group, ageMs } = await caches.scheduleGroup(scheduleGroupId, options)
    const ids = [...new Set([...group.openScheduleIds, ...group.closedScheduleIds, ...group.holidayScheduleIds])]
    const reads = await Promise.all(ids.map(async (id) => ({ id, ...(await readSchedule(id, options)) })))
    const schedules = new Map(reads.flatMap(({ id, value: { schedule } }) => (schedule ? [[id, schedule]] : [])))
    return { ...evaluate(group, schedules), ageMs: Math.max(ageMs, ...reads.map((read) => read.ageMs)) }
  }

  return {
    async openHours({ scheduleGroupId, emergencyGroupId }, options) {
      // Each is looked at although the other may fail: what closes the group for certain counts, whatever else is not known.
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

async function getWithAge<T>(cached: CachedRead<T>, id: string, options: CallOptions): Promise<{ value: T } & Aged> {
  const value = await cached.get(id, options)
  return { value, ageMs: cached.ageMs(id) ?? 0 }
}
