/** How a request of the SDK becomes the request that is sent, and which addresses and methods are refused. */
import { parseTraceparent } from '../../model/formats/patterns.ts'
import type { CallContext } from './call-options.ts'
import type { ExchangeRequest } from './exchange.ts'
import { collectStrings } from './redact.ts'

/** What the SDK hands over. The values of a list parameter are joined with commas (docs/genesys-cloud.md rule 79). */
export interface SdkRequest {
  url: string
  method: string
  headers?: Record<string, string>
  params?: Record<string, string>
  data?: unknown
}

/** A request without token and timeout, which each attempt adds. */
export interface PreparedRequest extends Omit<ExchangeRequest, 'timeoutMs'> {
  /** Texts that no error may repeat. */
  secrets: string[]
}

/** List parameters that the platform expects repeated, not joined. */
const repeatedParams: ReadonlySet<string> = new Set(['expand', 'routingStatus', 'presence', 'skills', 'languages'])
const methods = ['GET', 'POST', 'PUT', 'PATCH'] as const

/** Prepares a request. @throws Error if its address is not the configured platform, which alone may get the token, or its method is unused */
export function prepareRequest(
  { url, method, headers = {}, params = {}, data }: SdkRequest,
  { traceparent, signal, expects, canSend }: CallContext,
  { apiUrl, secrets }: { apiUrl: string; secrets: readonly string[] },
): PreparedRequest {
  if (!url.startsWith(`${apiUrl}/api/v2/`)) throw new Error('refused to send a token to an address that is not configured')
  const usedMethod = methods.find((used) => used === method)
  if (!usedMethod) throw new Error(`the method ${method} is not used here`)
  const target = new URL(url)
  for (const [name, value] of Object.entries(params)) {
    for (const item of repeatedParams.has(name) ? value.split(',') : [value]) target.searchParams.append(name, item)
  }
  return {
    url: target,
    method: usedMethod,
    headers: {
      ...headers,
      'user-agent': 'handoff',
      ...(traceparent && parseTraceparent(traceparent) && { traceparent }),
    },
    body: data === undefined ? undefined : JSON.stringify(data),
    signal,
    shouldResolveOnHeaders: expects === 'nothing',
    canSend,
    secrets: [...secrets, ...collectStrings(data)],
  }
}
