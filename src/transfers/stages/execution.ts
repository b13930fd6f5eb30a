/** Stage 3, execution: moves the call by a command, which is sent again only after a refusal (docs/architecture.md#exactly-once). */
import type { CallOptions, CommandReceipt } from '../../genesys/client.ts'
import { GenesysError } from '../../genesys/http/errors.ts'
import type { Lease } from '../../ledger/contract/lease.ts'
import { Problem } from '../../model/problems.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import { createRefusalHandler } from '../refused-command.ts'
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
  const refusalHandler = createRefusalHandler(record, context, wait, () => requireSameHolder(record, holderId, context))
  for (;;) {
    try {
      // One command at a time: the next one is only sent after proof that this one did nothing.
      return await callByType(commands, target, context.genesys, record.conversationId, holderId, options)
    } catch (error) {
      if (!(error instanceof GenesysError)) throw error
      if (error.effect === 'unknown') throw new UnknownOutcome(error)
      await refusalHandler.waitForRetry(error)
    }
  }
}
