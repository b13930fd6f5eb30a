/** Which fields describe schedules, schedule groups and emergency groups on the control API. */
import Type, { type Static } from 'typebox'
import { EntityState, Id, NonEmptyString, strictObject } from './schemas.ts'

/** ISO 8601 without a time zone, as the platform has it (docs/genesys-cloud.md rule 95). */
const LocalDateTime = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?$' })

/** What can be changed about a schedule; `rrule` null: it applies once. The rule is not checked, so that a wrong one can be tested. */
export const ScheduleChange = strictObject({
  start: Type.Optional(LocalDateTime),
  end: Type.Optional(LocalDateTime),
  rrule: Type.Optional(Type.Union([Type.Null(), Type.String()])),
  state: Type.Optional(EntityState),
})

/** How a schedule is described when it is added. */
export const ScheduleSpec = strictObject({
  ...ScheduleChange.properties,
  id: Type.Optional(Id),
  name: Type.Optional(NonEmptyString),
  start: LocalDateTime,
  end: LocalDateTime,
})

/** What can be changed about a schedule group. */
export const ScheduleGroupChange = strictObject({
  timeZone: Type.Optional(NonEmptyString),
  openScheduleIds: Type.Optional(Type.Array(Id)),
  closedScheduleIds: Type.Optional(Type.Array(Id)),
  holidayScheduleIds: Type.Optional(Type.Array(Id)),
})

/** How a schedule group is described when it is added. */
export const ScheduleGroupSpec = strictObject({
  ...ScheduleGroupChange.properties,
  id: Type.Optional(Id),
  name: Type.Optional(NonEmptyString),
})

/** What can be changed about an emergency group. */
export const EmergencyGroupChange = strictObject({ enabled: Type.Boolean() })

/** How an emergency group is described when it is added. */
export const EmergencyGroupSpec = strictObject({
  id: Type.Optional(Id),
  name: Type.Optional(NonEmptyString),
  enabled: Type.Optional(Type.Boolean()),
})

export type ScheduleChange = Static<typeof ScheduleChange>
export type ScheduleSpec = Static<typeof ScheduleSpec>
export type ScheduleGroupChange = Static<typeof ScheduleGroupChange>
export type ScheduleGroupSpec = Static<typeof ScheduleGroupSpec>
export type EmergencyGroupChange = Static<typeof EmergencyGroupChange>
export type EmergencyGroupSpec = Static<typeof EmergencyGroupSpec>
