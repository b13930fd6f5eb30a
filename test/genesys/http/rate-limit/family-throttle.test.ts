/** How a family of operations is slowed down after a 429 about it. */
import fc from 'fast-check'
import t from 'tap'
import { FamilyThrottle } from '../../../../src/genesys/http/rate-limit/family-throttle.ts'
import { LANES } from '../../../../src/genesys/http/rate-limit/lanes.ts'

/** A 429 after `afterMs` more milliseconds. */
const refusals = fc.array(fc.record({ afterMs: fc.nat(90_000), retryAfterMs: fc.nat(30_000) }), { minLength: 1, maxLength: 6 })

t.test('given a family that was never throttled, then each request may be sent at once', async (t) => {
  const throttle = new FamilyThrottle()
  for (const lane of LANES)
    for (let request = 0; request < 3; request++) {
      t.equal(throttle.roomAt(lane, 1000), 1000)
      throttle.reserve(lane, 1000)
    }
})

t.test(
  'given any 429s, then no request may be sent before the latest Retry-After, and 60 s after it any request may be sent at once',
  async (t) => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(refusals, fc.constantFrom(...LANES), (steps, lane) => {
          const throttle = new FamilyThrottle()
          let now = 0
          let latest = -Infinity
          for (const { afterMs, retryAfterMs } of steps) {
            now += afterMs
            throttle.pause(retryAfterMs, now)
            latest = Math.max(latest, now + retryAfterMs)
            if (throttle.roomAt(lane, now) < latest) return false
            throttle.reserve(lane, throttle.roomAt(lane, now))
          }
          const calmAt = latest + 60_000
          return throttle.isCalm(calmAt) && throttle.roomAt(lane, calmAt) === calmAt
        }),
      ),
    )
  },
)

t.test(
  'given requests that waited for the end of a pause, then those of a lane follow one after the other, more slowly after each further 429',
  async (t) => {
    const throttle = new FamilyThrottle()
    const next = (now: number) => {
      const at = throttle.roomAt('read', now)
      throttle.reserve('read', at)
      return at
    }
    throttle.pause(1000, 0)
    t.strictSame([next(0), next(0), next(0)], [1000, 1250, 1500])
    t.equal(throttle.roomAt('command', 0), 1000, 'another lane has its own spacing')
    throttle.pause(1000, 500)
    t.strictSame([next(500), next(500)], [1750, 2000], 'a 429 during the pause answers an earlier request')
    for (const [now, expectedSpacing] of [
      [5_000, 500],
      [10_000, 1_000],
      [15_000, 2_000],
      [20_000, 4_000],
      [25_000, 4_000],
    ] as const) {
      throttle.pause(1000, now)
      const first = next(now)
      t.equal(next(now) - first, expectedSpacing)
    }
  },
)
