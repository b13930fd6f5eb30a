/** What the outcome of one call's transfer means for the call, and for the calls behind it. */
import type { BulkCallRecord } from '../../../model/bulk-transfer.ts'
import type { Problem, RefusalCode } from '../../../model/problems.ts'
import type { Submission } from '../running-transfers.ts'

/**
 * `done`: the call is dealt with. `repeat`: its transfer is still running, so ask again with the same key. `postponeAll`: nothing was done, for a
 * reason that concerns every call and passes. `postpone`: nothing was done, for a reason of this call that may pass. `pause`: nothing was
 * done, for a reason that concerns every call and that somebody must remove.
 */
export type Judgment =
  | { kind: 'done'; result: Pick<BulkCallRecord, 'state' | 'transferId' | 'code' | 'message'> }
  | { kind: 'repeat' | 'postponeAll' | 'postpone' | 'pause'; problem: Problem; afterMs: number }

type Meaning = Exclude<Judgment['kind'], 'done'> | 'left' | 'unknown'

/** Any other refusal is about this call alone and final. */
const meanings: Partial<Record<RefusalCode, Meaning>> = {
  CONVERSATION_NOT_FOUND: 'left',
  CONVERSATION_ENDED: 'left',
  OUTCOME_UNKNOWN: 'unknown',
  IDEMPOTENCY_KEY_IN_USE: 'repeat',
  STORE_UNAVAILABLE: 'repeat',
  RATE_LIMITED: 'postponeAll',
  GENESYS_UNAVAILABLE: 'postponeAll',
  OVERLOADED: 'postponeAll',
  EXPIRED: 'postponeAll',
  TRANSFER_IN_PROGRESS: 'postpone',
  GENESYS_CONFLICT: 'postpone',
  INVALID_REQUEST: 'pause',
  TARGET_NOT_FOUND: 'pause',
  TARGET_INACTIVE: 'pause',
  TARGET_NOT_ALLOWED: 'pause',
  QUEUE_CLOSED: 'pause',
  NO_AGENT_AVAILABLE: 'pause',
  PERMISSION_MISSING: 'pause',
  GENESYS_AUTH_FAILED: 'pause',
}

const meaningOf = ({ code, retryable }: Problem): Meaning | 'refused' => {
  // The call rings at an agent, for example. If it may not be moved later either, it no longer waits.
  if (code === 'CONVERSATION_NOT_TRANSFERABLE') return retryable ? 'postpone' : 'left'
  return meanings[code] ?? 'refused'
}

/** A call that cannot be moved now is tried again after this time, ms. */
const shortestPauseMs = 1_000
const longestPauseMs = 30_000

export function judgeOutcome({ outcome, transferId }: Submission): Judgment {
  if ('transfer' in outcome) return { kind: 'done', result: { state: 'moved', transferId: transferId ?? null, code: null, message: null } }
  const { problem } = outcome
  const meaning = meaningOf(problem)
  if (meaning === 'left' || meaning === 'unknown' || meaning === 'refused')
    return {
      kind: 'done',
      result: {
        state: meaning,
        transferId: transferId ?? problem.extensions.transferId ?? null,
        code: problem.code,
        message: problem.message,
      },
    }
  const afterMs = Math.min(Math.max((problem.retryAfterSeconds ?? 0) * 1_000, shortestPauseMs), longestPauseMs)
  return { kind: meaning, problem, afterMs }
}
