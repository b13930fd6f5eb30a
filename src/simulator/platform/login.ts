import type { PlatformAnswer } from './platform-operation.ts'

export interface OAuthClient {
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * `POST /oauth/token` with the client credentials grant (genesys-api §6): Basic authentication, a form body.
 * `issue` makes the token; a wrong client gets 400 `invalid_client`.
 */
export function logIn(
  client: OAuthClient,
  authorization: string | undefined,
  form: string,
  lifetimeSeconds: number,
  issue: () => string,
): PlatformAnswer {
  const expected = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')
  if (authorization?.replace(/^basic /i, '') !== expected) return refusal('invalid_client', 'client not found or secret wrong')
  const grant = new URLSearchParams(form).get('grant_type')
  if (grant === null) return refusal('invalid_request', 'grant_type is missing')
  if (grant !== 'client_credentials') return refusal('unsupported_grant_type', 'only client_credentials is supported')
  return { status: 200, body: { access_token: issue(), token_type: 'bearer', expires_in: Math.floor(lifetimeSeconds) } }
}

function refusal(error: string, description: string): PlatformAnswer {
  return { status: 400, body: { error, description, error_description: description } }
}
