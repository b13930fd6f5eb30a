/** Tokens that look like ours and must not be accepted, each wrong in one way only. */
import { hkdfSync, randomUUID } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { issueToken } from '../../src/auth/access-token.ts'
import type { ApiKey } from '../../src/ledger/ledger.ts'

interface Claims {
  iss?: string
  aud?: string
  sub?: string
  iat?: number
  exp?: number
  jti?: string
}

export async function badTokens(key: ApiKey, secret: string): Promise<Array<[string, string]>> {
  const now = Math.floor(Date.now() / 1000)
  const right: Claims = { iss: 'urn:handoff', aud: 'urn:handoff:api', sub: key.id, iat: now, exp: now + 900, jti: randomUUID() }
  const signing = (label = 'handoff caller token v1', by = secret, hash = key.hash) =>
    new Uint8Array(hkdfSync('sha256', by, Buffer.from(hash, 'hex'), label, 32))
  const signed = (claims: Claims, header = {}, by = signing()) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header }).sign(by)
  const without = (claim: keyof Claims): Claims => Object.fromEntries(Object.entries(right).filter(([name]) => name !== claim))
  const good = await issueToken(key, secret, Date.now())
  const [head = '', body = '', signature = ''] = good.split('.')
  return [
    ['without a signature', new UnsecuredJWT({ ...right }).encode()],
    ['whose signature was cut off', `${head}.${body}.`],
    ['whose signature is another', `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`],
    [
      'whose claims were changed',
      `${head}.${Buffer.from(JSON.stringify({ ...right, exp: now + 90_000 })).toString('base64url')}.${signature}`,
    ],
    ['of another algorithm', await signed(right, { alg: 'HS384' }, new Uint8Array(48).fill(7))],
    ['signed HS512', await signed(right, { alg: 'HS512' }, new Uint8Array([...signing(), ...signing()]))],
    ['of another type', await signed(right, { typ: 'JWT' })],
    ['signed with the secret itself', await signed(right, {}, new TextEncoder().encode(secret.padEnd(32, ' ')))],
    ['signed for another purpose', await signed(right, {}, signing('another label'))],
    ['of another installation', await signed(right, {}, signing(undefined, `${secret}!`))],
    ['of a key before this one', await signed(right, {}, signing(undefined, secret, '00'.repeat(32)))],
    ['that is over', await issueToken(key, secret, Date.now() - 906_000)],
    ['from the future', await signed({ ...right, iat: now + 600, exp: now + 1_500 })],
    ['that would live for ever', await signed({ ...right, iat: now - 3_600, exp: now + 86_400 })],
    ['for another audience', await signed({ ...right, aud: 'urn:handoff:other' })],
    ['of another issuer', await signed({ ...right, iss: 'https://login.example' })],
    ['without an end', await signed(without('exp'))],
    ['without an audience', await signed(without('aud'))],
    ['without a subject', await signed(without('sub'))],
    ['without an id', await signed(without('jti'))],
    ['for an object’s own name', await signed({ ...right, sub: 'constructor' })],
  ]
}
