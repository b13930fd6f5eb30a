/** Which logins succeed. */
import type { PlatformResponse } from '../operations/operation.ts'
import type { SimulatorContext } from './context.ts'

/**
 * `POST /oauth/token` with the client credentials grant (docs/genesys-cloud.md rule 62).
 *
 * @param authorization The Authorization header, HTTP Basic.
 * @param form The body, form-encoded.
 * @returns 200 with a token, or 400 with an OAuth error such as `invalid_client`.
 */
export function logIn(
  { clients, tokens, platform }: Pick<SimulatorContext, 'clients' | 'tokens' | 'platform'>,
  authorization: string | undefined,
  form: string,
): PlatformResponse {
  const given = authorization?.replace(/^basic /i, '')
  const isKnown = [...clients].some(([id, secret]) => Buffer.from(`${id}:${secret}`).toString('base64') === given)
  if (!isKnown) return refuse('invalid_client', 'client not found or secret wrong')
  const grantType = new URLSearchParams(form).get('grant_type')
  if (grantType === null) return refuse('invalid_request', 'grant_type is missing')
  if (grantType !== 'client_credentials') return refuse('unsupported_grant_type', 'only client_credentials is supported')
  const { tokenLifetimeSeconds } = platform.settings
  const accessToken = tokens.issue(tokenLifetimeSeconds)
  return { status: 200, body: { access_token: accessToken, token_type: 'bearer', expires_in: Math.floor(tokenLifetimeSeconds) } }
}

function refuse(error: string, description: string): PlatformResponse {
  return { status: 400, body: { error, description, error_description: description } }
}
