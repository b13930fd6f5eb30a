/** How the simulated platform refuses a request. */
import type { Limit } from './limits.ts'
import { documentedErrors, type PlatformErrorCode } from './documented-errors.ts'

interface ErrorDetails {
  /** The values for the `%s` of the documented message, in order. */
  readonly values?: readonly string[]
  /** Replaces the documented message where that does not name the cause. */
  readonly message?: string
  readonly entityId?: string
  /** The limit that a 429 names; by default the token's. */
  readonly limit?: Limit
}

/** A refusal of the platform; the client gets it as an ErrorBody (docs/genesys-cloud.md rule 70). */
export class PlatformError extends Error {
  override readonly name = 'PlatformError'
  readonly status: number
  readonly code: PlatformErrorCode
  readonly details: ErrorDetails

  constructor(code: PlatformErrorCode, details: ErrorDetails = {}) {
    super(code)
    this.code = code
    this.status = documentedErrors[code][0]
    this.details = details
  }
}

/**
 * Creates the refusal that the platform documents for an HTTP status. A status without a documented code gets the generic one:
 * `internal.server.error` for 5xx, `bad.request` for everything else.
 */
export function createErrorForStatus(status: number): PlatformError {
  const codes = Object.keys(documentedErrors) as PlatformErrorCode[]
  const code = codes.find((candidate) => documentedErrors[candidate][0] === status)
  return new PlatformError(code ?? (status >= 500 ? 'internal.server.error' : 'bad.request'))
}
