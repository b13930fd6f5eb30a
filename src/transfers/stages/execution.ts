/** Stage 3, execution: the call is moved, by one command that is sent once (design §5). */
import type { Accepted, CallOptions } from '../../genesys/client.ts'
import { GenesysError } from '../../genesys/http/errors.ts'
import type { Lease } from '../../ledger/ledger.ts'
import { Problem } from '../../model/problems.ts'
import { logFields, callOptions, type StageContext } from '../stage-context.ts'
import { platformProblem } from '../platform-problem.ts'
import type { ResolvedTarget, TransferRecord } from '../../model/transfer.ts'
import { holderIn, look } from './validation.ts'

/** The command was sent and nobody knows whether the platform acted on it. */
export class UnknownOutcome extends Error {
  readonly correlationId: string | undefined
  constructor(cause: GenesysError) {
    super(cause.message)
    this.name = 'UnknownOutcome'
    this.correlationId = cause.correlationId
  }
}

/** Tries of a command that the platform proved not to have acted on: after 429, and after 409 (design §1). */
const mostThrottled = 3
const mostConflicts = 2

type Command = (
  genesys: StageContext['genesys'],
  conversationId: string,
  holderId: string,
  target: ResolvedTarget,
  options: CallOptions,
) => Promise<Accepted>
const intoQueue: Command = (genesys, conversationId, holderId, target, options) =>
  genesys.replaceWithQueue(conversationId, holderId, String(target.queueId), options)
const commands: Readonly<Record<ResolvedTarget['type'], Command>> = {
  queue: intoQueue,
  skill: intoQueue,
  agent: (genesys, conversationId, holderId, target, options) =>
    genesys.replaceWithAgent(conversationId, holderId, String(target.userId), options),
  number: (genesys, conversationId, holderId, target, options) =>
    genesys.transferToNumber(conversationId, holderId, String(target.address), options),
}

/** Context goes onto the customer before the call moves. What cannot be written is not worth a stranded caller: false. */
export async function writeContext(record: TransferRecord, customerId: string, line: StageContext): Promise<boolean> {
  try {
    await line.genesys.setAttributes(record.conversationId, customerId, record.context, callOptions(line, 'command'))
    return true
  } catch (error) {
    line.log.warn({ ...logFields(record), stage: 'execution', reason: (error as Error).message }, 'context could not be written')
    return false
  }
}

/** Reads the conversation again after a refusal: it tells more than the refusal does. @throws Problem when it ended or changed hands */
async function recheck(record: TransferRecord, holderId: string, line: StageContext): Promise<void> {
  const { holder } = holderIn(await look(record, line, 'execution'), 'execution')
  if (holder.id !== holderId)
    throw new Problem('GENESYS_CONFLICT', 'Somebody else took over the call while it was being transferred.', { stage: 'execution' })
}

/** The refusals after which a look at the conversation says what really stood in the way. */
const worthALook = ['rejected', 'not_found', 'conflict']

async function explain(record: TransferRecord, holderId: string, error: GenesysError, line: StageContext): Promise<unknown> {
  const refused = platformProblem(error, 'execution')
  if (error.platformCode?.endsWith('queue.not.found'))
    return new Problem('TARGET_NOT_FOUND', 'The platform knows no such queue.', { stage: 'execution', platformCode: error.platformCode })
  if (!worthALook.includes(error.reason)) return refused
  try {
    await recheck(record, holderId, line)
  } catch (seen) {
    if (
      seen instanceof Problem &&
      ['CONVERSATION_ENDED', 'CONVERSATION_NOT_TRANSFERABLE', 'CONVERSATION_NOT_FOUND', 'GENESYS_CONFLICT'].includes(seen.code)
    )
      return seen
  }
  return refused
}

/**
 * Sends the command of a transfer whose `executing` is committed. Nothing is sent on a lease that has run out: another node may have taken the transfer over.
 * @throws Problem for a definite refusal: nothing was done; UnknownOutcome when the platform may have acted
 */
export async function execution(
  record: TransferRecord,
  line: StageContext,
  wait: (ms: number) => Promise<void>,
  lease: Lease,
): Promise<Accepted> {
  const { conversationId, snapshot, resolvedTarget } = record
  if (!snapshot || !resolvedTarget) throw new Error('execution needs a snapshot and a resolved target')
  const fits = (ms: number): boolean => line.clock() + ms < line.deadline
  for (let throttled = 1, conflicts = 0; ;) {
    try {
      // One command at a time: the next is only sent after proof that this one did nothing.
      return await commands[resolvedTarget.type](line.genesys, conversationId, snapshot.holderId, resolvedTarget, {
        ...callOptions(line, 'command'),
        mayLeave: () => lease.holds(),
      })
    } catch (error) {
      if (!(error instanceof GenesysError)) throw error
      if (error.effect === 'unknown') throw new UnknownOutcome(error)
      const pause = error.reason === 'conflict' ? line.rules.conflictPauseMs : (error.retryAfterMs ?? 1_000)
      const again =
        error.reason === 'conflict' ? ++conflicts < mostConflicts : error.reason === 'rate_limited' && throttled++ < mostThrottled
      if (!again || !fits(pause)) throw await explain(record, snapshot.holderId, error, line)
      line.log.warn({ ...logFields(record), stage: 'execution', outcome: error.reason, pauseMs: pause }, 'the platform put the command off')
      await wait(pause)
      if (error.reason === 'conflict') await recheck(record, snapshot.holderId, line)
    }
  }
}
