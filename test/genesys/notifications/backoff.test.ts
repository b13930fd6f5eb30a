/** How long the client of the notification service waits after failures. */
import t from 'tap'
import { GenesysError } from '../../../src/genesys/http/errors.ts'
import { createBackoff } from '../../../src/genesys/notifications/backoff.ts'
import { createDrivenClock } from '../support/driven-clock.ts'

const timing = { spacingMs: 1000, stableAfterMs: 60_000 }
/** Without jitter: every wait has its full length. */
const random = () => 1

t.test('given failures in a row, then the waits grow to a minute', async (t) => {
  const backoff = createBackoff({ clock: createDrivenClock(0), timing, random })
  const waits = Array.from({ length: 9 }, () => backoff.recordFailure())
  t.strictSame(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  t.equal(backoff.notBefore(), 60_000)
})

t.test('given a minute in which everything worked, then earlier failures are forgotten; a shorter time does not count', async (t) => {
  const clock = createDrivenClock(0)
  const backoff = createBackoff({ clock, timing, random })
  for (let count = 0; count < 3; count += 1) backoff.recordFailure()
  backoff.recordSuccess()
  await clock.drive(59_999)
  t.equal(backoff.recordFailure(), 8000)
  backoff.recordSuccess()
  await clock.drive(60_000)
  t.equal(backoff.recordFailure(), 1000)
})

t.test(
  'given a failure that a retry cannot cure, then the wait is ten minutes; given a Retry-After, then the wait is at least as long',
  async (t) => {
    const backoff = createBackoff({ clock: createDrivenClock(0), timing, random })
    t.equal(backoff.recordFailure(new GenesysError({ operation: 'x', reason: 'forbidden', effect: 'none' })), 600_000)
    t.equal(
      backoff.recordFailure(new GenesysError({ operation: 'x', reason: 'rate_limited', effect: 'none', retryAfterMs: 90_000 })),
      90_000,
    )
  },
)

t.test('given a connection whose end was announced, then the end counts as a failure only if the connection was not stable', async (t) => {
  const clock = createDrivenClock(0)
  const backoff = createBackoff({ clock, timing, random })
  backoff.recordSuccess()
  await clock.drive(60_000)
  backoff.recordEnd()
  t.equal(backoff.notBefore(), -Infinity)
  backoff.recordSuccess()
  backoff.recordEnd()
  t.equal(backoff.notBefore(), 61_000)
})

t.test('given a request to the platform, then the next one waits for the minimum spacing', async (t) => {
  const backoff = createBackoff({ clock: createDrivenClock(0), timing, random })
  backoff.recordCall()
  t.equal(backoff.notBefore(), 1000)
})
