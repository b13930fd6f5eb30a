/** What `POST /oauth/token` is asked for, and how it refuses (RFC 6749 §2.3.1, §4.4.2, §5.2). */
import { idOf } from './api-key.ts'
import { basicOf } from './credentials.ts'

export type TokenErrorCode = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'temporarily_unavailable' | 'server_error'

/** A refusal of the token endpoint; its message repeats nothing that was sent. */
export class TokenRefused extends Error {
  readonly code: TokenErrorCode
  readonly status: number
  constructor(code: TokenErrorCode, message: string, status = 400) {
    super(message)
    this.name = 'TokenRefused'
    this.code = code
    this.status = status
  }
}

/** A form body as an object. @throws TokenRefused where a parameter comes twice (RFC 6749 §3.2) */
export function formOf(text: string): Record<string, string> {
  const pairs = [...new URLSearchParams(text)]
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new TokenRefused('invalid_request', 'A parameter comes twice.')
  return Object.fromEntries(pairs)
}

export interface TokenRequest {
  grant_type?: string
  client_id?: string
  client_secret?: string
}

/** RFC 6749 §2.3.1 wants them form-encoded in the header; most clients send them as they are. Keys have no % of their own making. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * The keys that a request may mean, the likeliest first: the client's secret is the whole key, its id the key's id.
 * Nothing where the client did not show both, or where they do not belong together.
 * @throws TokenRefused invalid_request where it shows them in both places
 */
export function clientKeys(authorization: string | undefined, body: TokenRequest): string[] {
  const basic = basicOf(authorization)
  if (basic && body.client_secret !== undefined)
    throw new TokenRefused('invalid_request', 'The client shows its secret both in Authorization and in the body.')
  if (basic && body.client_id !== undefined && body.client_id !== basic.user)
    throw new TokenRefused('invalid_request', 'client_id is another than in Authorization.')
  const [id, secret] = basic ? [basic.user, basic.password] : [body.client_id ?? '', body.client_secret ?? '']
  const forms = basic ? [...new Set([secret, decoded(secret)])] : [secret]
  return forms.filter((form) => id !== '' && idOf(form) === id)
}

/** @throws TokenRefused unless the client credentials grant is asked for */
export function checkGrant({ grant_type: grant }: TokenRequest): void {
  if (grant === undefined) throw new TokenRefused('invalid_request', 'grant_type is missing.')
  if (grant !== 'client_credentials') throw new TokenRefused('unsupported_grant_type', 'Only grant_type client_credentials is supported.')
}
