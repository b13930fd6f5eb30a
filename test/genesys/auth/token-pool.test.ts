/** Which token a platform request uses. */
import t from 'tap'
import { connectToFakePlatform, dueIn } from '../support/connect.ts'

t.test('given several tokens, then each request uses the one with the most room', async (t) => {
  const { genesys, platform } = await connectToFakePlatform(t, { tokenPoolSize: 3, requestsPerMinute: 30 })
  for (let count = 0; count < 60; count++) await genesys.conversation('c1', dueIn(20_000))
  t.equal(platform.logins.length, 3)
  // The usable limit of a token is 95 % of 30, rounded down: the rest is a margin (src/genesys/http/rate-limit/request-window.ts).
  t.ok(
    genesys.rateLimitUsage().every(({ used, limit }) => used === 20 && limit === 28),
    JSON.stringify(genesys.rateLimitUsage()),
  )
})
