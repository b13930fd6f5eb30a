/** Every refusal: code, status, title, whether a retry helps, and the stage it belongs to (design §3; a closed list). */

export const stages = ['validation', 'verification', 'execution', 'webhook', 'audit-poll'] as const
export type Stage = (typeof stages)[number]

interface Kind {
  status: number
  title: string
  retryable: boolean
  /** Where the code belongs to one stage only. */
  stage?: Stage
  /** Seconds that a Retry-After names when nothing better is known. */
  retryAfter?: number
}

const refusals = {
  INVALID_REQUEST: { status: 400, title: 'The request does not fit', retryable: false, stage: 'validation' },
  UNAUTHENTICATED: { status: 401, title: 'No valid key', retryable: false },
  FORBIDDEN: { status: 403, title: 'The key does not allow this', retryable: false },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests from this caller', retryable: true, retryAfter: 60 },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    title: 'A request with this idempotency key is still running',
    retryable: true,
    stage: 'validation',
    retryAfter: 1,
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'This idempotency key was used for another request',
    retryable: false,
    stage: 'validation',
  },
  CONVERSATION_NOT_FOUND: { status: 404, title: 'No such conversation', retryable: false, stage: 'validation' },
  CONVERSATION_ENDED: { status: 409, title: 'The conversation is over', retryable: false, stage: 'validation' },
  CONVERSATION_NOT_TRANSFERABLE: { status: 409, title: 'The conversation cannot be transferred now', retryable: true, stage: 'validation' },
  TRANSFER_IN_PROGRESS: { status: 409, title: 'Another transfer of this conversation is under way', retryable: true, stage: 'validation' },
  DEPTH_LIMIT_REACHED: { status: 422, title: 'The conversation was transferred too often', retryable: false, stage: 'validation' },
  LOOP_DETECTED: { status: 422, title: 'The conversation was at this target before', retryable: false, stage: 'validation' },
  TARGET_NOT_FOUND: { status: 422, title: 'No such target', retryable: false, stage: 'verification' },
  TARGET_INACTIVE: { status: 422, title: 'The target is not active', retryable: false, stage: 'verification' },
  TARGET_NOT_ALLOWED: { status: 422, title: 'The target is not allowed', retryable: false, stage: 'verification' },
  NO_AGENT_AVAILABLE: { status: 422, title: 'Nobody is available at the target or its fallbacks', retryable: true, stage: 'verification' },
  GENESYS_REJECTED: { status: 502, title: 'The platform refused', retryable: false },
  PERMISSION_MISSING: { status: 502, title: "The platform client's role lacks a permission", retryable: false },
  GENESYS_AUTH_FAILED: { status: 502, title: 'The platform did not accept our credentials', retryable: false },
  GENESYS_CONFLICT: { status: 409, title: 'The conversation changed while it was being transferred', retryable: true, stage: 'execution' },
  RATE_LIMITED: { status: 503, title: "The platform's rate limit leaves no room before the deadline", retryable: true, retryAfter: 5 },
  GENESYS_UNAVAILABLE: { status: 503, title: 'The platform does not answer', retryable: true, retryAfter: 5 },
  OVERLOADED: { status: 503, title: 'More is asked than can be served in time', retryable: true, retryAfter: 2 },
  STORE_UNAVAILABLE: { status: 503, title: 'The ledger cannot be written', retryable: true, retryAfter: 5 },
  EXPIRED: { status: 503, title: 'The deadline passed before the platform was asked; nothing was done', retryable: true, retryAfter: 1 },
  OUTCOME_UNKNOWN: { status: 504, title: 'It is not known yet whether the platform moved the call', retryable: false, stage: 'execution' },
} as const satisfies Record<string, Kind>

/** What a transfer may end with after the request was answered: never an HTTP error. */
const outcomes = {
  PICKUP_TIMEOUT: 'Nobody picked up in time; the call may still be waiting',
  CALLER_ABANDONED: 'The caller hung up before anybody picked up',
  TRANSFER_FAILED: 'The platform accepted the transfer but did not complete it',
  FLOWED_OUT: 'The in-queue flow moved the call elsewhere',
  SUPERSEDED: 'A newer transfer, or somebody else, moved the call on',
  DECISION_NOT_FOLLOWED: 'The flow did not move the call as decided',
} as const

export type RefusalCode = keyof typeof refusals
export type OutcomeCode = keyof typeof outcomes
export type Code = RefusalCode | OutcomeCode

export const refusalCodes = Object.keys(refusals) as RefusalCode[]
export const codes: readonly Code[] = [...refusalCodes, ...(Object.keys(outcomes) as OutcomeCode[])]

export interface ProblemExtensions {
  stage?: Stage
  /** The transfer that was refused, or that stands in the way. */
  transferId?: string
  retryAfterSeconds?: number
  /** Overrides the code's status, for 404, 405, 413, 415 and the like, which the closed list has no code of their own for. */
  status?: number
  /** The body field, header or query parameter that does not fit. */
  field?: string
  /** The platform's own error code, and the call's correlation id there. */
  platformCode?: string
  correlationId?: string
  permissions?: string[]
}

/** A refusal on its way to the caller. */
export class Problem extends Error {
  readonly code: RefusalCode
  readonly status: number
  readonly retryable: boolean
  readonly stage: Stage | undefined
  readonly retryAfterSeconds: number | undefined
  readonly particulars: ProblemExtensions

  constructor(code: RefusalCode, detail: string, particulars: ProblemExtensions = {}) {
    super(detail)
    this.name = 'Problem'
    const kind: Kind = refusals[code]
    this.code = code
    this.status = particulars.status ?? kind.status
    this.retryable = kind.retryable
    this.stage = kind.stage ?? particulars.stage
    this.retryAfterSeconds = particulars.retryAfterSeconds ?? kind.retryAfter
    this.particulars = particulars
  }

  /** The same refusal, belonging to a transfer. */
  of(transferId: string): Problem {
    return new Problem(this.code, this.message, { ...this.particulars, transferId })
  }
}

/** A refusal as RFC 9457 problem details. */
export function problemDetails(problem: Problem) {
  const { field, transferId, platformCode, correlationId, permissions } = problem.particulars
  return {
    type: `urn:handoff:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
    title: refusals[problem.code].title,
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    ...(problem.stage && { stage: problem.stage }),
    retryable: problem.retryable,
    ...(field && { field }),
    ...(transferId && { transferId }),
    ...(problem.retryAfterSeconds !== undefined && { retryAfterSeconds: problem.retryAfterSeconds }),
    ...(platformCode && { platformCode }),
    ...(correlationId && { correlationId }),
    ...(permissions && { permissions }),
  }
}
export type ProblemDetails = ReturnType<typeof problemDetails>
