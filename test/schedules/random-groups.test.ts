/** Random schedule groups, compared with the evaluation of every minute in oracle.ts. */
import fc from 'fast-check'
import t from 'tap'
import { buildGroup } from './build-group.ts'
import { arbitraryGroup, evaluateMinute, findOpeningByMinutes, toFields, type OracleGroup } from './oracle.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Moments of interest in each time zone, UTC: clocks that change, midnight, leap days, and the ends of months and years. */
const moments: Record<string, string[]> = {
  'Europe/Berlin': ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2028-02-28T23:00Z', '2026-12-31T23:00Z'],
  'America/New_York': ['2026-03-08T07:00Z', '2026-11-01T06:00Z', '2028-02-29T05:00Z', '2027-02-28T05:00Z'],
  'Asia/Kolkata': ['2026-06-14T18:30Z', '2028-02-28T18:30Z', '2026-12-31T18:30Z'],
  'Australia/Sydney': ['2026-04-04T16:00Z', '2026-10-03T16:00Z', '2028-02-28T13:00Z'],
  // Summer time was abolished in 2019; these are its last two changes, which were at midnight.
  'America/Sao_Paulo': ['2018-11-04T03:00Z', '2019-02-17T02:00Z', '2026-11-28T03:00Z', '2028-02-29T03:00Z'],
  // Clocks change by half an hour, and the day begins at an odd time.
  'Australia/Lord_Howe': ['2026-04-04T15:00Z', '2026-10-03T15:30Z'],
}

const build = (group: OracleGroup) =>
  buildGroup(group.timeZone, {
    open: group.open.map(toFields),
    closed: group.closed.map(toFields),
    holiday: group.holiday.map(toFields),
  })

for (const [timeZone, times] of Object.entries(moments)) {
  t.test(`given any schedules in ${timeZone}, then every minute has the reason that the wall clock gives it`, async (t) => {
    for (const time of times) {
      const moment = Date.parse(time)
      fc.assert(
        fc.property(
          arbitraryGroup(timeZone, Math.floor(moment / dayMs)),
          fc.integer({ min: -240, max: 240 }),
          fc.nat({ max: 59_999 }),
          (group, minutes, ms) => {
            const now = moment + minutes * 60_000 + ms
            const { isOpen, reason } = build(group).evaluate(now)
            return reason === evaluateMinute(group, now) && isOpen === (reason === 'open')
          },
        ),
        { numRuns: 150 },
      )
    }
    t.pass(`${times.length * 150} groups`)
  })

  t.test(`given any schedules in ${timeZone} that are closed, then opensAt is right to the minute`, async (t) => {
    for (const time of times) {
      const moment = Date.parse(time)
      fc.assert(
        fc.property(
          arbitraryGroup(timeZone, Math.floor(moment / dayMs)),
          fc.integer({ min: -600, max: 240 }),
          fc.nat({ max: 59_999 }),
          (group, minutes, ms) => {
            const now = moment + minutes * 60_000 + ms
            const searchedUntil = now + 3 * dayMs
            const { isOpen, opensAt } = build(group).evaluate(now)
            if (isOpen) return opensAt === undefined
            const expected = findOpeningByMinutes(group, now, searchedUntil)
            return expected === undefined ? opensAt === undefined || Date.parse(opensAt) >= searchedUntil : opensAt === expected
          },
        ),
        { numRuns: 40 },
      )
    }
    t.pass(`${times.length * 40} groups`)
  })
}
