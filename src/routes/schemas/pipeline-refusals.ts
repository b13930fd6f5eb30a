/** The refusals that a request for a transfer can be answered with, besides those of every route. */
import type { RefusalCode } from '../../model/problems.ts'

/** What the platform's failure to answer a question, or to obey a command, can mean. */
export const platformRefusals: readonly RefusalCode[] = [
  'GENESYS_REJECTED',
  'PERMISSION_MISSING',
  'GENESYS_AUTH_FAILED',
  'GENESYS_CONFLICT',
  'RATE_LIMITED',
  'GENESYS_UNAVAILABLE',
  'EXPIRED',
]

/** In the order of the catalog (model/problems.ts). */
export const pipelineRefusals: readonly RefusalCode[] = [
  'IDEMPOTENCY_KEY_IN_USE',
  'IDEMPOTENCY_KEY_REUSED',
  'CONVERSATION_NOT_FOUND',
  'CONVERSATION_ENDED',
  'CONVERSATION_NOT_TRANSFERABLE',
  'TRANSFER_IN_PROGRESS',
  'DEPTH_LIMIT_REACHED',
  'LOOP_DETECTED',
  'TARGET_NOT_FOUND',
  'TARGET_INACTIVE',
  'TARGET_NOT_ALLOWED',
  'QUEUE_CLOSED',
  'NO_AGENT_AVAILABLE',
  ...platformRefusals,
  'OUTCOME_UNKNOWN',
]
