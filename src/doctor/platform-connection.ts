/** How the doctor sends requests to the platform: it needs whole answers with their headers, which the platform client does not return. */
import { createClientCredentialsLogin } from '../genesys/auth/login.ts'
import { resolveEndpoints } from '../genesys/auth/regions.ts'
import { readErrorBody } from '../genesys/http/error-body.ts'
import type { ExchangeRequest, ExchangeResult } from '../genesys/http/exchange.ts'
import type { RateLimitStatus } from '../genesys/http/rate-limit/request-window.ts'
import { readRateLimit, readRetryAfterMs } from '../genesys/http/response-headers.ts'
import { createTransport } from '../genesys/http/transport.ts'
import type { SelectProxy } from '../outbound/proxy-selector.ts'
import { parseObject, type JsonFields } from '../model/json-fields.ts'

export interface PlatformSettings {
  clientId: string
  clientSecret: string
  environment: string
  gatewayUrl: string | undefined
  selectProxy?: SelectProxy | undefined
}

export interface PlatformAnswer {
  /** 0 if no answer came. */
  status: number
  /** Empty if the body is not a JSON object. */
  body: JsonFields
  /** The platform's own error code. */
  errorCode: string | undefined
  missingPermissions: string[]
  /** After how many ms a request that was throttled may be sent again; 0 for any other answer. */
  retryAfterMs: number
  /** Why no answer came: an error code of the transport. */
  failure: string | undefined
}

export interface PlatformConnection {
  /** @throws GenesysError */
  login(): Promise<void>
  /** By how many ms the platform's clock is ahead of this machine's, from the Date of the last answer; undefined without a Date. */
  measureClockLead(): number | undefined
  /** The rate limit that the last answer with rate-limit headers reported. */
  rateLimit(): RateLimitStatus | undefined
  /** Never rejects. `path` begins after /api/v2. */
  request(method: ExchangeRequest['method'], path: string, body?: unknown): Promise<PlatformAnswer>
  close(): Promise<void>
}

const timeoutMs = 8_000

/** Creates a connection, which sends nothing yet. @throws Error that names the setting if the region or the gateway is not valid */
export function createPlatformConnection({
  clientId,
  clientSecret,
  environment,
  gatewayUrl,
  selectProxy,
}: PlatformSettings): PlatformConnection {
  const { loginUrl, apiUrl } = resolveEndpoints(environment, gatewayUrl)
  const transport = createTransport({ selectProxy })
  let lastAnswer: { headers: ExchangeResult['headers']; middleMs: number } | undefined
  let rateLimit: RateLimitStatus | undefined
  let token = ''
  const observedTransport = {
    ...transport,
    async send(request: ExchangeRequest): Promise<ExchangeResult> {
      const startedAt = Date.now()
      const result = await transport.send(request)
      // The platform wrote its Date somewhere between request and answer; the middle is the best estimate.
      if (result.status !== undefined) lastAnswer = { headers: result.headers, middleMs: (startedAt + Date.now()) / 2 }
      rateLimit = readRateLimit(result.headers) ?? rateLimit
      return result
    },
  }
  const logIn = createClientCredentialsLogin({ url: loginUrl, clientId, clientSecret, transport: observedTransport })
  return {
    async login() {
      token = (await logIn()).token
    },
    measureClockLead() {
      const date = Date.parse(String(lastAnswer?.headers['date']))
      // A Date is truncated to whole seconds: on average half a second is missing.
      return lastAnswer === undefined || Number.isNaN(date) ? undefined : date + 500 - lastAnswer.middleMs
    },
    rateLimit: () => rateLimit,
    async request(method, path, body) {
      const result = await observedTransport.send({
        url: new URL(`${apiUrl}/api/v2${path}`),
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        timeoutMs,
      })
      const errorBody = readErrorBody(result.body, [clientSecret, token])
      const { platformCode, missingPermissions = [] } = errorBody
      const { status = 0, failure } = result
      return {
        status,
        body: parseObject(result.body) ?? {},
        errorCode: platformCode,
        missingPermissions,
        retryAfterMs: status === 429 ? readRetryAfterMs(result.headers, errorBody, Date.now()) : 0,
        failure: failure && (failure.code ?? failure.kind),
      }
    },
    close: () => transport.close(),
  }
}
