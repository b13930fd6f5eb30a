/** How a refusal becomes an HTTP answer: the status of each code, and the body as problem details (RFC 9457). */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Considered } from '../model/considered.ts'
import { Problem, type ProblemExtensions, type RefusalCode, type Stage } from '../model/problems.ts'

const statusByCode: Readonly<Record<RefusalCode, number>> = {
  INVALID_REQUEST: 400,
  NOT_FOUND: 404,
  STATE_CONFLICT: 409,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  TOO_MANY_REQUESTS: 429,
  IDEMPOTENCY_KEY_IN_USE: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  CONVERSATION_NOT_FOUND: 404,
  CONVERSATION_ENDED: 409,
  CONVERSATION_NOT_TRANSFERABLE: 409,
  TRANSFER_IN_PROGRESS: 409,
  DEPTH_LIMIT_REACHED: 422,
  LOOP_DETECTED: 422,
  TARGET_NOT_FOUND: 422,
  TARGET_INACTIVE: 422,
  TARGET_NOT_ALLOWED: 422,
  QUEUE_CLOSED: 422,
  NO_AGENT_AVAILABLE: 422,
  GENESYS_REJECTED: 502,
  PERMISSION_MISSING: 502,
  GENESYS_AUTH_FAILED: 502,
  GENESYS_CONFLICT: 409,
  RATE_LIMITED: 503,
  GENESYS_UNAVAILABLE: 503,
  OVERLOADED: 503,
  STORE_UNAVAILABLE: 503,
  EXPIRED: 503,
  OUTCOME_UNKNOWN: 504,
  INTERNAL_ERROR: 500,
}

/** The headers of every response that does not have its own value: no browser guesses the type, and no cache keeps what can change. */
export const responseHeaders = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } as const

/** The detail of a 413, wherever the body was sent to. */
export const bodyTooLarge = 'The body is larger than 64 KiB.'

export const problemContentType = 'application/problem+json; charset=utf-8'

/** The body of a refusal (RFC 9457 §3), with the members that this service adds. */
export interface ProblemDetails {
  type: string
  title: string
  status: number
  detail: string
  code: RefusalCode
  stage?: Stage
  retryable: boolean
  field?: string
  transferId?: string
  retryAfterSeconds?: number
  platformCode?: string
  correlationId?: string
  permissions?: string[]
  opensAt?: string
  considered?: Considered[]
}

/** A refusal whose HTTP status does not follow from its code. A refusal by Fastify or Node keeps the status that they chose. */
export class HttpProblem extends Problem {
  readonly status: number

  constructor(code: RefusalCode, detail: string, status: number, extensions: ProblemExtensions = {}) {
    super(code, detail, extensions)
    this.status = status
  }
}

/** The refusal of an earlier request that is repeated now. Its body stays the same, even if this version would word it differently. */
export class RepeatedProblem extends HttpProblem {
  readonly details: ProblemDetails

  constructor(details: ProblemDetails) {
    const { code, detail, status, type: _type, title: _title, ...extensions } = details
    super(code, detail, status, extensions)
    this.details = details
  }
}

/** The HTTP status of a refusal. */
export const statusOf = (problem: Problem): number => (problem instanceof HttpProblem ? problem.status : statusByCode[problem.code])

/** A refusal as problem details. */
export function problemDetails(problem: Problem): ProblemDetails {
  if (problem instanceof RepeatedProblem) return problem.details
  const { field, transferId, platformCode, correlationId, permissions, opensAt, considered } = problem.extensions
  return {
    type: `urn:handoff:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
    title: problem.title,
    status: statusOf(problem),
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
    ...(opensAt && { opensAt }),
    ...(considered && { considered }),
  }
}

/** Responds with a refusal, and keeps the refusal for the request's log line. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  request.problem = problem
  const status = statusOf(problem)
  if (problem.retryable && problem.retryAfterSeconds !== undefined) void reply.header('retry-after', problem.retryAfterSeconds)
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  return reply
    .code(status)
    .type(problemContentType)
    .send(JSON.stringify(problemDetails(problem)))
}
