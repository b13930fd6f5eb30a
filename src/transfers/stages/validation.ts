/**
 * Stage 1, validation: checks that the conversation exists, that its call can be moved now, and that it was not moved too often or to this
 * target before.
 */
import { hasWaitingCallback } from '../../conversations/callback.ts'
import { parseConversation, type Conversation, type Participant } from '../../conversations/conversation.ts'
import { findOrigins } from '../../conversations/participants.ts'
import { takeSnapshot } from '../../conversations/snapshot.ts'
import { checkTransferable } from '../../conversations/transferable.ts'
import { UnreadableJson } from '../../model/json-fields.ts'
import { Problem, type Stage } from '../../model/problems.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { checkDepth, checkLoop, isCallbackPlace, longerHistory, type TransferHistory } from '../loop-guard.ts'
import type { Candidate } from '../request/candidates.ts'
import { platformProblem } from '../platform-problem.ts'
import { callOptions, laneFor, type StageContext } from '../stage-context.ts'

export interface Validated {
  conversation: Conversation
  /** Who has the call now: a transfer replaces this participant. */
  holder: Participant
  customer: Participant
  snapshot: Snapshot
  /**
   * The transfers before this one. If there were none, the path consists of the places that the call comes from: its queue, then its agent.
   */
  history: TransferHistory
}

const ledgerHistory = (record: TransferRecord): TransferHistory => ({ depth: record.transferDepth - 1, path: record.transferPath })

type Place = Pick<Candidate, 'place' | 'formerPlaces'>

function checkHistory(
  history: TransferHistory,
  { place, formerPlaces }: Place,
  maxDepth: number,
  override: TransferRecord['override'] = [],
): void {
  if (!override.includes('depth')) checkDepth(history, maxDepth)
  if (!override.includes('loop')) checkLoop(history, place, formerPlaces)
}

/**
 * Checks depth and loop by the ledger's history alone, before the platform is asked.
 * @param place the target as an entry of the transfer path
 * @throws Problem DEPTH_LIMIT_REACHED, LOOP_DETECTED
 */
export const checkLedgerHistory = (record: TransferRecord, place: Place, maxDepth: number): void =>
  checkHistory(ledgerHistory(record), place, maxDepth, record.override)

/**
 * Reads a conversation as it is now.
 * @param stage the stage that a refusal belongs to
 * @throws Problem CONVERSATION_NOT_FOUND, or the refusal for another failure of the platform
 */
export async function readConversation(
  record: TransferRecord,
  context: StageContext,
  stage: Stage,
  lane: 'read' | 'watch' | 'bulk' = 'read',
): Promise<Conversation> {
  try {
    return parseConversation(await context.genesys.conversation(record.conversationId, callOptions(context, lane)))
  } catch (error) {
    if (error instanceof UnreadableJson)
      throw new Problem('GENESYS_UNAVAILABLE', `The platform answered with something that is not a conversation: ${error.message}.`, {
        stage,
      })
    throw platformProblem(error, stage, {
      code: 'CONVERSATION_NOT_FOUND',
      detail: `The platform has no conversation ${record.conversationId}.`,
    })
  }
}

/**
 * The holder and the customer of a conversation that can be moved now.
 * @throws Problem CONVERSATION_ENDED, CONVERSATION_NOT_TRANSFERABLE
 */
export function requireTransferable(conversation: Conversation, stage: Stage): { holder: Participant; customer: Participant } {
  const result = checkTransferable(conversation)
  if (result.isTransferable) return result
  if (result.hasEnded) throw new Problem('CONVERSATION_ENDED', `The conversation is over: ${result.reason}.`, { stage })
  if (!result.canRetry)
    throw new Problem('CONVERSATION_NOT_TRANSFERABLE', `The conversation cannot be transferred: ${result.reason}.`, {
      stage,
      retryable: false,
    })
  throw new Problem('CONVERSATION_NOT_TRANSFERABLE', `The conversation cannot be transferred now: ${result.reason}.`, {
    stage,
    retryAfterSeconds: 1,
  })
}

/**
 * Leaves a call alone that a bulk transfer was to move, but that no longer waits in the queue.
 * @throws Problem CONVERSATION_NOT_TRANSFERABLE
 */
function requireStillWaiting({ bulk }: TransferRecord, { purpose, queueId }: Participant): void {
  if (!bulk || (purpose === 'acd' && queueId?.toLowerCase() === bulk.fromQueueId)) return
  throw new Problem('CONVERSATION_NOT_TRANSFERABLE', `The call no longer waits in the queue, so the bulk transfer leaves it alone.`, {
    stage: 'validation',
    retryable: false,
  })
}

/**
 * Validates a transfer that has passed `checkLedgerHistory`, or one of a bulk transfer, whose history is checked here.
 * @param target its place, an entry of the transfer path
 * @returns who has the call, and the snapshot that later reads are compared with
 * @throws Problem of the validation stage
 */
export async function validation(record: TransferRecord, target: Place, context: StageContext): Promise<Validated> {
  const { rules, clock } = context
  const { place } = target
  const conversation = await readConversation(record, context, 'validation', laneFor(record, 'read'))
  const { holder, customer } = requireTransferable(conversation, 'validation')
  if (isCallbackPlace(place) && hasWaitingCallback(conversation) && !record.override?.includes('loop'))
    throw new Problem('LOOP_DETECTED', 'This conversation has a callback already.')
  requireStillWaiting(record, holder)
  const fromLedger = ledgerHistory(record)
  const history = longerHistory(fromLedger, record.conversationId, customer.attributes, [
    rules.loopSecret,
    ...(rules.previousLoopSecrets ?? []),
  ])
  if (record.bulk || history !== fromLedger) checkHistory(history, target, rules.maxDepth, record.override)
  // The places that the call comes from count as visited: queue A → B → A is a loop.
  const origins = findOrigins(holder).map((origin) => (origin.type === 'queue' ? `queue:${origin.queueId}` : `agent:${origin.userId}`))
  const path = history.path.length > 0 ? history.path : origins
  return { conversation, holder, customer, snapshot: takeSnapshot(conversation, holder, clock()), history: { depth: history.depth, path } }
}
