/** When the occurrences of a schedule begin: once, or by an iCalendar recurrence rule (RFC 5545 §3.3.10). */
import { RRuleTemporal } from 'rrule-temporal'
import type { LocalTime } from './local-time.ts'

export interface Recurrence {
  /** The start of the last occurrence that has begun at `at`; undefined if none has. */
  latestStart(at: LocalTime): LocalTime | undefined
  /** The start of the first occurrence after `after`; undefined if there is none. */
  nextStart(after: LocalTime): LocalTime | undefined
}

/** A schedule without a rule. */
export const createSingleOccurrence = (start: LocalTime): Recurrence => ({
  latestStart: (at) => (start <= at ? start : undefined),
  nextStart: (after) => (start > after ? start : undefined),
})

/** An instant that the rules of today's schedules should be able to reach. */
const farFuture = new Date(Date.UTC(2100, 0))

/**
 * Reads a recurrence rule. Everything is local: the rule is expanded as if the local times were UTC, so that no occurrence moves or
 * is lost when clocks change. The end of the rule (UNTIL) counts as local time too, with or without a `Z`, because a schedule has no
 * time zone (docs/genesys-cloud.md rule 101).
 * @param rule such as `FREQ=WEEKLY;BYDAY=MO,TU`, with or without `RRULE:` before it
 * @param start from when the rule applies; also the time of day, unless the rule has one
 * @returns undefined if it is no rule, or one that cannot be evaluated, such as one for February 30
 */
export function parseRecurrence(rule: string, start: LocalTime): Recurrence | undefined {
  const text = rule
    .trim()
    .replace(/^RRULE:/i, '')
    .replace(/(UNTIL=\d{8}T\d{6})(?=;|$)/i, '$1Z')
  // More lines would be other properties than a rule.
  if (/\s/.test(text)) return undefined
  try {
    const parsed = new RRuleTemporal({ rruleString: `DTSTART:${toICalendar(start)}\nRRULE:${text}` })
    // The library finds out while it searches that a rule never applies or needs too many steps, and then throws.
    parsed.next(new Date(start), true)
    parsed.previous(farFuture, true)
    return createRecurrence(parsed)
  } catch {
    return undefined
  }
}

const toICalendar = (time: LocalTime): string => `${new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`

/** Remembers the two starts around the last time it was asked about: requests follow each other closely. */
function createRecurrence(rule: RRuleTemporal): Recurrence {
  let around: { latest: LocalTime; next: LocalTime } | undefined
  const search = (find: () => { epochMilliseconds: number } | null): LocalTime | undefined => {
    try {
      return find()?.epochMilliseconds
    } catch {
      return undefined
    }
  }
  const findStarts = (at: LocalTime): { latest: LocalTime; next: LocalTime } => {
    if (around && around.latest <= at && at < around.next) return around
    around = {
      latest: search(() => rule.previous(new Date(at), true)) ?? -Infinity,
      next: search(() => rule.next(new Date(at), false)) ?? Infinity,
    }
    return around
  }
  const finite = (time: LocalTime): LocalTime | undefined => (Number.isFinite(time) ? time : undefined)
  return { latestStart: (at) => finite(findStarts(at).latest), nextStart: (after) => finite(findStarts(after).next) }
}
