/** When the occurrences of a schedule begin: once, or by an iCalendar recurrence rule (RFC 5545 §3.3.10). */
import { createRequire } from 'node:module'
import type { RRuleTemporal } from 'rrule-temporal'
import type { LocalTime } from './local-time.ts'

export interface Recurrence {
  /** The start of the last occurrence that has begun by `at`; undefined if none has. */
  latestStart(at: LocalTime): LocalTime | undefined
  /** The start of the first occurrence after `after`; undefined if there is none. */
  nextStart(after: LocalTime): LocalTime | undefined
}

/** The recurrence of a schedule without a rule. */
export const createSingleOccurrence = (start: LocalTime): Recurrence => ({
  latestStart: (at) => (start <= at ? start : undefined),
  nextStart: (after) => (start > after ? start : undefined),
})

/** 2100. A rule whose occurrences the library cannot compute up to this time is rejected. */
const farFuture = new Date(Date.UTC(2100, 0))

const require = createRequire(import.meta.url)
/** Loads the library when the first rule is parsed: most installations have no rules, and the library takes 3 MB of memory. */
const loadLibrary = () => require('rrule-temporal') as typeof import('rrule-temporal')

/**
 * Parses a recurrence rule. All its times are local, but are computed as if they were UTC, so that no occurrence moves or is lost when the
 * clocks change. The end of the rule (UNTIL) is local too, with or without a `Z`, because a schedule has no time zone
 * (docs/genesys-cloud.md rule 101).
 * @param rule such as `FREQ=WEEKLY;BYDAY=MO,TU`, with or without `RRULE:` before it
 * @param start when the rule begins to apply, and the time of day of its occurrences, unless the rule itself has one
 * @returns undefined for text that is not a rule, or a rule that cannot be evaluated, such as one for February 30
 */
export function parseRecurrence(rule: string, start: LocalTime): Recurrence | undefined {
  const text = rule
    .trim()
    .replace(/^RRULE:/i, '')
    .replace(/(UNTIL=\d{8}T\d{6})(?=;|$)/i, '$1Z')
  // White space could begin a further line, which the library would read as another iCalendar property.
  if (/\s/.test(text)) return undefined
  const library = loadLibrary()
  try {
    const parsed = new library.RRuleTemporal({ rruleString: `DTSTART:${toICalendar(start)}\nRRULE:${text}` })
    // Only now does the library throw for a rule that never applies or needs too many steps.
    parsed.next(new Date(start), true)
    parsed.previous(farFuture, true)
    return createRecurrence(parsed)
  } catch {
    return undefined
  }
}

const toICalendar = (time: LocalTime): string => `${new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`

/** Caches the starts before and after the time that was asked for last, because the next request is probably about a time between them. */
function createRecurrence(rule: RRuleTemporal): Recurrence {
  let cached: { latest: LocalTime; next: LocalTime } | undefined
  /** @returns undefined if there is no such occurrence, or if the library gives the search up, which it does by throwing */
  const search = (find: () => { epochMilliseconds: number } | null): LocalTime | undefined => {
    try {
      return find()?.epochMilliseconds
    } catch {
      return undefined
    }
  }
  const findStarts = (at: LocalTime): { latest: LocalTime; next: LocalTime } => {
    if (cached && cached.latest <= at && at < cached.next) return cached
    cached = {
      latest: search(() => rule.previous(new Date(at), true)) ?? -Infinity,
      next: search(() => rule.next(new Date(at), false)) ?? Infinity,
    }
    return cached
  }
  /** Undefined for the infinite values, which stand for "none" in the cache. */
  const toOptional = (time: LocalTime): LocalTime | undefined => (Number.isFinite(time) ? time : undefined)
  return { latestStart: (at) => toOptional(findStarts(at).latest), nextStart: (after) => toOptional(findStarts(after).next) }
}
