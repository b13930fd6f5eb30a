import fc from 'fast-check'
import t from 'tap'
import type { GenesysError } from '../../../src/genesys/http/errors.ts'
import { RateLimiter, LANES } from '../../../src/genesys/http/rate-limiter.ts'
import type { Lane } from '../../../src/genesys/http/rate-limiter.ts'
import { drivenClock, failure } from '../platform.ts'

const governed = (requestsPerMinute = 300) => {
  const clock = drivenClock()
  const governor = new RateLimiter({ requestsPerMinute, clock })
  const went: Array<{ at: number; lane: Lane }> = []
  const refused: GenesysError[] = []
  const ask = (lane: Lane, withinMs = 600_000) =>
    governor.admit(lane, clock.now() + withinMs).then(
      () => void went.push({ at: clock.now(), lane }),
      (error: GenesysError) => void refused.push(error),
    )
  return { clock, governor, went, refused, ask }
}

/** The most of `times` in any window of 60 s, both ends counted. */
const mostInAMinute = (times: number[]): number =>
  times.reduce((most, from, index) => {
    let last = index
    while (last + 1 < times.length && times[last + 1]! - from <= 60_000) last++
    return Math.max(most, last - index + 1)
  }, 0)

const schedule = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.nat(50), fc.nat(5000), fc.nat(70_000)),
    lane: fc.constantFrom(...LANES),
    crowd: fc.integer({ min: 1, max: 150 }),
    patienceMs: fc.oneof(fc.nat(2000), fc.integer({ min: 0, max: 200_000 })),
  }),
  { minLength: 1, maxLength: 12 },
)

t.test('given any schedule of calls, no 60 s see more than 285 of them', async (t) => {
  await t.resolves(
    fc.assert(
      fc.asyncProperty(schedule, async (steps) => {
        const { clock, went, ask } = governed()
        for (const { waitMs, lane, crowd, patienceMs } of steps) {
          await clock.drive(waitMs)
          for (let i = 0; i < crowd; i++) ask(lane, patienceMs)
        }
        await clock.drive(300_000)
        return mostInAMinute(went.map(({ at }) => at)) <= 285
      }),
      { numRuns: 40 },
    ),
  )
})

t.test('given a standing queue, the allowance is used and still never exceeded', async (t) => {
  const { clock, went, ask } = governed()
  for (let second = 0; second < 240; second++) {
    for (const lane of LANES) for (let i = 0; i < 4; i++) ask(lane, 5000)
    await clock.drive(1000)
  }
  t.equal(mostInAMinute(went.map(({ at }) => at)), 285)
  t.ok(went.length >= 4 * 285 * 0.9, `${went.length} of at most ${4 * 285}`)
})

t.test('given any number of 429s, nothing goes out before Retry-After is over', async (t) => {
  const pauses = fc.array(fc.record({ afterMs: fc.nat(20_000), retryAfterMs: fc.integer({ min: 1, max: 30_000 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  await t.resolves(
    fc.assert(
      fc.asyncProperty(pauses, async (all) => {
        const { clock, governor, went, ask } = governed()
        const forbidden: Array<[number, number]> = []
        for (const { afterMs, retryAfterMs } of all) {
          for (let i = 0; i < 30; i++) ask(LANES[i % 3]!, 200_000)
          await clock.drive(afterMs)
          governor.pause(retryAfterMs)
          forbidden.push([clock.now(), clock.now() + retryAfterMs])
          for (let i = 0; i < 10; i++) ask(LANES[i % 3]!, 200_000)
        }
        await clock.drive(400_000)
        return went.length > 0 && went.every(({ at }) => forbidden.every(([from, to]) => at <= from || at >= to))
      }),
      { numRuns: 40 },
    ),
  )
})

t.test('given a 429, calls then go out one by one, slower, and step by step as before', async (t) => {
  const { clock, governor, went, ask } = governed()
  governor.pause(10_000)
  for (let i = 0; i < 50; i++) ask('command')
  await clock.drive(9_999)
  t.equal(went.length, 0)
  await clock.drive(2_001)
  t.ok(went.length >= 2 && went.length <= 8, `${went.length} in the first two seconds`)
  const reduced = governor.headroom().limit
  t.ok(reduced < 285)
  await clock.drive(20_000)
  t.ok(governor.headroom().limit > reduced)
  await clock.drive(60_000)
  t.equal(governor.headroom().limit, 285)
})

t.test('given 429s that come together, they slow us down once', async (t) => {
  const { governor } = governed()
  for (let i = 0; i < 20; i++) governor.pause(1000)
  t.equal(governor.headroom().limit, Math.floor(285 * 0.7))
})

t.test('given calls that wait in every lane, commands go before reads and reads before watching', async (t) => {
  const { clock, governor, went, ask } = governed()
  governor.pause(1000)
  for (const lane of ['watch', 'read', 'command'] as const) for (let i = 0; i < 5; i++) ask(lane)
  await clock.drive(30_000)
  t.same(
    went.map(({ lane }) => lane),
    [...Array(5).fill('command'), ...Array(5).fill('read'), ...Array(5).fill('watch')],
  )
})

t.test('given a lane, who came first goes first', async (t) => {
  const { clock, governor } = governed()
  const order: number[] = []
  governor.pause(500)
  for (let i = 0; i < 6; i++) void governor.admit('read', clock.now() + 60_000).then(() => order.push(i))
  await clock.drive(30_000)
  t.same(order, [0, 1, 2, 3, 4, 5])
})

t.test('given watching that takes all it gets, a command still goes at once', async (t) => {
  const { clock, went, ask } = governed()
  for (let i = 0; i < 400; i++) ask('watch', 50)
  for (let i = 0; i < 400; i++) ask('read', 50)
  await clock.drive(0)
  const before = went.length
  t.ok(before < 285 * 0.95)
  ask('command', 0.5)
  await clock.drive(0)
  t.equal(went.length, before + 1)
})

t.test('given commands that never end, reads and watching go on', async (t) => {
  const { clock, went, ask } = governed()
  for (let second = 0; second < 180; second++) {
    for (let i = 0; i < 10; i++) ask('command', 30_000)
    ask('read', 30_000)
    ask('watch', 30_000)
    await clock.drive(1000)
  }
  for (const [lane, least] of [
    ['read', 28],
    ['watch', 14],
  ] as const) {
    for (const from of [0, 60_000, 120_000]) {
      const count = went.filter(
        (call) => call.lane === lane && call.at > 1_000_000 + from - 1 && call.at <= 1_000_000 + from + 60_001,
      ).length
      t.ok(count >= least - 2, `${lane}: ${count} in the minute from ${from}`)
    }
  }
})

t.test('given a wait that would outlast the deadline, it is refused at once and says how long to stay away', async (t) => {
  const { clock, governor, ask } = governed()
  for (let i = 0; i < 285; i++) ask('command', 1)
  await clock.drive(10_000)
  const before = clock.now()
  const error = await failure(governor.admit('command', clock.now() + 8000))
  t.equal(clock.now(), before)
  t.match(error, { reason: 'rate_limited', effect: 'none' })
  t.ok(error.retryAfterMs! >= 49_000 && error.retryAfterMs! <= 50_001, String(error.retryAfterMs))
  const patient = governor.admit('command', clock.now() + 60_000)
  await clock.drive(50_010)
  await t.resolves(patient)
})

t.test('given calls that come first after all, a waiting one is refused when its deadline is there', async (t) => {
  const { clock, governor, refused, ask } = governed()
  governor.pause(1000)
  ask('watch', 1200)
  for (let i = 0; i < 20; i++) ask('command', 60_000)
  await clock.drive(1300)
  t.equal(refused.length, 1)
  t.match(refused[0], { reason: 'rate_limited', effect: 'none' })
})

t.test('given a caller who leaves or is too late, nothing is counted', async (t) => {
  const { clock, governor } = governed()
  governor.pause(1000)
  const caller = new AbortController()
  const waiting = failure(governor.admit('read', clock.now() + 60_000, caller.signal))
  caller.abort()
  t.match(await waiting, { reason: 'expired', effect: 'none' })
  t.match(await failure(governor.admit('read', clock.now())), { reason: 'expired' })
  t.match(await failure(governor.admit('read', clock.now() + 60_000, AbortSignal.abort())), { reason: 'expired' })
  await clock.drive(5000)
  t.equal(governor.headroom().used, 0)
})

t.test('given a platform that allows less than was configured, that is what goes out; more changes nothing', async (t) => {
  const { clock, governor, went, ask } = governed()
  governor.observe({ count: 1, allowed: 60, resetSeconds: 60 })
  for (let i = 0; i < 200; i++) ask('command', 50_000)
  await clock.drive(50_000)
  t.ok(went.length <= 57)
  governor.observe({ count: 1, allowed: 3000, resetSeconds: 60 })
  t.equal(governor.headroom().limit, 57)
  await clock.drive(60_002)
  governor.observe({ count: 1, allowed: 3000, resetSeconds: 60 })
  t.equal(governor.headroom().limit, 285)
})

t.test('given others who use the same token, their calls count as ours until the window ends', async (t) => {
  const { clock, governor, ask } = governed()
  ask('read')
  await clock.drive(0)
  governor.observe({ count: 285, allowed: 300, resetSeconds: 20 })
  t.equal(governor.headroom().used, 285)
  t.match(await failure(governor.admit('watch', clock.now() + 1000)), { reason: 'rate_limited' })
  await clock.drive(20_001)
  await t.resolves(governor.admit('watch', clock.now() + 1000))
})

t.test('given any allowance, however small, every lane gets through when it is alone', async (t) => {
  await t.resolves(
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), fc.constantFrom(...LANES), async (perMinute, lane) => {
        const { clock, went, ask } = governed(perMinute)
        ask(lane)
        await clock.drive(1)
        return went.length === 1
      }),
      { numRuns: 60 },
    ),
  )
})

t.test('given a governor that closes, whoever waits or comes is refused', async (t) => {
  const { clock, governor } = governed()
  governor.pause(1000)
  const waiting = failure(governor.admit('command', clock.now() + 60_000))
  governor.close()
  t.match(await waiting, { reason: 'unavailable', effect: 'none' })
  t.match(await failure(governor.admit('command', clock.now() + 60_000)), { reason: 'unavailable' })
})
