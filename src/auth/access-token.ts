/** Access tokens for keys: a short-lived JWT that carries the key's id only. What the key may do is looked up at each use. */
import { hkdfSync, randomUUID } from 'node:crypto'
import { decodeJwt } from 'jose/jwt/decode'
import { SignJWT } from 'jose/jwt/sign'
import { jwtVerify } from 'jose/jwt/verify'
import type { ApiKey } from '../ledger/ledger.ts'

/** How long a token is good, s. */
export const tokenSeconds = 900
/** Ours alone are signed and accepted: RFC 8725 §3.1, §3.8, §3.9, §3.11. */
const algorithm = 'HS256'
const issuer = 'urn:handoff'
const audience = 'urn:handoff:api'
const type = 'at+jwt'
/** Nodes' clocks may differ by so much, s. */
const skewSeconds = 5

/**
 * The signing key for the tokens of one API key, from the service's secret and the key's own hash: where a key is replaced by another
 * of the same id, its tokens end with it. The label keeps the derived keys apart from the loop token's use of the same secret (RFC 5869 §3.2).
 */
const signingKey = (secret: string, { hash }: ApiKey): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, Buffer.from(hash, 'hex'), 'handoff caller token v1', 32))

/** A token for a key. `now` in epoch ms. */
export const issueToken = (key: ApiKey, secret: string, now: number): Promise<string> => {
  const at = Math.floor(now / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: algorithm, typ: type })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(key.id)
    .setJti(randomUUID())
    .setIssuedAt(at)
    .setExpirationTime(at + tokenSeconds)
    .sign(signingKey(secret, key))
}

/**
 * The key that a token stands for; undefined for a token that is not ours, is over, or whose key is unknown or was taken back.
 * `now` in epoch ms. Never throws for what a caller sent.
 */
export async function keyOfToken(
  token: string,
  { keys, secret, now }: { keys: ReadonlyMap<string, ApiKey>; secret: string; now: number },
): Promise<ApiKey | undefined> {
  try {
    const key = keys.get(decodeJwt(token).sub ?? '')
    if (!key || key.revokedAt !== null) return undefined
    await jwtVerify(token, signingKey(secret, key), {
      algorithms: [algorithm],
      issuer,
      audience,
      typ: type,
      subject: key.id,
      requiredClaims: ['exp', 'iat', 'jti'],
      maxTokenAge: tokenSeconds,
      clockTolerance: skewSeconds,
      currentDate: new Date(now),
    })
    return key
  } catch {
    return undefined
  }
}
