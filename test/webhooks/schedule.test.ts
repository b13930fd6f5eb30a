/** When a delivery is attempted again. */
import fc from 'fast-check'
import t from 'tap'
import { delayBeforeAttempt, parseRetryAfter } from '../../src/webhooks/schedule.ts'

const hourMs = 3_600_000

t.test('given no jitter, then the delays are those of the Standard Webhooks example', async (t) => {
  const delays = Array.from({ length: 11 }, (_, index) => delayBeforeAttempt(index + 1, 0.5))
  t.same(delays, [0, 5000, 300_000, 1_800_000, 2 * hourMs, 5 * hourMs, 10 * hourMs, 14 * hourMs, 20 * hourMs, 24 * hourMs, undefined])
  t.equal(
    delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0),
    75 * hourMs + 35 * 60_000 + 5000,
    '75 h 35 min 5 s in total',
  )
})

t.test('given any jitter, then a delay stays within 20 % of the schedule and is a whole number of milliseconds', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
        const [delay, scheduled] = [delayBeforeAttempt(attempt, random)!, delayBeforeAttempt(attempt, 0.5)!]
        return Number.isInteger(delay) && Math.abs(delay - scheduled) <= 0.2 * scheduled
      }),
    ),
  )
  t.equal(delayBeforeAttempt(2, 0), 4000)
  t.equal(delayBeforeAttempt(2, 0.999_999), 6000)
})

t.test('given an attempt number that is not a positive integer, then a RangeError is thrown', async (t) => {
  for (const attempt of [0, -1, 1.5, Number.NaN]) t.throws(() => delayBeforeAttempt(attempt, 0.5), RangeError)
})

const now = Date.UTC(1994, 10, 6, 8, 49, 0)
const headers: Array<[header: string | undefined, ms: number | undefined]> = [
  [undefined, undefined],
  ['', undefined],
  ['soon', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['5 s', undefined],
  ['1994-11-06T08:49:37Z', undefined],
  ['0', 0],
  ['7', 7000],
  [' 120 ', 120_000],
  ['999999999', 24 * hourMs],
  ['9'.repeat(400), 24 * hourMs],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 08:48:37 GMT', 0],
  ['Sun, 06 Nov 1999 08:49:37 GMT', 24 * hourMs],
  ['Foo, 99 Bar 1994 88:99:37 GMT', undefined],
]
for (const [header, ms] of headers) {
  t.test(
    `given Retry-After ${header === undefined ? 'absent' : `"${header.slice(0, 40)}"`}, then ${ms === undefined ? 'it is ignored' : `the delay is ${ms} ms`}`,
    async (t) => {
      t.equal(parseRetryAfter(header, now), ms)
    },
  )
}

t.test('given any text as Retry-After, then the delay is 0 to 24 h or the header is ignored', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.nat().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (header) => {
          const delay = parseRetryAfter(header, now)
          return delay === undefined || (delay >= 0 && delay <= 24 * hourMs)
        },
      ),
    ),
  )
})
