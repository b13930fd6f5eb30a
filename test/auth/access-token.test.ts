/** For how long, and for which key, an access token is valid, and what it contains. */
import t from 'tap'
import { findKeyByToken, issueToken } from '../../src/auth/access-token.ts'
import { createApiKey } from '../../src/auth/api-key.ts'
import { isJwt } from '../../src/auth/credentials.ts'

const now = Date.parse('2026-03-01T00:00:00Z')
const secret = 'loop token secret of the tests'
const { text, stored: key } = createApiKey({ scopes: ['transfers:read'], label: '', queues: null, now })

t.test('given a token, then it stands for its key for 15 minutes, as long as the key is the same and not revoked', async (t) => {
  const token = await issueToken(key, secret, now)
  const keys = new Map([[key.id, key]])
  t.ok(isJwt(token))
  t.notOk(isJwt(text))
  t.equal(await findKeyByToken(token, { keys, secrets: [secret], now }), key)
  t.equal(await findKeyByToken(token, { keys, secrets: [secret], now: now + 899_000 }), key)
  // Clocks may differ by five seconds.
  t.equal(await findKeyByToken(token, { keys, secrets: [secret], now: now + 906_000 }), undefined)
  const otherKey = createApiKey({ scopes: ['transfers:read'], label: '', queues: null, now }).stored
  t.equal(
    await findKeyByToken(token, { keys: new Map([[key.id, { ...otherKey, id: key.id }]]), secrets: [secret], now }),
    undefined,
    'another key with this id',
  )
  t.equal(await findKeyByToken(token, { keys: new Map([[key.id, { ...key, revokedAt: 'now' }]]), secrets: [secret], now }), undefined)
  t.strictSame(
    Object.keys(JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString()) as object).toSorted(),
    ['aud', 'exp', 'iat', 'iss', 'jti', 'sub'],
    'it contains the id of the key, and nothing about what the key may do',
  )
})
