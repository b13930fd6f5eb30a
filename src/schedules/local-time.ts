/** Parses the local dates and times of schedules, and converts instants to the local time of a time zone. */

/**
 * A date and time on the wall clock of a time zone, written as the epoch ms of the same date and time in UTC. In this form local times can
 * be compared, and a day always has 24 hours.
 */
export type LocalTime = number

export interface TimeZone {
  readonly name: string
  /** The ms to add to an instant (epoch ms) to get its local time. */
  offsetAt(instant: number): number
  /** The first instant after `after`, up to `until`, at which the offset changes; undefined if it does not. All epoch ms. */
  nextOffsetChange(after: number, until: number): number | undefined
}

const localTimePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d+)?Z?$/

/**
 * Parses an ISO 8601 date and time without a time zone, with any number of decimals of a second. A `Z` is ignored, because schedules that
 * other tools create may have one (docs/genesys-cloud.md rule 95).
 * @returns undefined for another format or a day that does not exist
 */
export function parseLocalTime(text: string): LocalTime | undefined {
  const [, minutes, seconds = ':00', fraction = '.000'] = localTimePattern.exec(text) ?? []
  if (minutes === undefined) return undefined
  const time = Date.parse(`${minutes}${seconds}${fraction.slice(0, 4).padEnd(4, '0')}Z`)
  // JavaScript reads February 30 as March 2, and 24:00 as the next day.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(minutes) ? time : undefined
}

/** The time zones in use, by name. Unknown names are not added: callers could fill the memory with them. */
const knownZones = new Map<string, TimeZone>()

/** @param name an IANA name such as `Europe/Berlin`. @returns undefined if there is no such time zone */
export function findTimeZone(name: string): TimeZone | undefined {
  const knownZone = knownZones.get(name)
  if (knownZone) return knownZone
  try {
    const zone = createTimeZone(name)
    knownZones.set(name, zone)
    return zone
  } catch {
    return undefined
  }
}

const secondMs = 1000
/** The step of the search for a change of offset. A day is short enough: no time zone changes its offset twice within a day. */
const dayMs = 86_400 * secondMs

/** @throws RangeError if there is no such time zone */
function createTimeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offsetAt = (instant: number): number => {
    const fields: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(instant)) fields[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / secondMs) * secondMs
  }
  return {
    name,
    offsetAt,
    nextOffsetChange(after, until) {
      const offset = offsetAt(after)
      for (let start = after; start < until; start += dayMs) {
        const end = Math.min(start + dayMs, until)
        if (offsetAt(end) !== offset) return findOffsetChange(offsetAt, start, end)
      }
      return undefined
    },
  }
}

/** The first whole second after `start` (epoch ms) whose offset differs from that of `start`. The offset of `end` must differ. */
function findOffsetChange(offsetAt: (instant: number) => number, start: number, end: number): number {
  const offset = offsetAt(start)
  // Binary search in whole seconds.
  let [secondBefore, secondAfter] = [Math.floor(start / secondMs), Math.ceil(end / secondMs)]
  while (secondAfter - secondBefore > 1) {
    const middle = Math.floor((secondBefore + secondAfter) / 2)
    if (offsetAt(middle * secondMs) === offset) secondBefore = middle
    else secondAfter = middle
  }
  return secondAfter * secondMs
}
