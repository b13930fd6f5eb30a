/** What the outcome of one call's transfer means for the call, and for the calls behind it. */
import type { BulkCallRecord } from '../../../model/bulk-transfer.ts'
import type { Problem, RefusalCode } from '../../../model/problems.ts'
import type { Submission } from '../running-transfers.ts'

/**
 * `done`: the call is dealt with. `repeat`: its transfer is still running, so ask again with the same key. `postponeAll`: nothing was done, for a
 * reason that concerns every call and passes. `postpone`: nothing was done, for a reason of this call that may pass. `askLater`: it is not
 * known yet whether the call was moved, so ask again with the same key, later. `pause`: nothing was done, for a reason that
 * concerns every call and that somebody must remove.
 */
export type Judgment =
  | { kind: 'done'; result: Pick<BulkCallRecord, 'state' | 'transferId' | 'code' | 'message'> }
  | { kind: 'repeat' | 'postponeAll' | 'postpone' | 'askLater' | 'pause'; problem: Problem; afterMs: number }

type Meaning = Exclude<Judgment['kind'], 'done'> | 'left'

/** Any other refusal is about this call alone and final. */
const meanings: Partial<Record<RefusalCode, Meaning>> = {
  CONVERSATION_NOT_FOUND: 'left',
  CONVERSATION_ENDED: 'left',
  OUTCOME_UNKNOWN: 'askLater',
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
/** A call whose outcome is unknown is asked about again after this time, ms. */
const askLaterMs = 5_000

export function judgeOutcome({ outcome, transferId }: Submission): Judgment {
  if ('transfer' in outcome) return { kind: 'done', result: { state: 'moved', transferId: transferId ?? null, code: null, message: null } }
  const { problem } = outcome
  const meaning = meaningOf(problem)
  if (meaning === 'left' || meaning === 'refused')
    return {
      kind: 'done',
      result: {
        state: meaning,
        transferId: transferId ?? problem.extensions.transferId ?? null,
        code: problem.code,
        message: problem.message,
      },
    }
  if (meaning === 'askLater') return { kind: meaning, problem, afterMs: askLaterMs }
  const afterMs = Math.min(Math.max((problem.retryAfterSeconds ?? 0) * 1_000, shortestPauseMs), longestPauseMs)
  return { kind: meaning, problem, afterMs }
}

/** How long a call is tried again that cannot be moved, for example because it keeps ringing at an agent, or asked about, ms. */
const giveUpAfterMs = 120_000
/** How long a call is asked about at most, however often a further transfer of it has an unknown outcome, ms. */
const longestAskingMs = 300_000

/**
 * What is written for a call that is tried again later, or asked about. After two minutes it is given up, but not before it was asked about
 * each of its transfers. Asking is cheap while a transfer is open; a further transfer may take the time of others, so it begins later each time.
 * @param call as it was before; its `transferId` is the transfer that was asked about
 * @param since when that was decided for the first time, epoch ms
 * @param now epoch ms
 */
export function tryLater(
  { kind, problem, afterMs }: Extract<Judgment, { problem: Problem }>,
  call: Pick<BulkCallRecord, 'transferId'>,
  since: number,
  now: number,
): Pick<BulkCallRecord, 'state' | 'nextAt' | 'code' | 'message'> & Partial<BulkCallRecord> {
  const { code, message } = problem
  const elapsedMs = now - since
  const isOver = elapsedMs >= giveUpAfterMs
  if (kind !== 'askLater') return { state: isOver ? 'left' : 'pending', nextAt: isOver ? 0 : now + afterMs, code, message }
  const transferId = problem.extensions.transferId ?? null
  const wasAskedAbout = transferId === call.transferId
  const isGivenUp = elapsedMs >= longestAskingMs || (isOver && wasAskedAbout)
  const pauseMs = wasAskedAbout ? afterMs : Math.max(afterMs, elapsedMs)
  return { state: 'unknown', nextAt: isGivenUp ? 0 : now + pauseMs, code, message, transferId }
}
