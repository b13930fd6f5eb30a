/** What the simulated platform knows about its schedules, schedule groups and emergency groups. */
import type { EmergencyGroupSpec, ScheduleGroupSpec, ScheduleSpec } from '../specs/schedule-specs.ts'

interface Named {
  readonly id: string
  readonly name: string
}

/** When something applies, in local time without a time zone. */
export interface Schedule extends Named, Omit<Required<ScheduleSpec>, 'id' | 'name' | 'rrule'> {
  rrule: string | null
}

/** Schedules by what they mean, in a time zone. */
export interface ScheduleGroup extends Named, Omit<Required<ScheduleGroupSpec>, 'id' | 'name'> {}

/** A switch that closes everything at once. */
export interface EmergencyGroup extends Named, Omit<Required<EmergencyGroupSpec>, 'id' | 'name'> {}
