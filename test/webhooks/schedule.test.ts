import fc from 'fast-check'
import t from 'tap'
import { delayBefore, retryAfter } from '../../src/webhooks/schedule.ts'

const HOUR = 3_600_000

t.test('given no jitter, then the waits are those of the Standard Webhooks example', async (t) => {
  const waits = Array.from({ length: 11 }, (_, index) => delayBefore(index + 1, 0.5))
  t.same(waits, [0, 5000, 300_000, 1_800_000, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR, undefined])
  t.equal(
    waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0),
    75 * HOUR + 35 * 60_000 + 5000,
    'over 75:35:05',
  )
})

t.test('given any random number, then a wait stays within 20 % of the table and is a whole number of milliseconds', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
        const [wait, middle] = [delayBefore(attempt, random)!, delayBefore(attempt, 0.5)!]
        return Number.isInteger(wait) && Math.abs(wait - middle) <= 0.2 * middle
      }),
    ),
  )
  t.equal(delayBefore(2, 0), 4000)
  t.equal(delayBefore(2, 0.999_999), 6000)
})

t.test('given an attempt that is none, then it is refused', async (t) => {
  for (const attempt of [0, -1, 1.5, Number.NaN]) t.throws(() => delayBefore(attempt, 0.5), RangeError)
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
  ['999999999', 24 * HOUR],
  ['9'.repeat(400), 24 * HOUR],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 08:48:37 GMT', 0],
  ['Sun, 06 Nov 1999 08:49:37 GMT', 24 * HOUR],
  ['Foo, 99 Bar 1994 88:99:37 GMT', undefined],
]
for (const [header, ms] of headers) {
  t.test(
    `given Retry-After ${header === undefined ? 'absent' : `"${header.slice(0, 40)}"`}, then the wait is ${ms ?? 'ours to choose'}`,
    async (t) => {
      t.equal(retryAfter(header, now), ms)
    },
  )
}

t.test('given any text, then Retry-After is a wait of 0 to 24 h or nothing', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.nat().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (header) => {
          const wait = retryAfter(header, now)
          return wait === undefined || (wait >= 0 && wait <= 24 * HOUR)
        },
      ),
    ),
  )
})
