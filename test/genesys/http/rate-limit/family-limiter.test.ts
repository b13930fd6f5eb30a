/** Which requests wait while the platform throttles a family of operations. */
import fc from 'fast-check'
import t from 'tap'
import { families, type Family } from '../../../../src/genesys/http/rate-limit/families.ts'
import { FamilyLimiter } from '../../../../src/genesys/http/rate-limit/family-limiter.ts'
import { LANES, type Lane } from '../../../../src/genesys/http/rate-limit/lanes.ts'
import { rejection } from '../../support/connect.ts'
import { createDrivenClock } from '../../support/driven-clock.ts'

function createTestLimiter() {
  const clock = createDrivenClock()
  const limiter = new FamilyLimiter(clock)
  const admitted: Array<{ at: number; family: Family; lane: Lane }> = []
  /** Asks for admission and does not wait for it. */
  const request = (family: Family, lane: Lane, timeoutMs = 600_000): void => {
    limiter.admit({ family, lane, deadline: clock.now() + timeoutMs }).then(
      () => void admitted.push({ at: clock.now(), family, lane }),
      () => {},
    )
  }
  return { clock, limiter, admitted, request }
}

t.test(
  'given any 429s about families, then no request of a paused family is admitted, and those of other families are admitted at once',
  async (t) => {
    const family = fc.constantFrom(...families)
    const steps = fc.array(
      fc.record({
        waitMs: fc.nat(20_000),
        paused: fc.option(family),
        retryAfterMs: fc.integer({ min: 1, max: 30_000 }),
        requests: fc.array(fc.record({ family, lane: fc.constantFrom(...LANES) }), { maxLength: 10 }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    await t.resolves(
      fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const { clock, limiter, admitted, request } = createTestLimiter()
          const pauses: Array<{ family: Family; from: number; to: number }> = []
          const asked: Array<{ at: number; family: Family }> = []
          for (const { waitMs, paused, retryAfterMs, requests } of plan) {
            await clock.drive(waitMs)
            if (paused) {
              limiter.pause(paused, retryAfterMs)
              pauses.push({ family: paused, from: clock.now(), to: clock.now() + retryAfterMs })
            }
            for (const { family: requested, lane } of requests) {
              asked.push({ at: clock.now(), family: requested })
              request(requested, lane)
            }
          }
          await clock.drive(600_000)
          const respectsPauses = admitted.every(({ at, family: sent }) =>
            pauses.every((pause) => pause.family !== sent || at <= pause.from || at >= pause.to),
          )
          const untouched = asked.filter(({ family: requested }) => pauses.every((pause) => pause.family !== requested))
          const countAt = (list: Array<{ at: number; family: Family }>, entry: { at: number; family: Family }) =>
            list.filter(({ at, family: other }) => at === entry.at && other === entry.family).length
          return (
            respectsPauses &&
            admitted.length === asked.length &&
            untouched.every((entry) => countAt(admitted, entry) === countAt(asked, entry))
          )
        }),
        { numRuns: 60 },
      ),
    )
  },
)

t.test('given a pause that outlasts the deadline, then a request is refused at once, and the error says how long to wait', async (t) => {
  const { clock, limiter } = createTestLimiter()
  limiter.pause('queue', 10_000)
  const error = await rejection(limiter.admit({ family: 'queue', lane: 'read', deadline: clock.now() + 5_000 }))
  t.match(error, { reason: 'rate_limited', effect: 'none', limitScope: 'family', retryAfterMs: 10_000 })
})

t.test(
  'given a request that cannot wait, when its family is paused, then it is refused at once, and it is admitted after the pause',
  async (t) => {
    const { clock, limiter } = createTestLimiter()
    const admit = () => limiter.admit({ family: 'queue', lane: 'read', deadline: clock.now() + 60_000, canWait: false })
    limiter.pause('queue', 1_000)
    t.match(await rejection(admit()), { reason: 'rate_limited', limitScope: 'family' })
    await clock.drive(1_000)
    await t.resolves(admit())
  },
)

t.test('given a request that waits, when its call is aborted or the limiter is closed, then it is refused', async (t) => {
  const { clock, limiter } = createTestLimiter()
  limiter.pause('queue', 10_000)
  const abort = new AbortController()
  const admission = { family: 'queue', lane: 'read', deadline: clock.now() + 60_000 } as const
  const aborted = limiter.admit({ ...admission, signal: abort.signal })
  abort.abort()
  t.match(await rejection(aborted), { reason: 'expired', effect: 'none' })
  const closed = limiter.admit(admission)
  limiter.close()
  t.match(await rejection(closed), { reason: 'unavailable', effect: 'none' })
  t.match(await rejection(limiter.admit(admission)), { reason: 'unavailable' }, 'a later request does not wait either')
})

t.test('given paused families, then the pause of each is reported', async (t) => {
  const { clock, limiter } = createTestLimiter()
  limiter.pause('queue', 10_000)
  await clock.drive(4_000)
  t.equal(limiter.pausedMs('queue'), 6_000)
  t.strictSame(
    limiter.pauses().filter(({ pausedMs }) => pausedMs > 0),
    [{ family: 'queue', pausedMs: 6_000 }],
  )
})
