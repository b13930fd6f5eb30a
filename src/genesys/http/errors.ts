/** The one error that leaves the platform client: why a call did not succeed, and whether the platform may have acted on it. */
import { describeCertificateError } from '../../outbound/certificate-errors.ts'

/** Why a call failed. `src/transfers/platform-problem.ts` maps each reason to a code of the API (docs/architecture.md#codes). */
export type GenesysReason =
  | 'not_found'
  | 'rejected'
  | 'conflict'
  | 'forbidden'
  | 'rate_limited'
  | 'unavailable'
  | 'malformed'
  | 'login_failed'
  | 'overloaded'
  | 'expired'

/**
 * 'none': it is proved that the platform did nothing. 'unknown': it may have acted. This decides whether a command may be
 * sent again (docs/reliability.md#unknown-outcomes).
 */
export type Effect = 'none' | 'unknown'

export interface GenesysErrorDetails {
  operation: string
  reason: GenesysReason
  effect: Effect
  /** HTTP status, if a response came. */
  status?: number | undefined
  /** The platform's own error code, redacted. */
  platformCode?: string | undefined
  correlationId?: string | undefined
  retryAfterMs?: number | undefined
  /** Whose limit is used up, if a 429 said so (docs/genesys-cloud.md rule 99). */
  limitScope?: 'token' | 'family' | undefined
  missingPermissions?: string[] | undefined
  /** An error code of the transport such as ECONNRESET. It only appears in the message, and as `certificateCode`. */
  transportCode?: string | undefined
}

/**
 * The only error that leaves `src/genesys`. It holds the details below and never a `cause`: the errors of HTTP clients carry
 * the request, and with it the token (docs/genesys-cloud.md rule 75). Texts of the platform are redacted before they get here.
 */
export class GenesysError extends Error {
  declare readonly operation: string
  declare readonly reason: GenesysReason
  declare readonly effect: Effect
  declare readonly status?: number
  declare readonly platformCode?: string
  declare readonly correlationId?: string
  declare readonly retryAfterMs?: number
  declare readonly limitScope?: 'token' | 'family'
  declare readonly missingPermissions?: string[]
  /** The error code of the transport, if the certificate of the platform or of the outbound proxy is not accepted. */
  declare readonly certificateCode?: string

  readonly #details: GenesysErrorDetails

  constructor(details: GenesysErrorDetails) {
    const { transportCode, ...properties } = details
    const codes = [properties.status, properties.platformCode, transportCode].filter((code) => code !== undefined)
    const certificateProblem = describeCertificateError(transportCode, 'Genesys Cloud')
    // These codes are those of ProxyError, whose cause is not the platform.
    const proxyProblem = transportCode?.startsWith('PROXY_') ? 'the outbound proxy opened no connection' : undefined
    const explanation = certificateProblem ?? proxyProblem ?? explanations[properties.reason]
    super(`${properties.operation}: ${explanation}${codes.length ? ` (${codes.join(', ')})` : ''}`)
    this.#details = details
    if (certificateProblem && transportCode) this.certificateCode = transportCode
    Object.assign(this, Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)))
    Object.defineProperty(this, 'name', { value: 'GenesysError', configurable: true, writable: true })
  }

  /** The same error for another operation: a call that waited for a login or a slot fails under its own name. */
  withOperation(operation: string): GenesysError {
    return new GenesysError({ ...this.#details, operation })
  }
}

const temporaryReasons: ReadonlySet<GenesysReason> = new Set(['rate_limited', 'unavailable', 'overloaded', 'expired'])

/** Whether the failure of a call that may be repeated can be over at the next try. */
export const isTemporary = ({ effect, reason }: GenesysError): boolean => effect === 'unknown' || temporaryReasons.has(reason)

const explanations: Readonly<Record<GenesysReason, string>> = {
  not_found: 'Genesys Cloud does not know it',
  rejected: 'Genesys Cloud refused the request',
  conflict: 'the request conflicts with the current state of the conversation',
  forbidden: 'the OAuth client lacks a permission',
  rate_limited: 'the rate limit is reached',
  unavailable: 'Genesys Cloud is not available or did not answer in time',
  malformed: 'Genesys Cloud sent a response that could not be understood',
  login_failed: 'Genesys Cloud does not accept the OAuth client',
  overloaded: 'Genesys Cloud is failing, so no request is sent for a moment',
  expired: 'the deadline passed before anything was sent',
}
