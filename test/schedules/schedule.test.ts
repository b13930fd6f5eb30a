/** Which schedules and time zones can be read. */
import t from 'tap'
import { findTimeZone, parseLocalTime } from '../../src/schedules/local-time.ts'
import { parseSchedule } from '../../src/schedules/schedule.ts'

const times = { id: 's', start: '2026-06-10T09:00:00.000000', end: '2026-06-10T12:00:00.000000' }
const local = (text: string): number => Date.parse(`${text}Z`)

t.test('given a local time in a form that the platform or another tool writes, then it is read', async (t) => {
  for (const [text, expected] of [
    ['2026-06-10T09:00:00.000000', '2026-06-10T09:00:00.000'],
    ['2026-06-10T09:00:00.000', '2026-06-10T09:00:00.000'],
    ['2026-06-10T09:00:00.5', '2026-06-10T09:00:00.500'],
    ['2026-06-10T09:00:00', '2026-06-10T09:00:00.000'],
    ['2026-06-10T09:00', '2026-06-10T09:00:00.000'],
    ['2026-06-10T23:59:59.999999', '2026-06-10T23:59:59.999'],
    ['2026-06-10T09:00:00.000Z', '2026-06-10T09:00:00.000'],
    ['2028-02-29T00:00:00.000', '2028-02-29T00:00:00.000'],
  ] as const)
    t.equal(parseLocalTime(text), local(expected), text)
})

t.test('given anything else, then it is no local time', async (t) => {
  for (const text of [
    '',
    '2026-06-10',
    '09:00',
    '2026-02-30T09:00:00.000',
    '2027-02-29T09:00:00.000',
    '2026-13-01T09:00:00.000',
    '2026-06-10T24:00:00.000',
    '2026-06-10T25:00:00.000',
    '2026-06-10T09:60:00.000',
    '2026-06-10T09:00:00+02:00',
    '2026-06-10 09:00:00',
    'soon',
  ])
    t.equal(parseLocalTime(text), undefined, text)
})

t.test('given a name, then a time zone is found if it exists', async (t) => {
  const summer = Date.parse('2026-07-01T00:00Z')
  t.equal(findTimeZone('Europe/Berlin')?.offsetAt(summer), 2 * 3_600_000)
  t.equal(findTimeZone('Asia/Kolkata')?.offsetAt(summer), 5.5 * 3_600_000)
  t.equal(findTimeZone('UTC')?.offsetAt(summer), 0)
  t.equal(findTimeZone('Europe/Berlin'), findTimeZone('Europe/Berlin'), 'it is created once')
  for (const name of ['', 'Mars/Olympus', 'Berlin']) t.equal(findTimeZone(name), undefined, name)
})

t.test('given a span, then the first change of the offset in it is found to the second', async (t) => {
  const berlin = findTimeZone('Europe/Berlin')
  const change = Date.parse('2026-03-29T01:00Z')
  t.equal(berlin?.nextOffsetChange(Date.parse('2026-01-01T00:00Z'), Date.parse('2026-12-31T00:00Z')), change)
  t.equal(berlin?.nextOffsetChange(change - 1, Date.parse('2026-12-31T00:00Z')), change)
  t.equal(berlin?.nextOffsetChange(change - 60_000, change), change, 'at its end')
  t.equal(berlin?.nextOffsetChange(change, Date.parse('2026-10-25T00:59:59Z')), undefined)
  t.equal(berlin?.nextOffsetChange(change - 60_000, change - 1), undefined)
})

t.test('given a schedule, then it is active from its start until just before its end', async (t) => {
  const schedule = parseSchedule(times)
  t.equal(schedule?.activeUntil(local('2026-06-10T08:59:59.999')), undefined)
  t.equal(schedule?.activeUntil(local('2026-06-10T09:00')), local('2026-06-10T12:00'))
  t.equal(schedule?.activeUntil(local('2026-06-10T12:00')), undefined)
  t.equal(schedule?.nextStart(local('2026-06-10T08:59')), local('2026-06-10T09:00'))
  t.equal(schedule?.nextStart(local('2026-06-10T09:00')), undefined)
})

t.test('given occurrences that overlap, then it is active until the last one ends', async (t) => {
  const schedule = parseSchedule({ ...times, end: '2026-06-12T12:00:00.000', rrule: 'FREQ=DAILY;COUNT=3' })
  t.equal(schedule?.activeUntil(local('2026-06-11T10:00')), local('2026-06-13T12:00'))
  t.equal(schedule?.activeUntil(local('2026-06-14T11:59')), local('2026-06-14T12:00'))
  t.equal(schedule?.activeUntil(local('2026-06-14T12:00')), undefined)
})

t.test('given a recurrence rule, then its occurrences are those of RFC 5545', async (t) => {
  const listStarts = (rrule: string, from = '2026-06-10T00:00'): string[] => {
    const schedule = parseSchedule({ ...times, rrule })
    const starts: string[] = []
    for (let at = schedule?.nextStart(local(from)); at !== undefined && starts.length < 3; at = schedule?.nextStart(at))
      starts.push(new Date(at).toISOString().slice(0, 16))
    return starts
  }
  for (const [rrule, ...expected] of [
    ['FREQ=DAILY', '2026-06-10T09:00', '2026-06-11T09:00', '2026-06-12T09:00'],
    ['FREQ=DAILY;INTERVAL=1', '2026-06-10T09:00', '2026-06-11T09:00', '2026-06-12T09:00'],
    ['RRULE:FREQ=DAILY', '2026-06-10T09:00', '2026-06-11T09:00', '2026-06-12T09:00'],
    ['freq=daily;count=2', '2026-06-10T09:00', '2026-06-11T09:00'],
    ['FREQ=WEEKLY;WKST=SU;BYDAY=SA', '2026-06-13T09:00', '2026-06-20T09:00', '2026-06-27T09:00'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,WE', '2026-06-10T09:00', '2026-06-23T09:00', '2026-06-24T09:00'],
    ['FREQ=MONTHLY;BYMONTHDAY=31', '2026-07-31T09:00', '2026-08-31T09:00', '2026-10-31T09:00'],
    ['FREQ=MONTHLY;BYDAY=-1FR', '2026-06-26T09:00', '2026-07-31T09:00', '2026-08-28T09:00'],
    ['FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', '2026-11-26T09:00', '2027-11-25T09:00', '2028-11-23T09:00'],
    ['FREQ=DAILY;UNTIL=20260611T090000', '2026-06-10T09:00', '2026-06-11T09:00'],
    ['FREQ=DAILY;UNTIL=20260611T090000Z', '2026-06-10T09:00', '2026-06-11T09:00'],
    ['FREQ=DAILY;UNTIL=20260611T085959;INTERVAL=1', '2026-06-10T09:00'],
    ['FREQ=DAILY;UNTIL=20260611', '2026-06-10T09:00', '2026-06-11T09:00'],
    ['FREQ=DAILY;COUNT=1', '2026-06-10T09:00'],
  ] as const)
    t.strictSame(listStarts(rrule), expected, rrule)
  t.strictSame(listStarts('FREQ=DAILY;COUNT=1', '2026-06-10T09:00'), [])
})

t.test('given a schedule that has lasted for decades, then its next occurrence is found at once', async (t) => {
  const schedule = parseSchedule({ id: 's', start: '1990-01-01T08:00:00.000', end: '1990-01-01T17:00:00.000', rrule: 'FREQ=DAILY' })
  t.equal(schedule?.nextStart(local('2026-06-10T12:00')), local('2026-06-11T08:00'))
})

t.test('given a schedule that cannot be read or evaluated, then it is none', async (t) => {
  for (const fields of [
    { start: 'soon' },
    { end: '' },
    { end: times.start },
    { end: '2026-06-09T12:00:00.000' },
    { rrule: '' },
    { rrule: 'every day' },
    { rrule: 'FREQ=FORTNIGHTLY' },
    { rrule: 'FREQ=DAILY;INTERVAL=0' },
    { rrule: 'FREQ=WEEKLY;BYDAY=XX' },
    { rrule: 'FREQ=DAILY;UNTIL=later' },
    { rrule: 'FREQ=DAILY\nEXDATE:20260611T090000Z' },
    { rrule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' },
    { rrule: 'FREQ=SECONDLY;COUNT=100000000' },
  ])
    t.equal(parseSchedule({ ...times, ...fields }), undefined, JSON.stringify(fields))
})
