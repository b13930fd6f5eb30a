/** Builds schedule groups for tests from the fields that the platform has for schedules. */
import { evaluateOpenHours, type OpenHours } from '../../src/schedules/open-hours.ts'
import { findTimeZone } from '../../src/schedules/local-time.ts'
import { parseSchedule, type EmergencyGroup, type Schedule, type ScheduleGroup } from '../../src/schedules/schedule.ts'

export interface ScheduleText {
  start: string
  end: string
  rrule?: string | undefined
}

export interface TestGroup {
  group: ScheduleGroup
  schedules: Map<string, Schedule>
  /** Evaluates the group; `now` in epoch ms or ISO 8601. */
  evaluate(now: number | string, emergencyGroup?: EmergencyGroup | null): OpenHours
}

export function buildGroup(
  timeZoneName: string,
  byKind: { open?: ScheduleText[]; closed?: ScheduleText[]; holiday?: ScheduleText[] },
): TestGroup {
  const timeZone = findTimeZone(timeZoneName)
  if (!timeZone) throw new Error(`there is no time zone ${timeZoneName}`)
  const schedules = new Map<string, Schedule>()
  const add = (kind: string, texts: ScheduleText[] = []): string[] =>
    texts.map((text, index) => {
      const id = `${kind}-${index}`
      const schedule = parseSchedule({ id, ...text })
      if (!schedule) throw new Error(`cannot be read: ${JSON.stringify(text)}`)
      schedules.set(id, schedule)
      return id
    })
  const group = {
    id: 'group',
    timeZone,
    openScheduleIds: add('open', byKind.open),
    closedScheduleIds: add('closed', byKind.closed),
    holidayScheduleIds: add('holiday', byKind.holiday),
  }
  return {
    group,
    schedules,
    evaluate: (now, emergencyGroup = null) =>
      evaluateOpenHours(group, schedules, emergencyGroup, typeof now === 'number' ? now : Date.parse(now)),
  }
}

/** An open schedule of some hours on every day or on weekdays, from 2020 on. */
export const hours = (from: string, to: string, rrule = 'FREQ=DAILY'): ScheduleText => ({
  start: `2020-01-01T${from}:00.000000`,
  end: `2020-01-0${to <= from ? 2 : 1}T${to}:00.000000`,
  rrule,
})

/** A whole day in local time. */
export const wholeDay = (date: string, rrule?: string): ScheduleText => ({
  start: `${date}T00:00:00.000`,
  end: new Date(Date.parse(`${date}T00:00Z`) + 86_400_000).toISOString().slice(0, -1),
  rrule,
})
