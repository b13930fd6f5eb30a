/** What the client sends to log in, and how it handles the responses. */
import t from 'tap'
import { createClientCredentialsLogin } from '../../../src/genesys/auth/login.ts'
import { createTransport } from '../../../src/genesys/http/transport.ts'
import { clientId, clientSecret, rejection } from '../support/connect.ts'
import { replyJson, replyText, resetConnection, startFakePlatform } from '../support/fake-platform.ts'

t.test(
  'given the client credentials grant, then the login sends a form with Basic authentication, and retries failures that may be temporary',
  async (t) => {
    const platform = await startFakePlatform()
    const transport = createTransport()
    t.teardown(async () => {
      await transport.close()
      await platform.close()
    })
    const login = createClientCredentialsLogin({ url: `${platform.url}/oauth/token`, clientId, clientSecret, transport })
    t.same(await login(), { token: 'canary-token-1', lifetimeMs: 86_400_000 })
    t.match(platform.logins[0], { method: 'POST', body: 'grant_type=client_credentials' })
    t.equal(platform.logins[0]!.headers['content-type'], 'application/x-www-form-urlencoded')
    t.equal(platform.logins[0]!.headers.authorization, `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`)

    platform.replyToLoginWith(replyText(503, 'busy'), resetConnection, replyJson(200, { access_token: 'third', expires_in: 60 }))
    t.match(await login(), { token: 'third' }, 'a login without a proper response is retried')

    for (const [reply, reason, count] of [
      [replyJson(400, { error: 'invalid_client', description: 'client not found' }), 'login_failed', 1],
      [replyJson(401, { error: 'invalid_client' }), 'login_failed', 1],
      [replyJson(429, { message: 'x' }, { 'retry-after': '4' }), 'rate_limited', 1],
      [replyText(500, ''), 'unavailable', 3],
      [replyText(200, '<html>'), 'unavailable', 3],
      [replyJson(200, { token: 'odd' }), 'unavailable', 3],
      [replyJson(200, { access_token: 'line\nbreak' }), 'unavailable', 3],
    ] as const) {
      const loginsBefore = platform.logins.length
      platform.replyToLoginWith(reply)
      t.match(await rejection(login()), { reason, effect: 'none', operation: 'login' })
      t.equal(platform.logins.length - loginsBefore, count)
    }
  },
)
