/** How the platform client logs in: with the client credentials grant (docs/genesys-cloud.md rule 62; RFC 6749 §4.4). */
import { parseObject } from '../../model/json-fields.ts'
import { readErrorBody } from '../http/error-body.ts'
import { GenesysError, type GenesysReason } from '../http/errors.ts'
import type { ExchangeResult } from '../http/exchange.ts'
import { readCorrelationId, readRetryAfterMs } from '../http/response-headers.ts'
import type { Transport } from '../http/transport.ts'
import type { IssuedToken } from './token.ts'

export interface LoginOptions {
  url: string
  clientId: string
  clientSecret: string
  transport: Pick<Transport, 'send'>
}

const timeoutMs = 5000
const maximumAttempts = 3
/** The lifetime of a token if the platform does not give one. */
const defaultLifetimeSeconds = 300

/**
 * Returns a function that logs in. It tries up to three times if the platform is not available, because an extra token does no harm.
 * It throws GenesysError `login_failed` (the platform refuses the client), `rate_limited` or `unavailable`. The effect is always none,
 * because the call that needs the token has not been sent.
 */
export function createClientCredentialsLogin({ url, clientId, clientSecret, transport }: LoginOptions): () => Promise<IssuedToken> {
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const request = {
    url: new URL(url),
    method: 'POST' as const,
    headers: {
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: 'grant_type=client_credentials',
    timeoutMs,
  }
  return async () => {
    for (let attempts = 1; ; attempts++) {
      const result = await transport.send(request)
      const token = parseToken(result)
      if (token) return token
      const error = createLoginError(result, [clientSecret, credentials])
      if (error.reason !== 'unavailable' || attempts === maximumAttempts) throw error
      // Full jitter: up to 400 ms after the first attempt, up to 800 ms after the second.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200 * 2 ** attempts))
    }
  }
}

function parseToken({ status, failure, body }: ExchangeResult): IssuedToken | undefined {
  const { access_token: token, expires_in: seconds } = (status === 200 && !failure && parseObject(body)) || {}
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return undefined
  return { token, lifetimeMs: (typeof seconds === 'number' && seconds > 0 ? seconds : defaultLifetimeSeconds) * 1000 }
}

function createLoginError({ status, failure, headers, body }: ExchangeResult, secrets: readonly string[]): GenesysError {
  const reason = classifyLoginStatus(status)
  const errorBody = readErrorBody(body, secrets)
  return new GenesysError({
    operation: 'login',
    reason,
    effect: 'none',
    status,
    correlationId: readCorrelationId(headers),
    transportCode: failure?.code,
    platformCode: errorBody.platformCode,
    retryAfterMs: reason === 'rate_limited' ? readRetryAfterMs(headers, errorBody, Date.now()) : undefined,
  })
}

function classifyLoginStatus(status = 0): GenesysReason {
  if (status === 429) return 'rate_limited'
  return status >= 400 && status < 500 && status !== 408 ? 'login_failed' : 'unavailable'
}
