/**
 * The platform's responses about opening hours and waits, reduced to what Handoff uses. Each parser returns undefined if the shape is not
 * the documented one.
 */
import { asObject, asText } from '../model/json-fields.ts'
import { findTimeZone } from '../schedules/local-time.ts'
import { parseSchedule, type EmergencyGroup, type Schedule, type ScheduleGroup } from '../schedules/schedule.ts'

export interface EstimatedWait {
  /** Null if the platform has no estimate, for example for a queue without recent calls. */
  seconds: number | null
}

/** Whether an object is in use. Inactive and deleted ones stay readable; one without a state counts as active. */
const isInUse = (state: unknown): boolean => (state ?? 'active') === 'active'

/** Parses a `ScheduleGroup`. Its schedules mean nothing without a time zone, so a group with an unknown one counts as malformed. */
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

/** The ids of a list of references; absent and null count as empty. Undefined if any entry has no id, because none may be missed. */
function readIds(list: unknown): string[] | undefined {
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) return undefined
  const ids = list.flatMap((item) => asText(asObject(item)?.['id']) ?? [])
  return ids.length === list.length ? ids : undefined
}

/** Parses a `Schedule`. One with a rule that cannot be evaluated counts as malformed. */
export function parseScheduleResponse(value: unknown): { schedule: Schedule | null } | undefined {
  const fields = asObject(value)
  const { id, start, end, rrule = null, state } = fields ?? {}
  if (typeof id !== 'string' || typeof start !== 'string' || typeof end !== 'string') return undefined
  if (rrule !== null && typeof rrule !== 'string') return undefined
  if (!isInUse(state)) return { schedule: null }
  const schedule = parseSchedule({ id, start, end, rrule: asText(rrule) })
  return schedule && { schedule }
}

/** Parses an `EmergencyGroup`; `enabled` may be absent. */
export function parseEmergencyGroup(value: unknown): EmergencyGroup | undefined {
  const fields = asObject(value)
  const id = asText(fields?.['id'])
  const { enabled = false, state } = fields ?? {}
  return id !== undefined && typeof enabled === 'boolean' ? { id, isEnabled: enabled && isInUse(state) } : undefined
}

/** Parses `EstimatedWaitTimePredictions`: the estimate for calls, or else the one for all media (docs/genesys-cloud.md rule 96). */
export function parseEstimatedWait(value: unknown): EstimatedWait | undefined {
  const results = asObject(value)?.['results']
  if (!Array.isArray(results)) return undefined
  const fields = results.map(asObject)
  const best = ['CALL', 'ALL', undefined].map((intent) => fields.find((result) => result?.['intent'] === intent && isEstimate(result)))
  const seconds = best.find((result) => result !== undefined)?.['estimatedWaitTimeSeconds']
  return { seconds: isSeconds(seconds) ? seconds : null }
}

const isSeconds = (value: unknown): value is number => typeof value === 'number' && value >= 0
const isEstimate = (result: Readonly<Record<string, unknown>> | undefined): boolean => isSeconds(result?.['estimatedWaitTimeSeconds'])
