/** What a call is rejected with: one error class for the refusals of Handoff, and for answers that never came. */
import type { Problem } from './types.ts'

/**
 * Why there is no answer of Handoff. `NO_RESPONSE`: the connection failed, or it took too long. `UNEXPECTED_RESPONSE`: something else answered,
 * such as a proxy. `WAIT_TIMEOUT`: the outcome of a transfer was not known in time.
 */
export type ClientErrorCode = 'NO_RESPONSE' | 'UNEXPECTED_RESPONSE' | 'WAIT_TIMEOUT'

export type HandoffErrorCode = Problem['code'] | ClientErrorCode

export interface HandoffErrorDetails {
  retryable: boolean
  status?: number | undefined
  problem?: Problem | undefined
  retryAfterSeconds?: number | undefined
  requestId?: string | undefined
  idempotencyKey?: string | undefined
  transferId?: string | undefined
  cause?: unknown
}

/** A call that failed. Its message never contains the API key. */
export class HandoffError extends Error {
  /** Why, as a code from a closed list. */
  readonly code: HandoffErrorCode
  /** Whether the same call may succeed later. Send it with the same `idempotencyKey`, so that a call is never moved twice. */
  readonly retryable: boolean
  /** The HTTP status; undefined if there was no response. */
  readonly status: number | undefined
  /** The stage of the pipeline that refused the request. */
  readonly stage: Problem['stage']
  /** The field of the request that is not valid, such as `target.queueId`. */
  readonly field: string | undefined
  /** Seconds after which a retry makes sense, if Handoff has said so. */
  readonly retryAfterSeconds: number | undefined
  /** The trace id of the call. Handoff has it in its log as `trace.id`. */
  readonly requestId: string | undefined
  /** The key with which the request was sent. */
  readonly idempotencyKey: string | undefined
  /** The transfer that was refused, the one that stands in the way, or the one that was waited for. */
  readonly transferId: string | undefined
  /** Everything that Handoff has said (RFC 9457); undefined if the answer was not Handoff's. */
  readonly problem: Problem | undefined

  constructor(code: HandoffErrorCode, message: string, details: HandoffErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'HandoffError'
    const { problem } = details
    this.code = code
    this.retryable = details.retryable
    this.status = details.status
    this.stage = problem?.stage
    this.field = problem?.field
    this.retryAfterSeconds = details.retryAfterSeconds
    this.requestId = details.requestId
    this.idempotencyKey = details.idempotencyKey
    this.transferId = details.transferId ?? problem?.transferId
    this.problem = problem
  }
}
