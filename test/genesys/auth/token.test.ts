import t from 'tap'
import { GenesysError } from '../../../src/genesys/http/errors.ts'
import { clientCredentials } from '../../../src/genesys/auth/login.ts'
import { createTransport } from '../../../src/genesys/http/exchange.ts'
import { createTokenSource } from '../../../src/genesys/auth/token.ts'
import { CLIENT_ID, CLIENT_SECRET, connected, drivenClock, failure, inMs, json, platform, reset, text } from '../platform.ts'

const MINUTE = 60_000

const source = ({ lifetimeMs = 24 * 60 * MINUTE, fails = () => false }: { lifetimeMs?: number; fails?: () => boolean } = {}) => {
  const clock = drivenClock()
  const logins: number[] = []
  const tokens = createTokenSource({
    clock,
    login: async () => {
      logins.push(clock.now())
      await Promise.resolve()
      if (fails()) throw new GenesysError({ operation: 'login', reason: 'unavailable', effect: 'none' })
      return { token: `token-${logins.length}`, lifetimeMs }
    },
  })
  return { clock, logins, tokens, get: () => tokens.get(clock.now() + 5000) }
}

t.test('given 50 calls at once and no token, there is one login and all get its token', async (t) => {
  const { genesys, at } = await connected(t)
  await Promise.all(Array.from({ length: 50 }, () => genesys.conversation('c1', inMs(5000))))
  t.equal(at.logins.length, 1)
  t.same([...new Set(at.calls.map((call) => call.headers.authorization))], ['Bearer canary-token-1'])
})

t.test('given a token that is refused under 50 calls at once, there is one more login', async (t) => {
  const { genesys, at } = await connected(t)
  await genesys.ready(Date.now() + 5000)
  at.answers((response, seen) => json(seen.headers.authorization === 'Bearer canary-token-1' ? 401 : 200, { id: 'c1' })(response, seen))
  await Promise.all(Array.from({ length: 50 }, () => genesys.conversation('c1', inMs(5000))))
  t.equal(at.logins.length, 2)
})

t.test('given the platform says a day, a token is never held over 90 minutes', async (t) => {
  const { clock, logins, get } = source()
  const first = clock.now()
  const asked: Array<{ token: string; age: number }> = []
  for (let minute = 0; minute <= 24 * 60; minute += 1) {
    const token = await get()
    asked.push({ token, age: clock.now() - logins[Number(token.split('-')[1]) - 1]! })
    await clock.drive(MINUTE)
  }
  t.ok(
    asked.every(({ age }) => age < 90 * MINUTE),
    `oldest ${Math.max(...asked.map(({ age }) => age)) / MINUTE} min`,
  )
  t.ok(logins.length >= (clock.now() - first) / (90 * MINUTE) && logins.length <= 18, `${logins.length} logins`)
})

t.test('given a token that nears its end, it is renewed in the background while callers keep the old one', async (t) => {
  const { clock, logins, get } = source({ lifetimeMs: 10 * MINUTE })
  t.equal(await get(), 'token-1')
  await clock.drive(8.9 * MINUTE)
  t.equal(logins.length, 1)
  await clock.drive(0.2 * MINUTE)
  t.equal(logins.length, 2, 'nobody asked for it')
  t.equal(await get(), 'token-2')
})

t.test('given a short expires_in, it is obeyed', async (t) => {
  const { clock, logins, get } = source({ lifetimeMs: 2000 })
  await get()
  await clock.drive(2001)
  await get()
  t.ok(logins.length >= 2)
})

t.test('given renewals that fail, the old token serves until its end and not a moment longer', async (t) => {
  let down = false
  const { clock, get } = source({ lifetimeMs: 10 * MINUTE, fails: () => down })
  await get()
  down = true
  await clock.drive(9.9 * MINUTE)
  t.equal(await get(), 'token-1')
  await clock.drive(0.2 * MINUTE)
  t.match(await failure(get()), { reason: 'unavailable', effect: 'none', operation: 'login' })
  down = false
  await clock.drive(20_000)
  t.not(await get(), 'token-1')
})

t.test('given a login that failed, it is not tried again within a second, whoever asks', async (t) => {
  const { clock, logins, get } = source({ fails: () => true })
  for (let i = 0; i < 30; i++) await failure(get())
  t.equal(logins.length, 1)
  await clock.drive(1001)
  await failure(get())
  t.equal(logins.length, 2)
})

t.test('given a token that was replaced already, refusing the old one changes nothing', async (t) => {
  const { logins, tokens, get } = source()
  const first = await get()
  tokens.invalidate(first)
  t.equal(await get(), 'token-2')
  tokens.invalidate(first)
  t.equal(await get(), 'token-2')
  t.equal(logins.length, 2)
})

t.test('given a login that takes longer than the caller has, only that caller gives up', async (t) => {
  const clock = drivenClock()
  let finish = () => {}
  const tokens = createTokenSource({
    clock,
    login: () => new Promise((resolve) => void (finish = () => resolve({ token: 'late', lifetimeMs: 10 * MINUTE }))),
  })
  const hasty = failure(tokens.get(clock.now() + 100))
  const patient = tokens.get(clock.now() + 5000)
  await clock.drive(101)
  t.match(await hasty, { reason: 'expired', effect: 'none', operation: 'login' })
  finish()
  t.equal(await patient, 'late')
})

t.test('the login is the client credentials grant: form body, Basic header', async (t) => {
  const at = await platform()
  const wire = createTransport()
  t.teardown(async () => {
    await wire.close()
    await at.close()
  })
  const login = clientCredentials({ url: `${at.url}/oauth/token`, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, wire })
  t.same(await login(), { token: 'canary-token-1', lifetimeMs: 86_400_000 })
  t.match(at.logins[0], { method: 'POST', body: 'grant_type=client_credentials' })
  t.equal(at.logins[0]!.headers['content-type'], 'application/x-www-form-urlencoded')
  t.equal(at.logins[0]!.headers.authorization, `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`)

  at.answersLogin(text(503, 'busy'), reset, json(200, { access_token: 'third', expires_in: 60 }))
  t.match(await login(), { token: 'third' }, 'a login that got no answer is tried again')

  for (const [reply, reason, count] of [
    [json(400, { error: 'invalid_client', description: 'client not found' }), 'login_failed', 1],
    [json(401, { error: 'invalid_client' }), 'login_failed', 1],
    [json(429, { message: 'x' }, { 'retry-after': '4' }), 'rate_limited', 1],
    [text(500, ''), 'unavailable', 3],
    [text(200, '<html>'), 'unavailable', 3],
    [json(200, { token: 'odd' }), 'unavailable', 3],
    [json(200, { access_token: 'line\nbreak' }), 'unavailable', 3],
  ] as const) {
    const before = at.logins.length
    at.answersLogin(reply)
    t.match(await failure(login()), { reason, effect: 'none', operation: 'login' })
    t.equal(at.logins.length - before, count)
  }
})

t.test('given several tokens, calls go out on the one with most room', async (t) => {
  const { genesys, at } = await connected(t, { tokenPoolSize: 3, requestsPerMinute: 30 })
  for (let i = 0; i < 60; i++) await genesys.conversation('c1', inMs(5000))
  t.equal(at.logins.length, 3)
  t.ok(
    genesys.headroom().every(({ used, limit }) => used === 20 && limit === 28),
    JSON.stringify(genesys.headroom()),
  )
})
