/** An example of each refusal: everything but the sentence in `detail` and the ids follows from its code. */
import type { Scope } from '../../../auth/api-key.ts'
import { Problem, type ProblemExtensions, type RefusalCode } from '../../../model/problems.ts'
import { HttpProblem } from '../../../routes/problem-response.ts'
import { transportDetails } from '../../errors/error-to-problem.ts'
import { madeUp, scene, sceneCall } from './scene.ts'
import { passedOver } from './transfers.ts'

const { transfer: transferId, otherTransfer, correlation: correlationId } = madeUp

const examples: Readonly<Record<RefusalCode, ProblemExtensions & { detail: string }>> = {
  INVALID_REQUEST: { detail: 'conversationId must be an id (a UUID).', field: 'conversationId' },
  NOT_FOUND: { detail: `There is no transfer ${transferId}.` },
  STATE_CONFLICT: { detail: `Transfer ${transferId} is picked_up, which does not allow this.`, transferId },
  UNAUTHENTICATED: { detail: 'This key or token is unknown, expired or revoked.' },
  FORBIDDEN: { detail: 'The key lacks the scope transfers:write.' },
  TOO_MANY_REQUESTS: { detail: 'Too many requests in this minute.', retryAfterSeconds: 42 },
  IDEMPOTENCY_KEY_IN_USE: { detail: `Transfer ${transferId} is executing.`, transferId },
  IDEMPOTENCY_KEY_REUSED: { detail: 'This idempotency key was used for another request.', transferId },
  CONVERSATION_NOT_FOUND: { detail: `The platform has no conversation ${sceneCall(99)}.`, transferId },
  CONVERSATION_ENDED: { detail: 'The conversation is over: the caller has hung up.', transferId },
  CONVERSATION_NOT_TRANSFERABLE: { detail: 'The conversation cannot be transferred now: an agent is being rung.', transferId },
  TRANSFER_IN_PROGRESS: {
    detail: `Transfer ${otherTransfer} of this conversation is executing.`,
    transferId: otherTransfer,
    retryAfterSeconds: 2,
  },
  DEPTH_LIMIT_REACHED: { detail: 'This conversation was transferred 3 times already; 3 are allowed.', transferId },
  LOOP_DETECTED: { detail: `This conversation was at queue:${scene.queue} before.`, transferId },
  TARGET_NOT_FOUND: { detail: 'The platform has no such queue.', transferId },
  TARGET_INACTIVE: { detail: `Skill ${scene.skill} is inactive.`, transferId },
  TARGET_NOT_ALLOWED: { detail: 'ALLOWED_NUMBERS has no pattern for this number.', transferId },
  QUEUE_CLOSED: {
    detail: `All places are closed now: queue:${scene.queue} is closed.`,
    transferId,
    opensAt: '2026-11-23T08:00:00.000Z',
    considered: [passedOver('closed', 'The schedule group is closed.', { opensAt: '2026-11-23T08:00:00.000Z' })],
  },
  NO_AGENT_AVAILABLE: {
    detail: `No agent can take the call now: queue:${scene.queue} has nobody with the skills who is idle.`,
    transferId,
    retryAfterSeconds: 10,
    considered: [passedOver('not_available', 'Nobody with the skills is idle.')],
  },
  GENESYS_REJECTED: {
    detail: 'The platform refused the request.',
    stage: 'execution',
    transferId,
    platformCode: 'bad.request',
    correlationId,
  },
  PERMISSION_MISSING: {
    detail: "The platform client's role lacks conversation:communication:blindTransfer.",
    stage: 'execution',
    transferId,
    correlationId,
    permissions: ['conversation:communication:blindTransfer'],
  },
  GENESYS_AUTH_FAILED: { detail: 'The platform did not accept the OAuth client.', stage: 'validation', transferId },
  GENESYS_CONFLICT: { detail: 'Another participant took over the call while it was being transferred.', transferId },
  RATE_LIMITED: { detail: "The platform's rate limit leaves no room before the deadline.", stage: 'validation', transferId },
  GENESYS_UNAVAILABLE: { detail: 'The platform does not answer.', stage: 'validation', transferId },
  OVERLOADED: { detail: '400 requests are in progress, and no more than 380 can be answered in time.', retryAfterSeconds: 2 },
  STORE_UNAVAILABLE: { detail: 'The ledger cannot be read or written now.' },
  EXPIRED: {
    detail: 'The deadline passed before a command was sent to the platform; nothing was done.',
    stage: 'verification',
    transferId,
  },
  OUTCOME_UNKNOWN: {
    detail: `It is not known yet whether the platform moved the call; GET /v1/transfers/${transferId} shows the outcome once it is known.`,
    transferId,
  },
  INTERNAL_ERROR: { detail: 'Something went wrong in Handoff itself.' },
}

/** An example with its name among the components of the document. */
export interface RefusalExample {
  name: string
  problem: Problem
}

/** An example of a refusal. Most routes have the same for a code; the functions below make those that differ. */
export function exampleOf(code: RefusalCode): RefusalExample {
  const { detail, ...extensions } = examples[code]
  return { name: code, problem: new Problem(code, detail, extensions) }
}

export const forbiddenExample = (scopes: readonly Scope[]): RefusalExample => ({
  name: ['FORBIDDEN', ...scopes].join('_').replaceAll(':', '.'),
  problem: new Problem('FORBIDDEN', `The key lacks the scope ${scopes.join(' or ')}.`),
})

/** @param url the path of the route */
export function notFoundExample(url: string): RefusalExample {
  if (url.startsWith('/v1/webhook-deliveries'))
    return { name: 'NOT_FOUND_delivery', problem: new Problem('NOT_FOUND', `There is no webhook delivery ${madeUp.delivery}.`) }
  if (url.startsWith('/v1/webhook-endpoints'))
    return { name: 'NOT_FOUND_endpoint', problem: new Problem('NOT_FOUND', `There is no webhook endpoint ${madeUp.endpoint}.`) }
  return exampleOf('NOT_FOUND')
}

/** A request that is refused with this status before it is read. */
export const unreadableExample = (status: number): RefusalExample => ({
  name: `INVALID_REQUEST_${status}`,
  problem: new HttpProblem('INVALID_REQUEST', String(transportDetails[status]), status),
})

/** The refusal for an unexpected error, as plugins/errors/error-to-problem.ts makes it. */
export function unexpectedErrorExample({ canMoveCall, canRetry }: { canMoveCall: boolean; canRetry: boolean }): RefusalExample {
  const { detail } = examples.INTERNAL_ERROR
  if (canMoveCall) return { name: 'OUTCOME_UNKNOWN_500', problem: new HttpProblem('OUTCOME_UNKNOWN', detail, 500) }
  if (!canRetry) return exampleOf('INTERNAL_ERROR')
  return { name: 'INTERNAL_ERROR_retryable', problem: new Problem('INTERNAL_ERROR', detail, { retryable: true }) }
}
