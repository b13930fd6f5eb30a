/** Stage 3, execution: moves the call by one command that is sent once (docs/architecture.md#exactly-once). */
import type { CallOptions, CommandReceipt } from '../../genesys/client.ts'
import { GenesysError, type GenesysReason } from '../../genesys/http/errors.ts'
import type { Lease } from '../../ledger/contract/lease.ts'
import { Problem, type RefusalCode } from '../../model/problems.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import { platformProblem } from '../platform-problem.ts'
import { callOptions, logFields, type Platform, type StageContext } from '../stage-context.ts'
import { readConversation, requireTransferable } from './validation.ts'

/** The command was sent, and it is not known whether the platform acted on it. */
export class UnknownOutcome extends Error {
  readonly correlationId: string | undefined
  constructor(cause: GenesysError) {
    super(cause.message)
    this.name = 'UnknownOutcome'
    this.correlationId = cause.correlationId
  }
}

/** How often a command is sent that the platform provably did not act on: after 429, and after 409 (docs/architecture.md#life-of-a-request). */
const maxThrottledTries = 3
const maxConflictTries = 2

/** What a command needs: the platform, the conversation, and the participant to replace. */
type CommandArgs = [genesys: Platform, conversationId: string, holderId: string, options: CallOptions]

const commands: ByTargetType<Promise<CommandReceipt>, CommandArgs> = {
  queue: ({ queueId }, genesys, conversationId, holderId, options) => genesys.replaceWithQueue(conversationId, holderId, queueId, options),
  skill: ({ queueId }, genesys, conversationId, holderId, options) => genesys.replaceWithQueue(conversationId, holderId, queueId, options),
  agent: ({ userId }, genesys, conversationId, holderId, options) => genesys.replaceWithAgent(conversationId, holderId, userId, options),
  number: ({ address }, genesys, conversationId, holderId, options) => genesys.transferToNumber(conversationId, holderId, address, options),
}

/**
 * Writes the request's context to the customer's attributes, before the call moves.
 * @returns false if that failed: the call is moved all the same, because a caller left behind is worse
 */
export async function writeContext(record: TransferRecord, customerId: string, context: StageContext): Promise<boolean> {
  try {
    await context.genesys.setAttributes(record.conversationId, customerId, record.context, callOptions(context, 'command'))
    return true
  } catch (error) {
    context.log.warn({ ...logFields(record), stage: 'execution', reason: (error as Error).message }, 'context could not be written')
    return false
  }
}

/** Reads the conversation again after the command was refused. @throws Problem if the call has ended or has another holder */
async function requireSameHolder(record: TransferRecord, holderId: string, context: StageContext): Promise<void> {
  const { holder } = requireTransferable(await readConversation(record, context, 'execution'), 'execution')
  if (holder.id !== holderId)
    throw new Problem('GENESYS_CONFLICT', 'Another participant took over the call while it was being transferred.', { stage: 'execution' })
}

/** Refusals that the conversation explains better than the platform's answer does. */
const unexplainedReasons: ReadonlySet<GenesysReason> = new Set(['rejected', 'not_found', 'conflict'])
/** What the conversation can say against the command. */
const explanations: ReadonlySet<RefusalCode> = new Set([
  'CONVERSATION_ENDED',
  'CONVERSATION_NOT_TRANSFERABLE',
  'CONVERSATION_NOT_FOUND',
  'GENESYS_CONFLICT',
])

/** The refusal to answer with when the platform has refused the command. */
async function explainRefusal(record: TransferRecord, holderId: string, error: GenesysError, context: StageContext): Promise<unknown> {
  if (error.platformCode?.endsWith('queue.not.found'))
    return new Problem('TARGET_NOT_FOUND', 'The platform has no such queue.', { stage: 'execution', platformCode: error.platformCode })
  const problem = platformProblem(error, 'execution')
  if (!unexplainedReasons.has(error.reason)) return problem
  try {
    await requireSameHolder(record, holderId, context)
  } catch (explanation) {
    if (explanation instanceof Problem && explanations.has(explanation.code)) return explanation
  }
  return problem
}

/**
 * Sends the command of a transfer that is `executing` in the ledger. Nothing is sent under a lease that has expired, because another
 * node may own the transfer by then.
 * @param wait pauses for so many ms
 * @throws Problem for a definite refusal: nothing was done; UnknownOutcome if the platform may have acted
 */
export async function execution(
  record: TransferRecord,
  context: StageContext,
  wait: (ms: number) => Promise<void>,
  lease: Lease,
): Promise<CommandReceipt> {
  const { holderId } = snapshotOf(record)
  const target = resolvedTargetOf(record)
  const options: CallOptions = { ...callOptions(context, 'command'), canSend: () => lease.isValid() }
  const hasTimeFor = (ms: number): boolean => context.clock() + ms < context.deadline
  let throttledTries = 0
  let conflictTries = 0
  for (;;) {
    try {
      // One command at a time: the next one is only sent after proof that this one did nothing.
      return await callByType(commands, target, context.genesys, record.conversationId, holderId, options)
    } catch (error) {
      if (!(error instanceof GenesysError)) throw error
      if (error.effect === 'unknown') throw new UnknownOutcome(error)
      const isConflict = error.reason === 'conflict'
      const pauseMs = isConflict ? context.rules.conflictPauseMs : (error.retryAfterMs ?? 1_000)
      const canRetry = isConflict
        ? ++conflictTries < maxConflictTries
        : error.reason === 'rate_limited' && ++throttledTries < maxThrottledTries
      if (!canRetry || !hasTimeFor(pauseMs)) throw await explainRefusal(record, holderId, error, context)
      context.log.warn({ ...logFields(record), stage: 'execution', outcome: error.reason, pauseMs }, 'the platform postponed the command')
      await wait(pauseMs)
      if (isConflict) await requireSameHolder(record, holderId, context)
    }
  }
}
