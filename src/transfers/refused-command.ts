/** What happens when the platform refuses a command, by 409, 429 or another 4xx: the command is sent again, or the refusal is explained. */
import type { GenesysError, GenesysReason } from '../genesys/http/errors.ts'
import { isLaterHop } from '../model/hop.ts'
import { Problem, type RefusalCode } from '../model/problems.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { platformProblem } from './platform-problem.ts'
import { logFields, type StageContext } from './stage-context.ts'

/** How often a command that is refused for this reason is sent in total (docs/architecture.md#life-of-a-request). Others are sent once. */
const maxTriesByReason: Readonly<Partial<Record<GenesysReason, number>>> = { rate_limited: 3, conflict: 2 }
/** The pause if the platform names none. */
const defaultPauseMs = 1_000

/** Refusals for which the conversation is read again, because it may show the cause better than the platform's answer does. */
const reasonsToExplain: ReadonlySet<GenesysReason> = new Set(['rejected', 'not_found', 'conflict'])
/** The causes that the conversation can show. */
const explainingCodes: ReadonlySet<RefusalCode> = new Set([
  'CONVERSATION_ENDED',
  'CONVERSATION_NOT_TRANSFERABLE',
  'CONVERSATION_NOT_FOUND',
  'GENESYS_CONFLICT',
])

/** The Problem that the caller gets when the platform has refused the command. */
async function explainRefusal(error: GenesysError, requireSameHolder: () => Promise<void>): Promise<unknown> {
  if (error.platformCode?.endsWith('queue.not.found'))
    return new Problem('TARGET_NOT_FOUND', 'The platform has no such queue.', { stage: 'execution', platformCode: error.platformCode })
  const problem = platformProblem(error, 'execution')
  if (!reasonsToExplain.has(error.reason)) return problem
  try {
    await requireSameHolder()
  } catch (explanation) {
    if (explanation instanceof Problem && explainingCodes.has(explanation.code)) return explanation
  }
  return problem
}

/**
 * Handles the refusals of one transfer's command.
 * @param wait resolves after `ms`
 * @param requireSameHolder reads the conversation again; throws Problem if the call has ended or has another holder
 */
export function createRefusalHandler(
  record: TransferRecord,
  context: StageContext,
  wait: (ms: number) => Promise<void>,
  requireSameHolder: () => Promise<void>,
) {
  const tries = new Map<GenesysReason, number>()
  return {
    /**
     * Waits until the refused command may be sent again. After a conflict, and while the call waits in a queue, the conversation is then read
     * again, and must still have the same holder.
     * @throws Problem if the command may not be sent again, or if the pause would end after the deadline
     */
    async waitForRetry(error: GenesysError): Promise<void> {
      const { reason } = error
      const triesSoFar = (tries.get(reason) ?? 0) + 1
      tries.set(reason, triesSoFar)
      const isConflict = reason === 'conflict'
      const pauseMs = isConflict ? context.rules.conflictPauseMs : (error.retryAfterMs ?? defaultPauseMs)
      const canRetry = triesSoFar < (maxTriesByReason[reason] ?? 1)
      if (!canRetry || context.clock() + pauseMs >= context.deadline) throw await explainRefusal(error, requireSameHolder)
      context.log.warn(
        { ...logFields(record), stage: 'execution', outcome: reason, pauseMs },
        'the platform refused the command; it may be sent again after a pause',
      )
      await wait(pauseMs)
      // While a call waits in a queue it can be picked up at any moment.
      if (isConflict || isLaterHop(record)) await requireSameHolder()
    },
  }
}
