/** Access tokens: short-lived JWTs that contain only the id of an API key. What the key may do is looked up at each use. */
import { hkdfSync, randomUUID } from 'node:crypto'
import type { ApiKey } from '../ledger/contract/api-keys.ts'

export const tokenLifetimeSeconds = 900
/** A token with another algorithm, issuer, audience or type is not accepted (RFC 8725 §3.1, §3.8, §3.9, §3.11). */
const algorithm = 'HS256'
const issuer = 'urn:handoff'
const audience = 'urn:handoff:api'
const tokenType = 'at+jwt'

/** The library jose. It is loaded when the first token is issued or checked, because callers that send a key do not need it. */
let jose: ReturnType<typeof importJose> | undefined
async function importJose() {
  const [{ decodeJwt }, { SignJWT }, { jwtVerify }] = await Promise.all([
    import('jose/jwt/decode'),
    import('jose/jwt/sign'),
    import('jose/jwt/verify'),
  ])
  return { decodeJwt, SignJWT, jwtVerify }
}

/** How far the clocks of two nodes may differ, seconds. */
const clockToleranceSeconds = 5

/**
 * The signing key for the tokens of one API key, derived from the service's secret and the key's own hash: when a key is replaced by
 * another with the same id, its tokens become invalid. The label makes the signing key differ from everything else that is derived from the
 * secret (RFC 5869 §3.2).
 */
const deriveSigningKey = (secret: string, { hash }: ApiKey): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, Buffer.from(hash, 'hex'), 'handoff caller token v1', 32))

/** Issues a token for a key. @param now epoch ms */
export async function issueToken(key: ApiKey, secret: string, now: number): Promise<string> {
  const { SignJWT } = await (jose ??= importJose())
  const issuedAt = Math.floor(now / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: algorithm, typ: tokenType })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(key.id)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + tokenLifetimeSeconds)
    .sign(deriveSigningKey(secret, key))
}

/**
 * The key that a token was issued for; undefined when the token is invalid or expired, or its key is unknown or revoked.
 * Never throws, whatever the token is.
 * @param context `keys` by id; `secrets`: any of them may have signed; `now` in epoch ms
 */
export async function findKeyByToken(
  token: string,
  { keys, secrets, now }: { keys: ReadonlyMap<string, ApiKey>; secrets: readonly string[]; now: number },
): Promise<ApiKey | undefined> {
  const { decodeJwt, jwtVerify } = await (jose ??= importJose())
  try {
    const key = keys.get(decodeJwt(token).sub ?? '')
    if (!key || key.revokedAt !== null) return undefined
    const claims = {
      algorithms: [algorithm],
      issuer,
      audience,
      typ: tokenType,
      subject: key.id,
      requiredClaims: ['exp', 'iat', 'jti'],
      maxTokenAge: tokenLifetimeSeconds,
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(now),
    }
    await Promise.any(secrets.map((secret) => jwtVerify(token, deriveSigningKey(secret, key), claims)))
    return key
  } catch {
    return undefined
  }
}
