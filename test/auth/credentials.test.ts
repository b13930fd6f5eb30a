import t from 'tap'
import { makeKey } from '../../src/auth/api-key.ts'
import { isToken, readCredentials } from '../../src/auth/credentials.ts'
import { issueToken, keyOfToken } from '../../src/auth/access-token.ts'
import { checkGrant, clientKeys, formOf, TokenRefused } from '../../src/auth/token-request.ts'

const now = Date.parse('2026-03-01T00:00:00Z')
const secret = 'loop token secret of the tests'
const { text, kept } = makeKey(['transfers:read'], '', null, now)
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

t.test('given headers, then what is presented is found, and only a bearer may be a token', async (t) => {
  t.strictSame(readCredentials({ authorization: `bEARER  ${text}` }), { text, mayBeToken: true })
  t.strictSame(readCredentials({ authorization: basic('', text) }), { text, mayBeToken: false })
  t.strictSame(readCredentials({ authorization: basic('x', 'proxy'), 'x-api-key': text }), { text, mayBeToken: false })
  t.strictSame(readCredentials({ authorization: basic('x', text), 'x-api-key': 'other' }), { text, mayBeToken: false })
  for (const nothing of [{}, { authorization: 'Basic' }, { authorization: basic('', '') }, { 'x-api-key': ['a', 'b'] }])
    t.equal(readCredentials(nothing), undefined, JSON.stringify(nothing))
})

t.test('given a token, then it stands for its key for 15 minutes, as long as that key is the same and valid', async (t) => {
  const token = await issueToken(kept, secret, now)
  const keys = new Map([[kept.id, kept]])
  t.ok(isToken(token))
  t.notOk(isToken(text))
  t.equal(await keyOfToken(token, { keys, secret, now }), kept)
  t.equal(await keyOfToken(token, { keys, secret, now: now + 899_000 }), kept)
  t.equal(await keyOfToken(token, { keys, secret, now: now + 906_000 }), undefined)
  const instead = makeKey(['transfers:read'], '', null, now).kept
  t.equal(
    await keyOfToken(token, { keys: new Map([[kept.id, { ...instead, id: kept.id }]]), secret, now }),
    undefined,
    'another key of this id',
  )
  t.equal(await keyOfToken(token, { keys: new Map([[kept.id, { ...kept, revokedAt: 'now' }]]), secret, now }), undefined)
  t.strictSame(
    Object.keys(JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString()) as object).toSorted(),
    ['aud', 'exp', 'iat', 'iss', 'jti', 'sub'],
    'it carries the id and nothing of what the key may do',
  )
})

t.test('given a token request, then the client is found in the body or in Basic, never in both', async (t) => {
  const { id } = kept
  t.strictSame(clientKeys(undefined, { client_id: id, client_secret: text }), [text])
  t.strictSame(clientKeys(basic(id, text), {}), [text])
  t.strictSame(clientKeys(basic(id, encodeURIComponent(`hk_${'a'}_${'+/='.repeat(8)}`)), {}).length, 0, 'the id belongs to the key')
  t.strictSame(clientKeys(basic('a', encodeURIComponent(`hk_a_${'+/='.repeat(8)}`)), {}).at(-1), `hk_a_${'+/='.repeat(8)}`)
  for (const wrong of [{}, { client_id: id }, { client_secret: text }, { client_id: 'x', client_secret: text }])
    t.strictSame(clientKeys(undefined, wrong), [])
  t.throws(() => clientKeys(basic(id, text), { client_secret: text }), { code: 'invalid_request' })
  t.throws(() => formOf('grant_type=a&grant_type=b'), { code: 'invalid_request' })
  t.throws(() => checkGrant({}), { code: 'invalid_request' })
  t.throws(() => checkGrant({ grant_type: 'password' }), { code: 'unsupported_grant_type' })
  t.ok(new TokenRefused('invalid_client', 'x', 401) instanceof Error)
})
