/** What a request for a token at `POST /oauth/token` contains, and which requests are invalid (RFC 6749 §2.3.1, §4.4.2, §5.2). */
import { parseKeyId } from './api-key.ts'
import { parseBasic } from './credentials.ts'

export type TokenErrorCode = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'temporarily_unavailable' | 'server_error'

/** An error of the token endpoint (RFC 6749 §5.2). The message repeats nothing from the request. */
export class TokenRequestError extends Error {
  readonly code: TokenErrorCode
  constructor(code: TokenErrorCode, message: string) {
    super(message)
    this.name = 'TokenRequestError'
    this.code = code
  }
}

/** A form body as an object. @throws TokenRequestError when a parameter appears twice (RFC 6749 §3.2) */
export function parseForm(text: string): Record<string, string> {
  const pairs = [...new URLSearchParams(text)]
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new TokenRequestError('invalid_request', 'A parameter appears twice.')
  return Object.fromEntries(pairs)
}

export interface TokenRequest {
  grant_type?: string
  client_id?: string
  client_secret?: string
}

/** The text without percent-encoding; unchanged if its encoding is not valid. */
function decodeFormValue(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * The keys that a request may mean, the likeliest first. The client id is the id of the key, the client secret the whole key. A secret in the
 * Authorization header is tried as it is and decoded: RFC 6749 §2.3.1 requires form encoding, but most clients leave it out.
 * @returns no keys when the id or the secret is missing, or the two do not belong together
 * @throws TokenRequestError invalid_request when the secret is both in the header and in the body, or the two name different clients
 */
export function listCandidateKeys(authorization: string | undefined, body: TokenRequest): string[] {
  const basic = parseBasic(authorization)
  if (basic && body.client_secret !== undefined)
    throw new TokenRequestError('invalid_request', 'The client secret is both in Authorization and in the body.')
  if (basic && body.client_id !== undefined && body.client_id !== basic.user)
    throw new TokenRequestError('invalid_request', 'client_id differs from the user name in Authorization.')
  const [clientId, clientSecret] = basic ? [basic.user, basic.password] : [body.client_id ?? '', body.client_secret ?? '']
  const candidates = basic ? [...new Set([clientSecret, decodeFormValue(clientSecret)])] : [clientSecret]
  return candidates.filter((text) => clientId !== '' && parseKeyId(text) === clientId)
}

/** @throws TokenRequestError unless the request asks for the client credentials grant */
export function checkGrant({ grant_type: grantType }: TokenRequest): void {
  if (grantType === undefined) throw new TokenRequestError('invalid_request', 'grant_type is missing.')
  if (grantType !== 'client_credentials')
    throw new TokenRequestError('unsupported_grant_type', 'Only grant_type client_credentials is supported.')
}
