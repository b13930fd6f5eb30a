/** Every reason why a request is refused or a transfer ends badly: code, title, whether a retry can help, and the stage it belongs to. */
import type { Considered } from './considered.ts'

export const stages = ['validation', 'verification', 'execution', 'webhook', 'audit-poll'] as const
/** A stage of the pipeline (docs/architecture.md#pipeline). */
export type Stage = (typeof stages)[number]

/** What all refusals with one code have in common. */
interface RefusalDefinition {
  /** A short sentence for people, the same for every refusal with this code. */
  title: string
  /** Whether the same request may succeed later. */
  retryable: boolean
  /** Set for a code that belongs to one stage only. */
  stage?: Stage
  /** Seconds for Retry-After when nothing better is known. */
  retryAfterSeconds?: number
}

/** The closed list of refusals (docs/architecture.md#codes). Their HTTP statuses are in routes/problem-response.ts. */
const refusals = {
  INVALID_REQUEST: { title: 'The request is not valid', retryable: false, stage: 'validation' },
  NOT_FOUND: { title: 'There is no such resource', retryable: false },
  STATE_CONFLICT: { title: 'The resource is not in a state that allows this', retryable: false },
  UNAUTHENTICATED: { title: 'No valid key', retryable: false },
  FORBIDDEN: { title: 'This is not allowed', retryable: false },
  TOO_MANY_REQUESTS: { title: 'Too many requests from this caller', retryable: true, retryAfterSeconds: 60 },
  IDEMPOTENCY_KEY_IN_USE: {
    title: 'A request with this idempotency key is still running',
    retryable: true,
    stage: 'validation',
    retryAfterSeconds: 1,
  },
  IDEMPOTENCY_KEY_REUSED: {
    title: 'This idempotency key was used for another request',
    retryable: false,
    stage: 'validation',
  },
  CONVERSATION_NOT_FOUND: { title: 'No such conversation', retryable: false, stage: 'validation' },
  CONVERSATION_ENDED: { title: 'The conversation has ended', retryable: false, stage: 'validation' },
  CONVERSATION_NOT_TRANSFERABLE: { title: 'The conversation cannot be transferred now', retryable: true, stage: 'validation' },
  TRANSFER_IN_PROGRESS: { title: 'Another transfer of this conversation is in progress', retryable: true, stage: 'validation' },
  DEPTH_LIMIT_REACHED: { title: 'The conversation was transferred too often', retryable: false, stage: 'validation' },
  LOOP_DETECTED: { title: 'The conversation was at this target before', retryable: false, stage: 'validation' },
  TARGET_NOT_FOUND: { title: 'No such target', retryable: false, stage: 'verification' },
  TARGET_INACTIVE: { title: 'The target is not active', retryable: false, stage: 'verification' },
  TARGET_NOT_ALLOWED: { title: 'The target is not allowed', retryable: false, stage: 'verification' },
  QUEUE_CLOSED: { title: 'The target and its fallbacks are closed', retryable: false, stage: 'verification' },
  NO_AGENT_AVAILABLE: { title: 'No agent is available at the target or its fallbacks', retryable: true, stage: 'verification' },
  GENESYS_REJECTED: { title: 'The platform refused', retryable: false },
  PERMISSION_MISSING: { title: "The platform client's role lacks a permission", retryable: false },
  GENESYS_AUTH_FAILED: { title: 'The platform did not accept the credentials of this service', retryable: false },
  GENESYS_CONFLICT: { title: 'The conversation changed while it was being transferred', retryable: true, stage: 'execution' },
  RATE_LIMITED: { title: "The platform's rate limit leaves no room before the deadline", retryable: true, retryAfterSeconds: 5 },
  GENESYS_UNAVAILABLE: { title: 'The platform does not answer', retryable: true, retryAfterSeconds: 5 },
  OVERLOADED: { title: 'There are more requests than can be answered in time', retryable: true, retryAfterSeconds: 2 },
  STORE_UNAVAILABLE: { title: 'The ledger cannot be written', retryable: true, retryAfterSeconds: 5 },
  EXPIRED: { title: 'The deadline passed before the platform was asked; nothing was done', retryable: true, retryAfterSeconds: 1 },
  OUTCOME_UNKNOWN: { title: 'It is not known yet what the platform did', retryable: false, stage: 'execution' },
  INTERNAL_ERROR: { title: 'Something went wrong in Handoff itself', retryable: false },
} as const satisfies Record<string, RefusalDefinition>

/** The codes of transfers that end after their request was answered. They never occur in an HTTP error. */
const outcomeCodes = [
  /** No agent picked up in time; the call may still be waiting. */
  'PICKUP_TIMEOUT',
  /** The caller hung up before an agent picked up. */
  'CALLER_ABANDONED',
  /** The platform accepted the transfer but did not complete it. */
  'TRANSFER_FAILED',
  /** The in-queue flow moved the call elsewhere. */
  'FLOWED_OUT',
  /** A newer transfer, or an action outside Handoff, moved the call on. */
  'SUPERSEDED',
  /** The flow did not move the call as decided. */
  'DECISION_NOT_FOLLOWED',
] as const

export type RefusalCode = keyof typeof refusals
export type Code = RefusalCode | (typeof outcomeCodes)[number]

export const refusalCodes = Object.keys(refusals) as RefusalCode[]
export const codes: readonly Code[] = [...refusalCodes, ...outcomeCodes]

/** What a refusal says besides its code and detail. The ledger keeps this with a rejected transfer. */
export interface ProblemExtensions {
  stage?: Stage
  /** Whether a retry can help, if it differs from what `refusals` says about the code. */
  retryable?: boolean
  /** Id of the transfer that was refused, or of the one because of which it was refused. */
  transferId?: string
  retryAfterSeconds?: number
  /** The body field, header or query parameter that is not valid. */
  field?: string
  /** The platform's own error code. */
  platformCode?: string
  /** The platform's id of the call that failed. */
  correlationId?: string
  /** Permissions that the platform client lacks. */
  permissions?: string[]
  /** When the first of the closed candidates opens, ISO 8601. */
  opensAt?: string
  /** What was found out about the target and each fallback. */
  considered?: Considered[]
}

/** A refusal of a request. It is thrown where the reason is found, and routes/problem-response.ts turns it into a response. */
export class Problem extends Error {
  readonly code: RefusalCode
  readonly title: string
  readonly retryable: boolean
  readonly stage: Stage | undefined
  readonly retryAfterSeconds: number | undefined
  readonly extensions: ProblemExtensions

  /** @param detail what is wrong in this case, in a sentence for the caller */
  constructor(code: RefusalCode, detail: string, extensions: ProblemExtensions = {}) {
    super(detail)
    this.name = 'Problem'
    const refusal: RefusalDefinition = refusals[code]
    this.code = code
    this.title = refusal.title
    this.retryable = extensions.retryable ?? refusal.retryable
    this.stage = refusal.stage ?? extensions.stage
    this.retryAfterSeconds = extensions.retryAfterSeconds ?? refusal.retryAfterSeconds
    this.extensions = extensions
  }

  /** The same refusal with the id of the transfer that it refuses. */
  withTransferId(transferId: string): Problem {
    return new Problem(this.code, this.message, { ...this.extensions, transferId })
  }
}
