/** When a schedule group is open, and when it opens next. */
import t from 'tap'
import { evaluateReadable } from '../../src/schedules/open-hours.ts'
import { buildGroup, hours, wholeDay } from './build-group.ts'

const weekdays = 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'
const enabled = { id: 'emergency', isEnabled: true }
const disabled = { id: 'emergency', isEnabled: false }

t.test('given every kind of schedule applies, then emergency comes before holiday, closed and open', async (t) => {
  const everyDay = [wholeDay('2026-01-01', 'FREQ=DAILY')]
  const now = '2026-06-10T12:00Z'
  const all = buildGroup('Europe/Berlin', { open: everyDay, closed: everyDay, holiday: everyDay })
  t.strictSame(all.evaluate(now, enabled), { isOpen: false, reason: 'emergency' })
  t.match(all.evaluate(now, disabled), { isOpen: false, reason: 'holiday' })
  t.match(all.evaluate(now), { isOpen: false, reason: 'holiday' })
  t.match(buildGroup('Europe/Berlin', { open: everyDay, closed: everyDay }).evaluate(now), { isOpen: false, reason: 'closed' })
  t.strictSame(buildGroup('Europe/Berlin', { open: everyDay }).evaluate(now), { isOpen: true, reason: 'open' })
  t.strictSame(buildGroup('Europe/Berlin', {}).evaluate(now), { isOpen: false, reason: 'no schedule' })
})

t.test('given opening hours, then the first minute is open and the last one is not', async (t) => {
  const { evaluate } = buildGroup('Europe/Berlin', { open: [hours('08:00', '17:00', weekdays)] })
  t.strictSame(evaluate('2026-06-10T05:59:59.999Z'), { isOpen: false, reason: 'no schedule', opensAt: '2026-06-10T06:00:00.000Z' })
  t.strictSame(evaluate('2026-06-10T06:00:00.000Z'), { isOpen: true, reason: 'open' })
  t.strictSame(evaluate('2026-06-10T14:59:59.999Z'), { isOpen: true, reason: 'open' })
  t.strictSame(evaluate('2026-06-10T15:00:00.000Z'), { isOpen: false, reason: 'no schedule', opensAt: '2026-06-11T06:00:00.000Z' })
  t.equal(evaluate('2026-06-12T15:00Z').opensAt, '2026-06-15T06:00:00.000Z', 'on Friday evening, it opens on Monday')
})

t.test('given the same hours in several time zones, then it opens by the local clock', async (t) => {
  for (const [timeZone, opensAt] of [
    ['Europe/Berlin', '2026-06-10T06:00:00.000Z'],
    ['America/New_York', '2026-06-10T12:00:00.000Z'],
    ['Asia/Kolkata', '2026-06-10T02:30:00.000Z'],
    ['Australia/Sydney', '2026-06-10T22:00:00.000Z'],
    ['America/Sao_Paulo', '2026-06-10T11:00:00.000Z'],
  ] as const)
    t.equal(buildGroup(timeZone, { open: [hours('08:00', '09:00')] }).evaluate('2026-06-10T00:00Z').opensAt, opensAt, timeZone)
})

t.test('given the clocks change, then it opens at the same local time before and after', async (t) => {
  const { evaluate } = buildGroup('Europe/Berlin', { open: [hours('08:00', '17:00')] })
  t.equal(evaluate('2026-03-27T20:00Z').opensAt, '2026-03-28T07:00:00.000Z')
  t.equal(evaluate('2026-03-28T20:00Z').opensAt, '2026-03-29T06:00:00.000Z')
  t.equal(evaluate('2026-10-24T20:00Z').opensAt, '2026-10-25T07:00:00.000Z')
})

t.test('given hours that begin in the hour that the clocks skip, then it opens when they have skipped it', async (t) => {
  const { evaluate } = buildGroup('Europe/Berlin', { open: [hours('02:30', '04:00')] })
  t.strictSame(evaluate('2026-03-29T00:45Z'), { isOpen: false, reason: 'no schedule', opensAt: '2026-03-29T01:00:00.000Z' })
  t.ok(evaluate('2026-03-29T01:00Z').isOpen)
  t.notOk(evaluate('2026-03-29T02:00Z').isOpen)
  const skipped = buildGroup('Europe/Berlin', { open: [hours('02:15', '02:45')] })
  t.equal(skipped.evaluate('2026-03-29T00:00Z').opensAt, '2026-03-30T00:15:00.000Z', 'hours that do not exist on that day')
})

t.test('given hours that end in the hour that comes twice, then it opens again when the clocks go back', async (t) => {
  const { evaluate } = buildGroup('Europe/Berlin', { open: [hours('01:00', '02:30')] })
  t.ok(evaluate('2026-10-25T00:15Z').isOpen)
  t.strictSame(evaluate('2026-10-25T00:45Z'), { isOpen: false, reason: 'no schedule', opensAt: '2026-10-25T01:00:00.000Z' })
  t.ok(evaluate('2026-10-25T01:15Z').isOpen)
  t.equal(evaluate('2026-10-25T01:30Z').opensAt, '2026-10-26T00:00:00.000Z')
})

t.test('given a night shift, then it is open across midnight, also across a change of the clocks', async (t) => {
  const { evaluate } = buildGroup('America/New_York', { open: [hours('22:00', '06:00')] })
  t.ok(evaluate('2026-11-01T03:00Z').isOpen, '23:00')
  t.ok(evaluate('2026-11-01T10:59Z').isOpen, '05:59, an hour longer than other nights')
  t.strictSame(evaluate('2026-11-01T11:00Z'), { isOpen: false, reason: 'no schedule', opensAt: '2026-11-02T03:00:00.000Z' })
})

t.test('given a holiday on a day that is open by rule, then it opens on the next day', async (t) => {
  const { evaluate } = buildGroup('America/New_York', {
    open: [hours('09:00', '17:00', weekdays)],
    holiday: [wholeDay('2020-11-26', 'FREQ=YEARLY;BYMONTH=11;BYDAY=4TH')],
  })
  t.strictSame(evaluate('2026-11-26T15:00Z'), { isOpen: false, reason: 'holiday', opensAt: '2026-11-27T14:00:00.000Z' })
})

t.test('given holidays that overlap, then it opens when the last of them is over', async (t) => {
  const { evaluate } = buildGroup('Europe/Berlin', {
    open: [wholeDay('2020-01-01', 'FREQ=DAILY')],
    holiday: [
      { start: '2026-12-24T14:00:00.000', end: '2026-12-26T12:00:00.000' },
      wholeDay('2026-12-25'),
      { start: '2026-12-26T10:00:00.000', end: '2026-12-27T09:30:00.000' },
    ],
    closed: [{ start: '2026-12-27T09:00:00.000', end: '2026-12-27T10:15:00.000' }],
  })
  t.strictSame(evaluate('2026-12-24T14:00Z'), { isOpen: false, reason: 'holiday', opensAt: '2026-12-27T09:15:00.000Z' })
  t.strictSame(evaluate('2026-12-27T09:00Z'), { isOpen: false, reason: 'closed', opensAt: '2026-12-27T09:15:00.000Z' })
})

t.test('given February 29, then a yearly schedule applies in leap years only', async (t) => {
  const { evaluate } = buildGroup('Asia/Kolkata', { open: [wholeDay('2024-02-29', 'FREQ=YEARLY')] })
  t.ok(evaluate('2028-02-29T12:00Z').isOpen)
  t.notOk(evaluate('2027-02-28T12:00Z').isOpen)
  t.notOk(evaluate('2027-03-01T12:00Z').isOpen)
  t.equal(evaluate('2028-02-01T00:00Z').opensAt, '2028-02-28T18:30:00.000Z')
})

t.test('given a schedule without a rule, then it applies once', async (t) => {
  const { evaluate } = buildGroup('America/Sao_Paulo', { open: [{ start: '2026-06-10T09:00:00.000', end: '2026-06-10T12:00:00.000' }] })
  t.equal(evaluate('2026-06-01T00:00Z').opensAt, '2026-06-10T12:00:00.000Z')
  t.ok(evaluate('2026-06-10T12:00Z').isOpen)
  t.strictSame(evaluate('2026-06-10T15:00Z'), { isOpen: false, reason: 'no schedule' }, 'and never opens again')
})

t.test('given an opening more than 400 days away, or none, then opensAt is absent', async (t) => {
  const { evaluate } = buildGroup('Europe/Berlin', { open: [wholeDay('2028-01-01')] })
  t.equal(evaluate('2026-11-01T00:00Z').opensAt, undefined)
  t.equal(evaluate('2027-01-01T00:00Z').opensAt, '2027-12-31T23:00:00.000Z')
  const never = buildGroup('Europe/Berlin', { open: [hours('08:00', '17:00')], closed: [wholeDay('2020-01-01', 'FREQ=DAILY')] })
  t.strictSame(never.evaluate('2026-11-01T00:00Z'), { isOpen: false, reason: 'closed' })
})

t.test('given a schedule that could not be read with the group, then it is left out', async (t) => {
  const { group, schedules, evaluate } = buildGroup('Europe/Berlin', {
    open: [hours('00:00', '00:00')],
    holiday: [wholeDay('2026-06-10')],
  })
  t.equal(evaluate('2026-06-10T12:00Z').reason, 'holiday')
  schedules.delete(group.holidayScheduleIds[0] ?? '')
  t.equal(evaluate('2026-06-10T12:00Z').reason, 'open')
})

t.test('given a group that was evaluated before, then asking in any order of time gives the same answers', async (t) => {
  const times = Array.from({ length: 200 }, (_, index) => Date.parse('2026-03-20T00:00Z') + index * 7_000_000)
  const build = () => buildGroup('Europe/Berlin', { open: [hours('08:00', '17:00', weekdays)], holiday: [wholeDay('2026-03-24')] })
  const inOrder = build()
  const backwards = build()
  const forward = times.map((time) => inOrder.evaluate(time))
  t.strictSame(
    times
      .toReversed()
      .map((time) => backwards.evaluate(time))
      .toReversed(),
    forward,
  )
})

t.test(
  'given a group of which some schedules could not be read, when it is evaluated, then no result would differ with them',
  async (t) => {
    const noon = Date.parse('2026-06-10T12:00Z')
    const [today, tomorrow] = [wholeDay('2026-06-10'), wholeDay('2026-06-11')]
    const kinds = ['holiday', 'closed', 'open'] as const
    /** Every combination of a yes or no for each kind of schedule. */
    const combinations = Array.from({ length: 8 }, (_, bits) => kinds.filter((_kind, index) => (bits >> index) & 1))
    const results = combinations.flatMap((activeKinds) => {
      const when = (kind: (typeof kinds)[number]) => [activeKinds.includes(kind) ? today : tomorrow]
      const { group, schedules, evaluate } = buildGroup('UTC', { holiday: when('holiday'), closed: when('closed'), open: when('open') })
      return combinations.map((unreadKinds) => {
        const unreadIds = new Set(unreadKinds.map((kind) => `${kind}-0`))
        const read = new Map([...schedules].filter(([id]) => !unreadIds.has(id)))
        return { activeKinds, unreadKinds, readable: evaluateReadable(group, read, unreadIds, noon), complete: evaluate(noon) }
      })
    })
    for (const { activeKinds, unreadKinds, readable, complete } of results)
      if (readable) t.equal(readable.isOpen, complete.isOpen, `active now: ${activeKinds.join(', ')}; not read: ${unreadKinds.join(', ')}`)
    const find = (active: string, unread: string) =>
      results.find(({ activeKinds, unreadKinds }) => activeKinds.join() === active && unreadKinds.join() === unread)?.readable
    t.strictSame(find('holiday', 'open'), { isOpen: false, reason: 'holiday' })
    t.strictSame(find('closed', 'holiday'), { isOpen: false, reason: 'closed' })
    t.strictSame(find('open', 'closed'), undefined)
    t.strictSame(find('', 'open'), undefined)
  },
)
