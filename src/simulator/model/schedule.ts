/** What the simulated platform knows about its schedules, schedule groups and emergency groups. */
import type { EmergencyGroupSpec, ScheduleGroupSpec, ScheduleSpec } from '../specs/schedule-specs.ts'

interface Named {
  readonly id: string
  readonly name: string
}

/** A period that may recur, in local time without a time zone. */
export interface Schedule extends Named, Omit<Required<ScheduleSpec>, 'id' | 'name' | 'rrule'> {
  rrule: string | null
}

/** The schedules that say when a contact center is open, closed or on holiday, and their time zone. */
export interface ScheduleGroup extends Named, Omit<Required<ScheduleGroupSpec>, 'id' | 'name'> {}

/** A switch that closes the contact center while it is enabled. */
export interface EmergencyGroup extends Named, Omit<Required<EmergencyGroupSpec>, 'id' | 'name'> {}
