/** Stage 1, validation: is this conversation there, may it be moved now, and has it not been moved too often or here before? */
import { originOf } from '../../conversations/participants.ts'
import { parseConversation, UnreadableConversation, type Participant, type Conversation } from '../../conversations/conversation.ts'
import { snapshotOf, type Snapshot } from '../../conversations/snapshot.ts'
import { transferable } from '../../conversations/transferable.ts'
import { Problem, type Stage } from '../../model/problems.ts'
import { normalizeTarget } from '../request/normalize-request.ts'
import { callOptions, type StageContext } from '../stage-context.ts'
import { longerHistory, guardDepth, guardLoop, placeOf, type TransferHistory } from '../loop-guard.ts'
import { platformProblem } from '../platform-problem.ts'
import type { TransferRecord } from '../../model/transfer.ts'

export interface Validated {
  picture: Conversation
  holder: Participant
  customer: Participant
  snapshot: Snapshot
  /** Where the conversation was, the place it is taken from included. */
  travels: TransferHistory
}

const travelsOf = (record: TransferRecord): TransferHistory => ({ depth: record.transferDepth - 1, path: record.transferPath })

function guard(record: TransferRecord, travels: TransferHistory, { rules }: StageContext): void {
  guardDepth(travels, rules.maxDepth)
  guardLoop(travels, placeOf(normalizeTarget(record.target, rules), rules.loopSecret))
}

/** What the ledger alone can tell, before anybody is asked. @throws Problem DEPTH_LIMIT_REACHED, LOOP_DETECTED */
export const guardFromLedger = (record: TransferRecord, line: StageContext): void => guard(record, travelsOf(record), line)

/**
 * Reads a conversation as it is now.
 * @throws Problem CONVERSATION_NOT_FOUND, or what the platform's failure means
 */
export async function look(
  record: TransferRecord,
  line: StageContext,
  stage: Stage,
  lane: 'read' | 'watch' = 'read',
): Promise<Conversation> {
  try {
    return parseConversation(await line.genesys.conversation(record.conversationId, callOptions(line, lane)))
  } catch (error) {
    if (error instanceof UnreadableConversation)
      throw new Problem('GENESYS_UNAVAILABLE', `The platform answered something that is no conversation: ${error.message}.`, { stage })
    throw platformProblem(error, stage, {
      code: 'CONVERSATION_NOT_FOUND',
      detail: `The platform knows no conversation ${record.conversationId}.`,
    })
  }
}

/** The holder and the customer of a conversation that may be moved. @throws Problem CONVERSATION_ENDED, CONVERSATION_NOT_TRANSFERABLE */
export function holderIn(picture: Conversation, stage: Stage): { holder: Participant; customer: Participant } {
  const judged = transferable(picture)
  if (judged.transferable) return judged
  if (judged.ended) throw new Problem('CONVERSATION_ENDED', `The conversation is over: ${judged.saw}.`, { stage })
  throw new Problem('CONVERSATION_NOT_TRANSFERABLE', `The conversation cannot be transferred now: ${judged.saw}.`, {
    stage,
    retryAfterSeconds: 1,
  })
}

/**
 * @returns who holds the call, and the snapshot that its transfer is judged against
 * @throws Problem of the validation stage
 */
export async function validation(record: TransferRecord, line: StageContext): Promise<Validated> {
  const picture = await look(record, line, 'validation')
  const { holder, customer } = holderIn(picture, 'validation')
  const travels = longerHistory(travelsOf(record), record.conversationId, customer.attributes, line.rules.loopSecret)
  guard(record, travels, line)
  // Where the call was first taken from counts as visited once it has left: queue A → B → A is a loop.
  const origin = originOf(holder).map((place) => (place.type === 'queue' ? `queue:${place.queueId}` : `agent:${place.userId}`))
  const path = travels.path.length > 0 ? travels.path : origin
  return { picture, holder, customer, snapshot: snapshotOf(picture, holder, line.clock()), travels: { depth: travels.depth, path } }
}
