/**
 * Parses the platform's responses about opening hours and waits, and keeps only the fields that Handoff uses. Each parser returns undefined
 * for a malformed response.
 */
import { asObject, asText } from '../model/json-fields.ts'
import { findTimeZone } from '../schedules/local-time.ts'
import { parseSchedule, type EmergencyGroup, type Schedule, type ScheduleGroup } from '../schedules/schedule.ts'

export interface EstimatedWait {
  /** Null if the platform has no estimate, for example for a queue without recent calls. */
  seconds: number | null
}

/** Whether the state of an object says that it is in use: inactive and deleted objects can still be read. No state counts as active. */
const isInUse = (state: unknown): boolean => (state ?? 'active') === 'active'

/** Parses a `ScheduleGroup`. A group with an unknown time zone counts as malformed, because its schedules mean nothing without one. */
export function parseScheduleGroup(value: unknown): ScheduleGroup | undefined {
  const fields = asObject(value)
  const id = asText(fields?.['id'])
  const timeZone = findTimeZone(asText(fields?.['timeZone']) ?? '')
  const openScheduleIds = readIds(fields?.['openSchedules'])
  const closedScheduleIds = readIds(fields?.['closedSchedules'])
  const holidayScheduleIds = readIds(fields?.['holidaySchedules'])
  if (!id || !timeZone || !openScheduleIds || !closedScheduleIds || !holidayScheduleIds) return undefined
  return { id, timeZone, openScheduleIds, closedScheduleIds, holidayScheduleIds }
}

/** The ids of a list of references; an absent list and null count as empty. Undefined if any entry has no id: no schedule may be missed. */
function readIds(list: unknown): string[] | undefined {
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) return undefined
  const ids = list.flatMap((item) => asText(asObject(item)?.['id']) ?? [])
  return ids.length === list.length ? ids : undefined
}

/** Parses a `Schedule`; null if it is not in use. A schedule whose recurrence rule cannot be evaluated counts as malformed. */
export function parseScheduleResponse(value: unknown): { schedule: Schedule | null } | undefined {
  const fields = asObject(value)
  const { id, start, end, rrule = null, state } = fields ?? {}
  if (typeof id !== 'string' || typeof start !== 'string' || typeof end !== 'string') return undefined
  if (rrule !== null && typeof rrule !== 'string') return undefined
  if (!isInUse(state)) return { schedule: null }
  const schedule = parseSchedule({ id, start, end, rrule: asText(rrule) })
  return schedule && { schedule }
}

/** Parses an `EmergencyGroup`. It is enabled only if `enabled` is true and the group is in use. */
export function parseEmergencyGroup(value: unknown): EmergencyGroup | undefined {
  const fields = asObject(value)
  const id = asText(fields?.['id'])
  const { enabled = false, state } = fields ?? {}
  return id !== undefined && typeof enabled === 'boolean' ? { id, isEnabled: enabled && isInUse(state) } : undefined
}

/**
 * Parses `EstimatedWaitTimePredictions`: the estimate for calls, or else the one for all media, or else one without a medium
 * (docs/genesys-cloud.md rule 96).
 */
export function parseEstimatedWait(value: unknown): EstimatedWait | undefined {
  const results = asObject(value)?.['results']
  if (!Array.isArray(results)) return undefined
  const fields = results.map(asObject)
  const byPreference = ['CALL', 'ALL', undefined].map((intent) =>
    fields.find((result) => result?.['intent'] === intent && hasEstimate(result)),
  )
  const seconds = byPreference.find((result) => result !== undefined)?.['estimatedWaitTimeSeconds']
  return { seconds: isSeconds(seconds) ? seconds : null }
}

const isSeconds = (value: unknown): value is number => typeof value === 'number' && value >= 0
const hasEstimate = (result: Readonly<Record<string, unknown>> | undefined): boolean => isSeconds(result?.['estimatedWaitTimeSeconds'])
