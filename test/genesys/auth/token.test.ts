/** How one token is shared by all platform requests, renewed before it expires, and replaced when the platform refuses it. */
import t from 'tap'
import { createTokenSource } from '../../../src/genesys/auth/token.ts'
import { GenesysError } from '../../../src/genesys/http/errors.ts'
import { connectToFakePlatform, dueIn, rejection } from '../support/connect.ts'
import { createDrivenClock } from '../support/driven-clock.ts'
import { replyJson } from '../support/fake-platform.ts'

const minuteMs = 60_000

/** A token source over a login that the test controls; the tokens are `token-1`, `token-2`, … */
function createTestSource({
  lifetimeMs = 24 * 60 * minuteMs,
  shouldFail = () => false,
}: { lifetimeMs?: number; shouldFail?: () => boolean } = {}) {
  const clock = createDrivenClock()
  /** When each login started. */
  const logins: number[] = []
  const source = createTokenSource({
    clock,
    login: async () => {
      logins.push(clock.now())
      await Promise.resolve()
      if (shouldFail()) throw new GenesysError({ operation: 'login', reason: 'unavailable', effect: 'none' })
      return { token: `token-${logins.length}`, lifetimeMs }
    },
  })
  return { clock, logins, source, get: () => source.get(clock.now() + 5000) }
}

t.test('given 50 requests at once and no token, then there is one login and all requests use its token', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  await Promise.all(Array.from({ length: 50 }, () => genesys.conversation('c1', dueIn(20_000))))
  t.equal(platform.logins.length, 1)
  t.same([...new Set(platform.requests.map(({ headers }) => headers.authorization))], ['Bearer canary-token-1'])
})

t.test('given a token that is refused for 50 requests at once, then there is one more login', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t)
  await genesys.waitForToken(Date.now() + 5000)
  platform.replyWith((response, request) => {
    const isRefused = request.headers.authorization === 'Bearer canary-token-1'
    replyJson(isRefused ? 401 : 200, { id: 'c1' })(response, request)
  })
  await Promise.all(Array.from({ length: 50 }, () => genesys.conversation('c1', dueIn(20_000))))
  t.equal(platform.logins.length, 2)
})

t.test('given tokens that are valid for a day, then none is used for more than 90 minutes', async (t) => {
  const { clock, logins, get } = createTestSource()
  const start = clock.now()
  const agesMs: number[] = []
  for (let minute = 0; minute <= 24 * 60; minute += 1) {
    const token = await get()
    agesMs.push(clock.now() - logins[Number(token.split('-')[1]) - 1]!)
    await clock.drive(minuteMs)
  }
  t.ok(
    agesMs.every((ageMs) => ageMs < 90 * minuteMs),
    `oldest ${Math.max(...agesMs) / minuteMs} min`,
  )
  // 16 spans of 90 minutes are a day; each token is renewed a little earlier.
  t.ok(logins.length >= (clock.now() - start) / (90 * minuteMs) && logins.length <= 18, `${logins.length} logins`)
})

t.test('given a token that is about to expire, then it is renewed in the background, before a request needs it', async (t) => {
  const { clock, logins, get } = createTestSource({ lifetimeMs: 10 * minuteMs })
  t.equal(await get(), 'token-1')
  await clock.drive(8.9 * minuteMs)
  t.equal(logins.length, 1)
  await clock.drive(0.2 * minuteMs)
  t.equal(logins.length, 2, 'it was renewed without a request')
  t.equal(await get(), 'token-2')
})

t.test('given a short lifetime, then the token is not used for longer', async (t) => {
  const { clock, logins, get } = createTestSource({ lifetimeMs: 2000 })
  await get()
  await clock.drive(2001)
  await get()
  t.ok(logins.length >= 2)
})

t.test('given renewals that fail, then the old token is used until it expires and no longer', async (t) => {
  let isDown = false
  const { clock, get } = createTestSource({ lifetimeMs: 10 * minuteMs, shouldFail: () => isDown })
  await get()
  isDown = true
  await clock.drive(9.9 * minuteMs)
  t.equal(await get(), 'token-1')
  await clock.drive(0.2 * minuteMs)
  t.match(await rejection(get()), { reason: 'unavailable', effect: 'none', operation: 'login' })
  isDown = false
  await clock.drive(20_000)
  t.not(await get(), 'token-1')
})

t.test('given a failed login, then there is no other one within a second, however many requests need a token', async (t) => {
  const { clock, logins, get } = createTestSource({ shouldFail: () => true })
  for (let count = 0; count < 30; count++) await rejection(get())
  t.equal(logins.length, 1)
  await clock.drive(1001)
  await rejection(get())
  t.equal(logins.length, 2)
})

t.test('given a token that was replaced already, when it is refused again, then nothing changes', async (t) => {
  const { logins, source, get } = createTestSource()
  const first = await get()
  source.invalidate(first)
  t.equal(await get(), 'token-2')
  source.invalidate(first)
  t.equal(await get(), 'token-2')
  t.equal(logins.length, 2)
})

t.test('given a login that outlasts the deadline of one request, then only that request fails', async (t) => {
  const clock = createDrivenClock()
  let finishLogin = () => {}
  const source = createTokenSource({
    clock,
    login: () => new Promise((resolve) => void (finishLogin = () => resolve({ token: 'late', lifetimeMs: 10 * minuteMs }))),
  })
  const short = rejection(source.get(clock.now() + 100))
  const long = source.get(clock.now() + 5000)
  await clock.drive(101)
  t.match(await short, { reason: 'expired', effect: 'none', operation: 'login' })
  finishLogin()
  t.equal(await long, 'late')
})
