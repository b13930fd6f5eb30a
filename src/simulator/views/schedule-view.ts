/** Which fields the platform returns for schedules, schedule groups, emergency groups and estimated waits. */
import type { PlatformState } from '../model/platform-state.ts'
import type { EmergencyGroup, Schedule, ScheduleGroup } from '../model/schedule.ts'

const basePath = '/api/v2/architect'

/** `Schedule` of the SDK. Times have six decimals and no time zone (docs/genesys-cloud.md rule 95). */
export function createScheduleView({ id, name, start, end, rrule, state }: Schedule): unknown {
  return {
    id,
    name,
    version: 1,
    state,
    start: formatLocalTime(start),
    end: formatLocalTime(end),
    ...(rrule !== null && { rrule }),
    selfUri: `${basePath}/schedules/${id}`,
  }
}

function formatLocalTime(time: string): string {
  const [seconds, fraction = ''] = (time.length === 16 ? `${time}:00` : time).split('.')
  return `${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}`
}

/** `ScheduleGroup` of the SDK, with references to its schedules. */
export function createScheduleGroupView(platform: PlatformState, group: ScheduleGroup): unknown {
  const toReferences = (ids: readonly string[]) =>
    ids.map((id) => ({ id, name: platform.schedules.get(id)?.name, selfUri: `${basePath}/schedules/${id}` }))
  return {
    id: group.id,
    name: group.name,
    version: 1,
    state: 'active',
    timeZone: group.timeZone,
    openSchedules: toReferences(group.openScheduleIds),
    closedSchedules: toReferences(group.closedScheduleIds),
    holidaySchedules: toReferences(group.holidayScheduleIds),
    selfUri: `${basePath}/schedulegroups/${group.id}`,
  }
}

/** `EmergencyGroup` of the SDK. */
export function createEmergencyGroupView({ id, name, enabled }: EmergencyGroup): unknown {
  return { id, name, version: 1, state: 'active', enabled, emergencyCallFlows: [], selfUri: `${basePath}/emergencygroups/${id}` }
}

/** `EstimatedWaitTimePredictions` of the SDK; without an estimate there are no results. */
export function createEstimatedWaitView(mediaType: string, seconds: number | null): unknown {
  const intent = mediaType.toUpperCase()
  return { results: seconds === null ? [] : [{ intent, formula: 'BEST', estimatedWaitTimeSeconds: seconds }] }
}
