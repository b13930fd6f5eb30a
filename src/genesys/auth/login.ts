import { GenesysError } from '../http/errors.ts'
import { correlationIdOf, parsedObject, readErrorBody, retryAfterOf } from '../http/error-body.ts'
import type { Answer, Transport } from '../http/exchange.ts'
import type { Grant } from './token.ts'

export interface LoginOptions {
  url: string
  clientId: string
  clientSecret: string
  wire: Transport
}

const WITHIN_MS = 5000
const TRIES = 3
/** For a login answer that does not say how long its token lives. */
const UNSAID_LIFETIME_S = 300

/**
 * The client credentials grant (genesys-api §6; RFC 6749 §4.4) as a function that logs in. Tries again, twice, where the platform
 * did not answer as it should: a token too many harms nobody. Rejects with GenesysError login_failed (the platform refuses the
 * client), rate_limited, or unavailable; effect none, for what wanted the token was never sent.
 */
export function clientCredentials({ url, clientId, clientSecret, wire }: LoginOptions): () => Promise<Grant> {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const request = {
    url: new URL(url),
    method: 'POST' as const,
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: 'grant_type=client_credentials',
    withinMs: WITHIN_MS,
  }
  return async () => {
    for (let attempt = 1; ; attempt++) {
      const read = grantOf(await wire.send(request), [clientSecret, basic])
      if (!(read instanceof GenesysError)) return read
      if (read.reason !== 'unavailable' || attempt === TRIES) throw read
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200 * 2 ** attempt))
    }
  }
}

function grantOf(answer: Answer, secrets: string[]): Grant | GenesysError {
  const body = answer.status === 200 && !answer.broke ? parsedObject(answer.body) : undefined
  const { access_token: token, expires_in: seconds } = body ?? {}
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
    return { token, lifetimeMs: (typeof seconds === 'number' && seconds > 0 ? seconds : UNSAID_LIFETIME_S) * 1000 }
  }
  const { status = 0, headers } = answer
  const reason = status === 429 ? 'rate_limited' : status >= 400 && status < 500 && status !== 408 ? 'login_failed' : 'unavailable'
  const told = readErrorBody(answer.body, secrets)
  return new GenesysError({
    operation: 'login',
    reason,
    effect: 'none',
    status: answer.status,
    correlationId: correlationIdOf(headers),
    transportCode: answer.broke?.code,
    platformCode: told.platformCode,
    platformMessage: told.platformMessage,
    retryAfterMs: reason === 'rate_limited' ? retryAfterOf(headers, told, Date.now()) : undefined,
  })
}
