/** What the result of an attempt means: a response for the SDK, or a GenesysError that says whether the platform may have acted. */
import { parseObject } from '../../model/json-fields.ts'
import type { Attempt } from './attempt.ts'
import type { CallContext } from './call-options.ts'
import { readErrorBody } from './error-body.ts'
import { GenesysError, type Effect, type GenesysReason } from './errors.ts'
import type { ExchangeResult, TransportFailureKind } from './exchange.ts'

/** A response in the form that the SDK expects from its HTTP client. */
export interface SdkResponse {
  status: number
  statusText: string
  headers: Record<string, unknown>
  data: unknown
}

/** Why an exchange failed, and what that proves. */
export interface Classification {
  reason: GenesysReason
  effect: Effect
}

/** Returns the response of a successful attempt. @throws GenesysError for any other, without any of `secrets` in it */
export function interpretResult(
  { result, token, retryAfterMs, limitScope }: Attempt,
  context: CallContext,
  secrets: readonly string[],
): SdkResponse {
  const { status, headers, failure } = result
  const isAccepted = isSuccess(status)
  if (isAccepted && context.expects === 'nothing') return { status, statusText: '', headers, data: undefined }
  const data = isAccepted && !failure ? parseObject(result.body) : undefined
  if (isAccepted && data) return { status, statusText: '', headers, data }

  const { reason, effect } = classify(result)
  // The body of a 2xx response is data of the platform, not an explanation of a failure.
  const { platformCode, missingPermissions } = isAccepted ? {} : readErrorBody(result.body, [token, ...secrets])
  throw new GenesysError({
    operation: context.operation,
    reason,
    effect,
    status,
    correlationId: context.correlationId,
    transportCode: failure?.code,
    platformCode,
    retryAfterMs,
    limitScope,
    missingPermissions: reason === 'forbidden' ? (missingPermissions ?? []) : undefined,
  })
}

/** The status decides if there is one. But a 2xx whose body could not be read is a transport failure. */
function classify({ status, failure, isSent }: ExchangeResult): Classification {
  if (status === undefined || (isSuccess(status) && failure)) return classifyTransportFailure(failure?.kind ?? 'network', isSent)
  return isSuccess(status) ? { reason: 'malformed', effect: 'unknown' } : classifyStatus(status)
}

const isSuccess = (status: number | undefined): status is number => status !== undefined && status >= 200 && status < 300

/** The statuses with a meaning of their own (docs/genesys-cloud.md rule 71). */
const byStatus: Readonly<Record<number, Classification>> = {
  401: { reason: 'login_failed', effect: 'none' },
  403: { reason: 'forbidden', effect: 'none' },
  404: { reason: 'not_found', effect: 'none' },
  408: { reason: 'unavailable', effect: 'unknown' },
  409: { reason: 'conflict', effect: 'none' },
  429: { reason: 'rate_limited', effect: 'none' },
}

/**
 * Classifies an HTTP status that is not 2xx. Other 4xx prove that nothing was done; 3xx and 5xx prove nothing.
 * A 401 counts as final, because the token has been renewed once before this.
 */
export function classifyStatus(status: number): Classification {
  const known = byStatus[status]
  if (known) return known
  if (status >= 400 && status < 500) return { reason: 'rejected', effect: 'none' }
  return status >= 500 ? { reason: 'unavailable', effect: 'unknown' } : { reason: 'malformed', effect: 'unknown' }
}

/**
 * Whether the request was sent is observed at the socket and not guessed from error codes: the same ECONNRESET comes with and
 * without delivery. "Unsent" covers DNS, refused connections, and timeouts of connects and TLS handshakes
 * (docs/reliability.md#failure-modes-of-an-exchange).
 */
const byFailure: Readonly<Record<TransportFailureKind, Readonly<Record<'sent' | 'unsent', Classification>>>> = {
  network: { sent: { reason: 'unavailable', effect: 'unknown' }, unsent: { reason: 'unavailable', effect: 'none' } },
  deadline: { sent: { reason: 'unavailable', effect: 'unknown' }, unsent: { reason: 'unavailable', effect: 'none' } },
  aborted: { sent: { reason: 'unavailable', effect: 'unknown' }, unsent: { reason: 'expired', effect: 'none' } },
  too_large: { sent: { reason: 'malformed', effect: 'unknown' }, unsent: { reason: 'malformed', effect: 'unknown' } },
}

/** Classifies an exchange that ended without a complete response; `isSent` says whether the request may have left. */
export const classifyTransportFailure = (kind: TransportFailureKind, isSent: boolean): Classification =>
  byFailure[kind][isSent ? 'sent' : 'unsent']
