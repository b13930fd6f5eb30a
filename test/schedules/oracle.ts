/**
 * Another way to evaluate schedule groups, to compare with: it looks at every minute, reads the wall clock from Intl alone, and tries every
 * day on which an occurrence may have begun. It shares nothing with src/schedules/.
 */
import fc from 'fast-check'

const minuteMs = 60_000
const dayMs = 86_400_000
const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

/** The days on which occurrences begin. Days are counted from 1970-01-01; `first` is the day on which the schedule begins. */
export type Days =
  | { repeats: 'once' }
  | { repeats: 'daily'; interval: number; count?: number }
  | { repeats: 'weekly'; interval: number; on: number[]; lastDay?: number }
  | { repeats: 'monthly'; dayOfMonth: number }
  | { repeats: 'yearly'; month: number; dayOfMonth: number }

export interface OracleSchedule {
  first: number
  startMinute: number
  minutes: number
  days: Days
}

export interface OracleGroup {
  timeZone: string
  holiday: OracleSchedule[]
  closed: OracleSchedule[]
  open: OracleSchedule[]
}

const dayOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / dayMs
const weekdayOf = (day: number): number => (day + 4) % 7

function beginsOn({ first, days }: OracleSchedule, day: number): boolean {
  if (day < first) return false
  const date = new Date(day * dayMs)
  switch (days.repeats) {
    case 'once':
      return day === first
    case 'daily':
      return (day - first) % days.interval === 0 && (days.count === undefined || (day - first) / days.interval < days.count)
    case 'weekly': {
      // Weeks begin on Monday unless a rule says otherwise (RFC 5545 §3.3.10).
      const weekOf = (some: number): number => Math.floor((some + 3) / 7)
      const isInWeek = (weekOf(day) - weekOf(first)) % days.interval === 0
      return isInWeek && days.on.includes(weekdayOf(day)) && (days.lastDay === undefined || day <= days.lastDay)
    }
    case 'monthly':
      return date.getUTCDate() === days.dayOfMonth
    case 'yearly':
      return date.getUTCMonth() + 1 === days.month && date.getUTCDate() === days.dayOfMonth
  }
}

function isActive(schedule: OracleSchedule, day: number, minute: number): boolean {
  const { startMinute, minutes } = schedule
  for (let begun = day; begun * 1440 + startMinute + minutes > day * 1440 + minute; begun--) {
    const sinceStart = (day - begun) * 1440 + minute - startMinute
    if (sinceStart >= 0 && sinceStart < minutes && beginsOn(schedule, begun)) return true
  }
  return false
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** The day and the minute that the wall clock shows. */
function readWallClock(timeZone: string, instant: number): { day: number; minute: number } {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    formats.set(timeZone, format)
  }
  const [, year, month, day, hour, minute] = /^(\d+)-(\d+)-(\d+) (\d+):(\d+)/.exec(format.format(instant)) ?? []
  return { day: dayOf(Number(year), Number(month), Number(day)), minute: Number(hour) * 60 + Number(minute) }
}

export function evaluateMinute(group: OracleGroup, instant: number): string {
  const { day, minute } = readWallClock(group.timeZone, instant)
  for (const kind of ['holiday', 'closed', 'open'] as const)
    if (group[kind].some((schedule) => isActive(schedule, day, minute))) return kind
  return 'no schedule'
}

/** The first minute after `now` at which the group is open; undefined if there is none before `until`. */
export function findOpeningByMinutes(group: OracleGroup, now: number, until: number): string | undefined {
  const firstMinute = Math.floor(now / minuteMs) * minuteMs + minuteMs
  for (let instant = firstMinute; instant < until; instant += minuteMs)
    if (evaluateMinute(group, instant) === 'open') return new Date(instant).toISOString()
  return undefined
}

const toText = (day: number, minute: number): string => new Date(day * dayMs + minute * minuteMs).toISOString().slice(0, -1)

const ruleOf = ({ days, startMinute }: OracleSchedule): string | undefined => {
  switch (days.repeats) {
    case 'once':
      return undefined
    case 'daily':
      return `FREQ=DAILY;INTERVAL=${days.interval}${days.count === undefined ? '' : `;COUNT=${days.count}`}`
    case 'weekly': {
      const until = days.lastDay === undefined ? '' : `;UNTIL=${toText(days.lastDay, startMinute).replaceAll(/[-:]|\.\d+/g, '')}`
      return `FREQ=WEEKLY;INTERVAL=${days.interval};BYDAY=${days.on.map((day) => weekdays[day]).join(',')}${until}`
    }
    case 'monthly':
      return `FREQ=MONTHLY;BYMONTHDAY=${days.dayOfMonth}`
    case 'yearly':
      return `FREQ=YEARLY;BYMONTH=${days.month};BYMONTHDAY=${days.dayOfMonth}`
  }
}

/** The schedule as the platform writes it. */
export const toFields = (schedule: OracleSchedule): { start: string; end: string; rrule?: string | undefined } => ({
  start: toText(schedule.first, schedule.startMinute),
  end: toText(schedule.first, schedule.startMinute + schedule.minutes),
  rrule: ruleOf(schedule),
})

/** Schedules that begin around `day`, many of them around midnight and in the hours in which clocks change. */
export function arbitrarySchedule(day: number): fc.Arbitrary<OracleSchedule> {
  const minute = fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.constantFrom(0, 1, 60, 90, 119, 120, 150, 179, 180, 1380, 1439))
  const minutes = fc.oneof(fc.integer({ min: 1, max: 720 }), fc.constantFrom(1, 15, 60, 1439, 1440, 2880, 3000))
  const first = fc.oneof(
    fc.integer({ min: day - 4, max: day + 3 }),
    fc.integer({ min: day - 4000, max: day }),
    fc.constant(dayOf(2020, 2, 29)),
  )
  const interval = fc.constantFrom(1, 1, 1, 2, 3)
  const days = fc.oneof(
    fc.constant<Days>({ repeats: 'once' }),
    fc.record({ repeats: fc.constant('daily' as const), interval }),
    fc.record({ repeats: fc.constant('daily' as const), interval, count: fc.integer({ min: 1, max: 2000 }) }),
    fc.record({ repeats: fc.constant('weekly' as const), interval, on: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }) }),
    fc.record({
      repeats: fc.constant('weekly' as const),
      interval,
      on: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
      lastDay: fc.integer({ min: day - 5, max: day + 5 }),
    }),
    fc.record({ repeats: fc.constant('monthly' as const), dayOfMonth: fc.integer({ min: 1, max: 31 }) }),
    fc.constantFrom<Days>(
      { repeats: 'yearly', month: 2, dayOfMonth: 29 },
      { repeats: 'yearly', month: 12, dayOfMonth: 25 },
      { repeats: 'yearly', month: 1, dayOfMonth: 1 },
    ),
  )
  return fc.record({ first, startMinute: minute, minutes, days })
}

export function arbitraryGroup(timeZone: string, day: number): fc.Arbitrary<OracleGroup> {
  const schedule = arbitrarySchedule(day)
  return fc.record({
    timeZone: fc.constant(timeZone),
    holiday: fc.array(schedule, { maxLength: 3 }),
    closed: fc.array(schedule, { maxLength: 2 }),
    open: fc.array(schedule, { minLength: 1, maxLength: 3 }),
  })
}
