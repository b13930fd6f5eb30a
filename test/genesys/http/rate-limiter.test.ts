/** Whatever the load, no minute exceeds the limit, commands are admitted first, and no lane starves. */
import fc from 'fast-check'
import t from 'tap'
import type { GenesysError } from '../../../src/genesys/http/errors.ts'
import { LANES, type Lane } from '../../../src/genesys/http/rate-limit/lanes.ts'
import { RateLimiter } from '../../../src/genesys/http/rate-limiter.ts'
import { rejection } from '../support/connect.ts'
import { createDrivenClock } from '../support/driven-clock.ts'

/** A limiter on a driven clock that records which requests were admitted, and when. */
function createTestLimiter(requestsPerMinute = 300) {
  const clock = createDrivenClock()
  const limiter = new RateLimiter({ requestsPerMinute, clock })
  const admitted: Array<{ at: number; lane: Lane }> = []
  const errors: GenesysError[] = []
  /** Asks for a slot with `timeoutMs` until the deadline; does not wait for it. */
  const request = (lane: Lane, timeoutMs = 600_000): void => {
    limiter.admit(lane, clock.now() + timeoutMs).then(
      () => void admitted.push({ at: clock.now(), lane }),
      (error: GenesysError) => void errors.push(error),
    )
  }
  return { clock, limiter, admitted, errors, request }
}

/** The largest number of `times` in any 60 s, both ends included. */
function countBusiestMinute(times: number[]): number {
  return times.reduce((most, start, index) => {
    let last = index
    while (last + 1 < times.length && times[last + 1]! - start <= 60_000) last++
    return Math.max(most, last - index + 1)
  }, 0)
}

// The usable limit is 95 % of the platform's, rounded down: 285 of 300 a minute, 57 of 60.

const schedule = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(70_000)),
    lane: fc.constantFrom(...LANES),
    count: fc.integer({ min: 1, max: 150 }),
    timeoutMs: fc.oneof(fc.nat(2000), fc.integer({ min: 0, max: 200_000 })),
  }),
  { minLength: 1, maxLength: 12 },
)

t.test('given any schedule of requests, then at most 285 are admitted in any 60 s', async (t) => {
  await t.resolves(
    fc.assert(
      fc.asyncProperty(schedule, async (steps) => {
        const { clock, admitted, request } = createTestLimiter()
        for (const { waitMs, lane, count, timeoutMs } of steps) {
          await clock.drive(waitMs)
          for (let i = 0; i < count; i++) request(lane, timeoutMs)
        }
        await clock.drive(300_000)
        return countBusiestMinute(admitted.map(({ at }) => at)) <= 285
      }),
      { numRuns: 40 },
    ),
  )
})

t.test('given a queue that never empties, then the limit is used and still never exceeded', async (t) => {
  const { clock, admitted, request } = createTestLimiter()
  for (let second = 0; second < 240; second++) {
    for (const lane of LANES) for (let i = 0; i < 4; i++) request(lane, 5000)
    await clock.drive(1000)
  }
  t.equal(countBusiestMinute(admitted.map(({ at }) => at)), 285)
  t.ok(admitted.length >= 4 * 285 * 0.9, `${admitted.length} of at most ${4 * 285}`)
})

t.test('given any number of 429s, then nothing is admitted before Retry-After has passed', async (t) => {
  const pausesByPlatform = fc.array(fc.record({ afterMs: fc.nat(20_000), retryAfterMs: fc.integer({ min: 1, max: 30_000 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  await t.resolves(
    fc.assert(
      fc.asyncProperty(pausesByPlatform, async (refusals) => {
        const { clock, limiter, admitted, request } = createTestLimiter()
        const pauses: Array<[from: number, to: number]> = []
        for (const { afterMs, retryAfterMs } of refusals) {
          for (let i = 0; i < 30; i++) request(LANES[i % 3]!, 200_000)
          await clock.drive(afterMs)
          limiter.pause(retryAfterMs)
          pauses.push([clock.now(), clock.now() + retryAfterMs])
          for (let i = 0; i < 10; i++) request(LANES[i % 3]!, 200_000)
        }
        await clock.drive(400_000)
        return admitted.length > 0 && admitted.every(({ at }) => pauses.every(([from, to]) => at <= from || at >= to))
      }),
      { numRuns: 40 },
    ),
  )
})

t.test('given a 429, then requests are admitted more slowly after the pause, and the limit recovers step by step', async (t) => {
  const { clock, limiter, admitted, request } = createTestLimiter()
  limiter.pause(10_000)
  for (let i = 0; i < 50; i++) request('command')
  await clock.drive(9_999)
  t.equal(admitted.length, 0)
  await clock.drive(2_001)
  t.ok(admitted.length >= 2 && admitted.length <= 8, `${admitted.length} in the first two seconds`)
  const reducedLimit = limiter.usage().limit
  t.ok(reducedLimit < 285)
  await clock.drive(20_000)
  t.ok(limiter.usage().limit > reducedLimit)
  await clock.drive(60_000)
  t.equal(limiter.usage().limit, 285)
})

t.test('given several 429s at the same time, then the limit is reduced once', async (t) => {
  const { limiter } = createTestLimiter()
  for (let i = 0; i < 20; i++) limiter.pause(1000)
  t.equal(limiter.usage().limit, Math.floor(285 * 0.7))
})

t.test('given requests that wait in every lane, then commands go before reads and reads before watching', async (t) => {
  const { clock, limiter, admitted, request } = createTestLimiter()
  limiter.pause(1000)
  for (const lane of ['watch', 'read', 'command'] as const) for (let i = 0; i < 5; i++) request(lane)
  await clock.drive(30_000)
  t.same(
    admitted.map(({ lane }) => lane),
    [...Array(5).fill('command'), ...Array(5).fill('read'), ...Array(5).fill('watch')],
  )
})

t.test('given one lane, then requests are admitted in the order in which they came', async (t) => {
  const { clock, limiter } = createTestLimiter()
  const order: number[] = []
  limiter.pause(500)
  for (let i = 0; i < 6; i++) void limiter.admit('read', clock.now() + 60_000).then(() => order.push(i))
  await clock.drive(30_000)
  t.same(order, [0, 1, 2, 3, 4, 5])
})

t.test('given more reads and watch requests than the limit, then a command is still admitted at once', async (t) => {
  const { clock, admitted, request } = createTestLimiter()
  for (let i = 0; i < 400; i++) request('watch', 50)
  for (let i = 0; i < 400; i++) request('read', 50)
  await clock.drive(0)
  const admittedBefore = admitted.length
  // Reads fill at most 90 % of the usable limit, so there is room left.
  t.ok(admittedBefore < 285 * 0.95)
  request('command', 0.5)
  await clock.drive(0)
  t.equal(admitted.length, admittedBefore + 1)
})

t.test('given any bulk transfers and the watching of their calls, then a command is still admitted at once', async (t) => {
  const load = fc.array(
    fc.record({
      waitMs: fc.nat(20_000),
      lane: fc.constantFrom('bulk' as const, 'watch' as const),
      count: fc.integer({ min: 1, max: 400 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  await t.resolves(
    fc.assert(
      fc.asyncProperty(load, async (steps) => {
        const { clock, limiter, request } = createTestLimiter()
        let sent = 0
        for (const { waitMs, lane, count } of steps) {
          await clock.drive(waitMs)
          for (let i = 0; i < count; i++) request(lane, 90_000)
          await clock.drive(0)
          // Watching stops at 199 of 285, so 86 commands in any minute never wait; here at most 84 are sent in all.
          for (let i = 0; i < 7 && sent < 84; i++, sent++) {
            if (limiter.waitMs('command') > 0) return false
            request('command', 1)
            await clock.drive(0)
          }
        }
        return true
      }),
      { numRuns: 60 },
    ),
  )
})

t.test(
  'given a bulk transfer that always has a call to move, then it stops below half, and watching still has a fifth at once',
  async (t) => {
    const { clock, admitted, request } = createTestLimiter()
    const count = (lane: Lane) => admitted.filter((call) => call.lane === lane).length
    for (let i = 0; i < 300; i++) request('bulk')
    await clock.drive(0)
    t.equal(count('bulk'), 142 - 28 - 14)
    for (let i = 0; i < 300; i++) request('watch')
    await clock.drive(0)
    t.ok(count('watch') >= 57, `${count('watch')}`)
  },
)

t.test('given commands without end, then reads and watch requests are still admitted', async (t) => {
  const { clock, admitted, request } = createTestLimiter()
  for (let second = 0; second < 180; second++) {
    for (let i = 0; i < 10; i++) request('command', 30_000)
    request('read', 30_000)
    request('watch', 30_000)
    await clock.drive(1000)
  }
  // A tenth of the limit is reserved for reads and a twentieth for watching. The driven clock starts at 1,000,000 ms.
  for (const [lane, floor] of [
    ['read', 28],
    ['watch', 14],
  ] as const) {
    for (const from of [0, 60_000, 120_000]) {
      const count = admitted.filter(
        (call) => call.lane === lane && call.at > 1_000_000 + from - 1 && call.at <= 1_000_000 + from + 60_001,
      ).length
      t.ok(count >= floor - 2, `${lane}: ${count} in the minute from ${from}`)
    }
  }
})

t.test('given a wait that would outlast the deadline, then the request fails at once and says how long to wait', async (t) => {
  const { clock, limiter, request } = createTestLimiter()
  for (let i = 0; i < 285; i++) request('command', 1)
  await clock.drive(10_000)
  const timeBefore = clock.now()
  const error = await rejection(limiter.admit('command', clock.now() + 8000))
  t.equal(clock.now(), timeBefore)
  t.match(error, { reason: 'rate_limited', effect: 'none' })
  t.ok(error.retryAfterMs! >= 49_000 && error.retryAfterMs! <= 50_001, String(error.retryAfterMs))
  const admission = limiter.admit('command', clock.now() + 60_000)
  await clock.drive(50_010)
  await t.resolves(admission)
})

t.test('given requests of a higher lane that go first, then a waiting request fails at its deadline', async (t) => {
  const { clock, limiter, errors, request } = createTestLimiter()
  limiter.pause(1000)
  request('watch', 1200)
  for (let i = 0; i < 20; i++) request('command', 60_000)
  await clock.drive(1300)
  t.equal(errors.length, 1)
  t.match(errors[0], { reason: 'rate_limited', effect: 'none' })
})

t.test('given a caller that aborts or is too late, then its request is not counted', async (t) => {
  const { clock, limiter } = createTestLimiter()
  limiter.pause(1000)
  const aborting = new AbortController()
  const waiting = rejection(limiter.admit('read', clock.now() + 60_000, aborting.signal))
  aborting.abort()
  t.match(await waiting, { reason: 'expired', effect: 'none' })
  t.match(await rejection(limiter.admit('read', clock.now())), { reason: 'expired' })
  t.match(await rejection(limiter.admit('read', clock.now() + 60_000, AbortSignal.abort())), { reason: 'expired' })
  await clock.drive(5000)
  t.equal(limiter.usage().used, 0)
})

t.test(
  'given a platform that allows less than was configured, then its limit applies until its minute ends; a higher one raises nothing above the configured one',
  async (t) => {
    const { clock, limiter, admitted, request } = createTestLimiter()
    limiter.observe({ count: 1, allowed: 60, resetSeconds: 60 })
    for (let i = 0; i < 200; i++) request('command', 50_000)
    await clock.drive(50_000)
    t.ok(admitted.length <= 57)
    limiter.observe({ count: 1, allowed: 3000, resetSeconds: 60 })
    t.equal(limiter.usage().limit, 57)
    await clock.drive(60_002)
    limiter.observe({ count: 1, allowed: 3000, resetSeconds: 60 })
    t.equal(limiter.usage().limit, 285)
  },
)

t.test('given other users of the same token, then their requests count until the minute ends', async (t) => {
  const { clock, limiter, request } = createTestLimiter()
  request('read')
  await clock.drive(0)
  limiter.observe({ count: 285, allowed: 300, resetSeconds: 20 })
  t.equal(limiter.usage().used, 285)
  t.match(await rejection(limiter.admit('watch', clock.now() + 1000)), { reason: 'rate_limited' })
  await clock.drive(20_001)
  await t.resolves(limiter.admit('watch', clock.now() + 1000))
})

t.test('given any limit, however low, then a single request of any lane is admitted', async (t) => {
  await t.resolves(
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), fc.constantFrom(...LANES), async (perMinute, lane) => {
        const { clock, admitted, request } = createTestLimiter(perMinute)
        request(lane)
        await clock.drive(1)
        return admitted.length === 1
      }),
      { numRuns: 60 },
    ),
  )
})

t.test('given a limiter that is closed, then waiting and later requests fail', async (t) => {
  const { clock, limiter } = createTestLimiter()
  limiter.pause(1000)
  const waiting = rejection(limiter.admit('command', clock.now() + 60_000))
  limiter.close()
  t.match(await waiting, { reason: 'unavailable', effect: 'none' })
  t.match(await rejection(limiter.admit('command', clock.now() + 60_000)), { reason: 'unavailable' })
})

t.test('given any load, when the last of several requests need not wait, then all of them are sent at once', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...LANES), { maxLength: 60 }),
      // Bulk transfers may send five of thirteen.
      fc.integer({ min: 13, max: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(...LANES),
      async (load, requestsPerMinute, count, lane) => {
        const { clock, limiter, admitted, request } = createTestLimiter(requestsPerMinute)
        for (const other of load) request(other)
        await clock.drive(0)
        const before = admitted.length
        if (limiter.waitMs(lane, count) > 0) return
        for (let sent = 0; sent < count; sent++) request(lane)
        await clock.drive(0)
        t.equal(admitted.length, before + count)
        limiter.close()
      },
    ),
  )
})

t.test('given a limit that is smaller than what is asked for, then it is waited for what the lane may have', async (t) => {
  const { limiter } = createTestLimiter(2)
  t.equal(limiter.waitMs('bulk', 3), 0)
})
