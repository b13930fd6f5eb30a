/** Tokens that look like tokens of the service and must be refused, each for one reason only. */
import { hkdfSync, randomUUID } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { issueToken } from '../../src/auth/access-token.ts'
import type { ApiKey } from '../../src/ledger/contract/api-keys.ts'

interface Claims {
  iss?: string
  aud?: string
  sub?: string
  iat?: number
  exp?: number
  jti?: string
}

/** Creates invalid tokens for a key. @returns each with a description of what is wrong with it */
export async function createInvalidTokens(key: ApiKey, secret: string): Promise<Array<[description: string, token: string]>> {
  const now = Math.floor(Date.now() / 1000)
  const validClaims: Claims = { iss: 'urn:handoff', aud: 'urn:handoff:api', sub: key.id, iat: now, exp: now + 900, jti: randomUUID() }
  const signingKey = (label = 'handoff caller token v1', tokenSecret = secret, hash = key.hash) =>
    new Uint8Array(hkdfSync('sha256', tokenSecret, Buffer.from(hash, 'hex'), label, 32))
  const sign = (claims: Claims, header = {}, signWith = signingKey()) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header }).sign(signWith)
  const without = (claim: keyof Claims): Claims => Object.fromEntries(Object.entries(validClaims).filter(([name]) => name !== claim))
  const validToken = await issueToken(key, secret, Date.now())
  const [head = '', body = '', signature = ''] = validToken.split('.')
  return [
    ['without a signature', new UnsecuredJWT({ ...validClaims }).encode()],
    ['with an empty signature', `${head}.${body}.`],
    ['with a changed signature', `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`],
    [
      'with changed claims',
      `${head}.${Buffer.from(JSON.stringify({ ...validClaims, exp: now + 90_000 })).toString('base64url')}.${signature}`,
    ],
    ['with another algorithm', await sign(validClaims, { alg: 'HS384' }, new Uint8Array(48).fill(7))],
    ['signed with HS512', await sign(validClaims, { alg: 'HS512' }, new Uint8Array([...signingKey(), ...signingKey()]))],
    ['of another type', await sign(validClaims, { typ: 'JWT' })],
    ['signed with the secret itself', await sign(validClaims, {}, new TextEncoder().encode(secret.padEnd(32, ' ')))],
    ['signed for another purpose', await sign(validClaims, {}, signingKey('another label'))],
    ['of another installation', await sign(validClaims, {}, signingKey(undefined, `${secret}!`))],
    ['of an earlier key with the same id', await sign(validClaims, {}, signingKey(undefined, secret, '00'.repeat(32)))],
    // 900 s of lifetime, 5 s for clocks that differ, and one more.
    ['that has expired', await issueToken(key, secret, Date.now() - 906_000)],
    ['from the future', await sign({ ...validClaims, iat: now + 600, exp: now + 1_500 })],
    ['with too long a lifetime', await sign({ ...validClaims, iat: now - 3_600, exp: now + 86_400 })],
    ['for another audience', await sign({ ...validClaims, aud: 'urn:handoff:other' })],
    ['of another issuer', await sign({ ...validClaims, iss: 'https://login.example' })],
    ['without an expiry', await sign(without('exp'))],
    ['without an audience', await sign(without('aud'))],
    ['without a subject', await sign(without('sub'))],
    ['without an id', await sign(without('jti'))],
    ['whose subject is a property of every object', await sign({ ...validClaims, sub: 'constructor' })],
  ]
}
