/** The schedules, schedule groups and emergency groups of the platform, and the parser of schedules. */
import { parseLocalTime, type LocalTime, type TimeZone } from './local-time.ts'
import { createSingleOccurrence, parseRecurrence } from './recurrence.ts'

/** A schedule. Its times are local to the time zone of the group, so one schedule can be in groups of several time zones. */
export interface Schedule {
  readonly id: string
  /**
   * The end of the occurrence that includes `at`, or of the latest of several; undefined if none does. An occurrence includes its start but
   * not its end.
   */
  activeUntil(at: LocalTime): LocalTime | undefined
  /** When the first occurrence after `after` begins; undefined if there is none. */
  nextStart(after: LocalTime): LocalTime | undefined
}

export interface ScheduleGroup {
  readonly id: string
  readonly timeZone: TimeZone
  readonly openScheduleIds: readonly string[]
  readonly closedScheduleIds: readonly string[]
  readonly holidayScheduleIds: readonly string[]
}

export interface EmergencyGroup {
  readonly id: string
  readonly isEnabled: boolean
}

/** A schedule as the platform writes it (docs/genesys-cloud.md rule 95). */
export interface ScheduleFields {
  id: string
  /** The first occurrence. Local dates and times, ISO 8601 without a time zone. */
  start: string
  end: string
  /** The recurrence rule; without one, the first occurrence is the only one. */
  rrule?: string | undefined
}

/** Parses a schedule. @returns undefined if a field cannot be parsed, or if the first occurrence does not end after its start */
export function parseSchedule({ id, start, end, rrule }: ScheduleFields): Schedule | undefined {
  const [startsAt, endsAt] = [parseLocalTime(start), parseLocalTime(end)]
  if (startsAt === undefined || endsAt === undefined || endsAt <= startsAt) return undefined
  const durationMs = endsAt - startsAt
  const recurrence = rrule === undefined ? createSingleOccurrence(startsAt) : parseRecurrence(rrule, startsAt)
  return (
    recurrence && {
      id,
      // All occurrences have the same length, so the last one to begin is the last one to end.
      activeUntil(at) {
        const latest = recurrence.latestStart(at)
        return latest !== undefined && at < latest + durationMs ? latest + durationMs : undefined
      },
      nextStart: (after) => recurrence.nextStart(after),
    }
  )
}
