/**
 * Stage 3, execution: sends the command that moves the call or creates a callback, and sends it again only after a refusal
 * (docs/architecture.md#exactly-once).
 */
import { callbackAttribute } from '../../conversations/callback.ts'
import type { Conversation, Participant } from '../../conversations/conversation.ts'
import { findReplaceableQueue } from '../../conversations/replaceable-queue.ts'
import { findCallerHangup, hasMovedSince } from '../../conversations/snapshot.ts'
import type { CallOptions, CommandReceipt } from '../../genesys/client.ts'
import { GenesysError } from '../../genesys/http/errors.ts'
import type { Lease } from '../../ledger/contract/lease.ts'
import { isLaterHop } from '../../model/hop.ts'
import { isE164 } from '../../model/formats/patterns.ts'
import { Problem } from '../../model/problems.ts'
import { callByType, type ByTargetType } from '../../model/target.ts'
import { resolvedTargetOf, snapshotOf, type TransferRecord } from '../../model/transfer.ts'
import { isCallback, upcomingTime } from '../hops/callback.ts'
import { needsNoCommand, returnToEarlierHop } from '../hops/hop-changes.ts'
import { destinationOf, progressOf } from '../hops/observe.ts'
import { createRefusalHandler } from '../refused-command.ts'
import { callOptions, laneFor, type Platform, type StageContext } from '../stage-context.ts'
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

/** What a command needs besides its target; `now` in epoch ms. */
type CommandArgs = [genesys: Platform, record: TransferRecord, options: CallOptions, now: number]

/** Id of the participant that the command replaces. */
const holderOf = (record: TransferRecord): string => snapshotOf(record).holderId

const commands: ByTargetType<Promise<CommandReceipt>, CommandArgs> = {
  queue: ({ queueId }, genesys, record, options) => genesys.replaceWithQueue(record.conversationId, holderOf(record), queueId, options),
  skill: ({ queueId }, genesys, record, options) => genesys.replaceWithQueue(record.conversationId, holderOf(record), queueId, options),
  agent: ({ userId }, genesys, record, options) => genesys.replaceWithAgent(record.conversationId, holderOf(record), userId, options),
  number: ({ address }, genesys, record, options) => genesys.transferToNumber(record.conversationId, holderOf(record), address, options),
  async callback({ queueId, skillIds, callbackNumber = '', scheduledAt: requestedAt }, genesys, record, options, now) {
    // The number may have been erased since the request.
    if (!isE164(callbackNumber)) throw new Problem('GENESYS_REJECTED', 'The number to call back is not known.', { stage: 'execution' })
    const { id, conversationId, customerId, priority } = record
    if (customerId === null) throw new Error(`transfer ${id} does not say whom to call back`)
    const scheduledAt = upcomingTime(requestedAt, now)
    const callback = { queueId, skillIds, priority, number: callbackNumber, ...(scheduledAt !== undefined && { scheduledAt }) }
    return genesys.createCallback(conversationId, customerId, { ...callback, data: { [callbackAttribute]: id } }, options)
  },
}

/** Reads the conversation again after the command was refused. @throws Problem if the call has ended or has another holder */
async function requireSameHolder(record: TransferRecord, context: StageContext): Promise<void> {
  const conversation = await readConversation(record, context, 'execution', laneFor(record, 'read'))
  if (isCallback(record)) return requireUnmovedCall(record, conversation)
  const holder = isLaterHop(record)
    ? findWaitingHolder(record, conversation, context.clock())
    : requireTransferable(conversation, 'execution').holder
  if (holder?.id !== holderOf(record))
    throw new Problem('GENESYS_CONFLICT', 'Another participant took over the call while it was being transferred.', { stage: 'execution' })
}

/**
 * Requires that the caller of a callback has not hung up, and that the call has not moved on: whoever has it now looks after the caller.
 * @throws Problem CONVERSATION_ENDED, GENESYS_CONFLICT
 */
function requireUnmovedCall(record: TransferRecord, conversation: Conversation): void {
  if (findCallerHangup(conversation, snapshotOf(record)))
    throw new Problem('CONVERSATION_ENDED', 'The conversation is over: the caller has hung up.', { stage: 'execution' })
  if (hasMovedSince(conversation, snapshotOf(record)))
    throw new Problem('GENESYS_CONFLICT', 'Another participant took over the call before the callback was created.', { stage: 'execution' })
}

/** The queue's participant from which the call is to move on; undefined if the call no longer waits there. @param now epoch ms */
function findWaitingHolder(record: TransferRecord, conversation: Conversation, now: number): Participant | undefined {
  const atEarlierHop = { ...record, ...returnToEarlierHop(record, now) }
  const { status } = progressOf(atEarlierHop, conversation)
  return status === 'waiting' || status === 'ringing'
    ? findReplaceableQueue(conversation, snapshotOf(atEarlierHop), destinationOf(atEarlierHop))
    : undefined
}

/**
 * Sends the command of a transfer that is `executing` in the ledger. Nothing is sent under a lease that has expired, because another
 * node may own the transfer by then.
 * @param wait resolves after `ms`
 * @returns the platform's receipt; an empty one, without a command, if the call is in the target queue already
 * @throws Problem for a definite refusal: nothing was done; UnknownOutcome if the platform may have acted
 */
export async function execution(
  record: TransferRecord,
  context: StageContext,
  wait: (ms: number) => Promise<void>,
  lease: Lease,
): Promise<CommandReceipt> {
  if (needsNoCommand(record)) return {}
  const target = resolvedTargetOf(record)
  const options: CallOptions = { ...callOptions(context, laneFor(record, 'command')), canSend: () => lease.isValid() }
  const refusalHandler = createRefusalHandler(record, context, wait, () => requireSameHolder(record, context))
  for (;;) {
    try {
      // One command at a time: the next one is only sent after proof that this one did nothing.
      return await callByType(commands, target, context.genesys, record, options, context.clock())
    } catch (error) {
      if (!(error instanceof GenesysError)) throw error
      if (error.effect === 'unknown') throw new UnknownOutcome(error)
      await refusalHandler.waitForRetry(error)
    }
  }
}
