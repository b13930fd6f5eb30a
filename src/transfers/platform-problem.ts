/** Turns failures of the platform and of the ledger into the refusals that the caller gets. */
import { GenesysError, type GenesysReason } from '../genesys/http/errors.ts'
import { StoreUnavailable } from '../ledger/contract/errors.ts'
import { Problem, type RefusalCode, type Stage } from '../model/problems.ts'

const codeByReason: Readonly<Record<GenesysReason, RefusalCode>> = {
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
 * Turns a failure of the platform into a refusal.
 * @param notFound the refusal for a 404; if absent, a 404 is GENESYS_REJECTED
 * @returns a Problem, or `error` itself if it does not come from the platform
 */
export function platformProblem(error: unknown, stage: Stage, notFound?: { code: RefusalCode; detail: string }): unknown {
  if (!(error instanceof GenesysError)) return error
  if (error.reason === 'not_found' && notFound) return new Problem(notFound.code, notFound.detail, { stage })
  const permissions = error.missingPermissions ?? []
  const detail =
    error.reason === 'forbidden' && permissions.length > 0 ? `The platform client's role lacks ${permissions.join(' or ')}.` : error.message
  return new Problem(codeByReason[error.reason], detail, {
    stage,
    ...(error.platformCode && { platformCode: error.platformCode }),
    ...(error.correlationId && { correlationId: error.correlationId }),
    ...(permissions.length > 0 && { permissions }),
    ...(error.retryAfterMs !== undefined && { retryAfterSeconds: Math.max(1, Math.ceil(error.retryAfterMs / 1000)) }),
  })
}

/** The refusal while the ledger cannot be used. */
export const createStoreProblem = (): Problem => new Problem('STORE_UNAVAILABLE', 'The ledger cannot be used; nothing was done.')

/** The refusal for an error of the ledger, of the platform or of a check; undefined for an unexpected error. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof StoreUnavailable) return createStoreProblem()
  const problem = platformProblem(error, 'execution')
  return problem instanceof Problem ? problem : undefined
}
