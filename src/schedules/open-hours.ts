/**
 * Whether a schedule group is open now, and if not, when it opens. The platform has no operation for that (docs/genesys-cloud.md rule 95).
 */
import type { LocalTime, TimeZone } from './local-time.ts'
import type { EmergencyGroup, Schedule, ScheduleGroup } from './schedule.ts'

/** Why a group is open or not. `no schedule`: no schedule of the group applies now, which counts as closed. */
export type OpenHoursReason = 'emergency' | 'holiday' | 'closed' | 'open' | 'no schedule'

export interface OpenHours {
  readonly isOpen: boolean
  readonly reason: OpenHoursReason
  /** When the group opens, ISO 8601 in UTC; absent if it is open, if an emergency closes it, or if it does not open within 400 days. */
  readonly opensAt?: string
}

/** The schedules of a group by kind, in the order in which the platform evaluates them (docs/genesys-cloud.md rule 100). */
interface SchedulesByKind {
  readonly holiday: readonly Schedule[]
  readonly closed: readonly Schedule[]
  readonly open: readonly Schedule[]
}

/**
 * Evaluates a schedule group by the wall clock of its time zone, in the platform's order: emergency, holiday, closed, open, else closed
 * (docs/genesys-cloud.md rules 100 and 101).
 * @param schedules the schedules of the group by id; ids of the group that it lacks are ignored
 * @param emergencyGroup null for none
 * @param now epoch ms
 */
export function evaluateOpenHours(
  group: ScheduleGroup,
  schedules: ReadonlyMap<string, Schedule>,
  emergencyGroup: EmergencyGroup | null,
  now: number,
): OpenHours {
  if (emergencyGroup?.isEnabled) return { isOpen: false, reason: 'emergency' }
  const pick = (ids: readonly string[]): Schedule[] => ids.flatMap((id) => schedules.get(id) ?? [])
  const byKind: SchedulesByKind = {
    holiday: pick(group.holidayScheduleIds),
    closed: pick(group.closedScheduleIds),
    open: pick(group.openScheduleIds),
  }
  const reason = findReason(byKind, now + group.timeZone.offsetAt(now))
  if (reason === 'open') return { isOpen: true, reason }
  const opensAt = findOpening(byKind, group.timeZone, now)
  return { isOpen: false, reason, ...(opensAt !== undefined && { opensAt: new Date(opensAt).toISOString() }) }
}

/**
 * Evaluates a schedule group of which some schedules could not be read.
 * @param schedules those that could be read
 * @param unreadIds the ids of the others
 * @returns undefined if it depends on the others whether the group is open. If it is closed, it is not known when it opens
 */
export function evaluateReadable(
  group: ScheduleGroup,
  schedules: ReadonlyMap<string, Schedule>,
  unreadIds: ReadonlySet<string>,
  now: number,
): OpenHours | undefined {
  const { isOpen, reason } = evaluateOpenHours(group, schedules, null, now)
  // A schedule that closes the group now does so whatever the others say; one that opens it does unless another one might close it.
  const mightBeClosed = [...group.holidayScheduleIds, ...group.closedScheduleIds].some((id) => unreadIds.has(id))
  const isCertain = reason === 'open' ? !mightBeClosed : reason !== 'no schedule'
  return isCertain ? { isOpen, reason } : undefined
}

function findReason(byKind: SchedulesByKind, at: LocalTime): Exclude<OpenHoursReason, 'emergency'> {
  for (const kind of ['holiday', 'closed', 'open'] as const)
    if (byKind[kind].some((schedule) => schedule.activeUntil(at) !== undefined)) return kind
  return 'no schedule'
}

/** 400 days: more than a year, so that a yearly schedule is found. */
const searchLimitMs = 400 * 86_400_000
/** Enough for five changes on each of 400 days. A search that needs more steps is given up, so that it does not block the process. */
const maximumSteps = 2000

/** The first instant from `now` on at which the group is open, epoch ms; undefined if none is found within 400 days. */
function findOpening(byKind: SchedulesByKind, timeZone: TimeZone, now: number): number | undefined {
  const limit = now + searchLimitMs
  let instant = now
  for (let step = 0; step < maximumSteps && instant <= limit; step++) {
    const offset = timeZone.offsetAt(instant)
    const local = instant + offset
    if (findReason(byKind, local) === 'open') return instant
    const candidate = findPossibleOpening(byKind, local) - offset
    // When the clocks change, local time may jump past a start, or back into open hours. So a change before the candidate is tried first.
    instant = timeZone.nextOffsetChange(instant, Math.min(candidate, limit)) ?? candidate
  }
  return undefined
}

/** The first time after `at` at which a group that is closed at `at` may be open; Infinity if there is none. */
function findPossibleOpening({ holiday, closed, open }: SchedulesByKind, at: LocalTime): LocalTime {
  const ends = [...holiday, ...closed].flatMap((schedule) => schedule.activeUntil(at) ?? [])
  if (ends.length > 0) return Math.max(...ends)
  return Math.min(...open.map((schedule) => schedule.nextStart(at) ?? Infinity))
}
