/** What a failure of the platform means to the caller. */
import { GenesysError, type GenesysReason } from '../genesys/http/errors.ts'
import { Problem, type RefusalCode, type Stage } from '../model/problems.ts'

const meaning: Readonly<Record<GenesysReason, RefusalCode>> = {
  not_found: 'GENESYS_REJECTED',
  rejected: 'GENESYS_REJECTED',
  conflict: 'GENESYS_CONFLICT',
  forbidden: 'PERMISSION_MISSING',
  rate_limited: 'RATE_LIMITED',
  unavailable: 'GENESYS_UNAVAILABLE',
  malformed: 'GENESYS_UNAVAILABLE',
  login_failed: 'GENESYS_AUTH_FAILED',
  overloaded: 'GENESYS_UNAVAILABLE',
  expired: 'EXPIRED',
}

/**
 * Turns a failure of the platform into a refusal. Other errors come back as they are.
 * @param notFound the code that a 404 means here, where it means something
 */
export function platformProblem(error: unknown, stage: Stage, notFound?: { code: RefusalCode; detail: string }): unknown {
  if (!(error instanceof GenesysError)) return error
  if (error.reason === 'not_found' && notFound) return new Problem(notFound.code, notFound.detail, { stage })
  const permissions = error.missingPermissions ?? []
  const detail =
    error.reason === 'forbidden' && permissions.length > 0 ? `The platform client's role lacks ${permissions.join(' or ')}.` : error.message
  return new Problem(meaning[error.reason], detail, {
    stage,
    ...(error.platformCode && { platformCode: error.platformCode }),
    ...(error.correlationId && { correlationId: error.correlationId }),
    ...(permissions.length > 0 && { permissions }),
    ...(error.retryAfterMs !== undefined && { retryAfterSeconds: Math.max(1, Math.ceil(error.retryAfterMs / 1000)) }),
  })
}
