/**
 * What a flat answer contains: every field in every answer, because a data action can handle neither nesting nor null nor an HTTP status
 * (docs/architecture.md#routes). A refusal is an answer too.
 */
import type { Static } from 'typebox'
import { Type } from '../model/json-schema.ts'
import { findEarliestOpening, type Considered } from '../model/considered.ts'
import { codes, type Problem } from '../model/problems.ts'
import { targetTypes } from '../model/target-schema.ts'
import { states, type State } from '../model/states.ts'
import { asTransfer, type DryRun, type Transfer, type TransferRecord } from '../model/transfer.ts'
import { findRefusal } from '../transfers/request/outcome.ts'
import { withFlatFields } from './flat-fields.ts'

export const FlatAnswerSchema = Type.Object(
  {
    ok: Type.Boolean({
      description:
        'true: the call is moving or has moved, or a callback was created, or (decide, dryRun) the target in this answer can take the call; false: code says why not',
    }),
    transferId: Type.String({ description: 'Id of the transfer, or of the one that stands in the way; empty where there is none' }),
    state: Type.Enum([...states, ''], {
      type: 'string',
      description: 'State of the transfer; empty where nothing of the request was recorded',
    }),
    code: Type.Enum([...codes, ''], {
      type: 'string',
      description: 'Reason for ok or state, from a closed list; empty where there is none',
    }),
    message: Type.String({ description: 'The reason in words, for people; where there is none: what Handoff warns of' }),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later' }),
    retryAfterSeconds: Type.Integer({
      minimum: 0,
      description: 'Seconds until the same request may be sent again; 0 where that is not known',
    }),
    targetType: Type.Enum([...targetTypes, ''], {
      type: 'string',
      description: 'Where the call goes; callback: it stays, and the caller is called back',
    }),
    queueId: Type.String({ description: 'The queue that the call goes to, or whose agents call back' }),
    userId: Type.String({ description: 'The agent who picked up, else the one that the call goes to' }),
    address: Type.String({ description: 'The number that the call goes to, or that is called back' }),
    skillIds: Type.Array(Type.String(), { description: 'Skills that the agent must have' }),
    priority: Type.Integer({ description: 'Priority of the call in the queue' }),
    transferDepth: Type.Integer({
      description: 'Number of this transfer among the transfers of its conversation, starting at 1; 0 where there is no transfer',
    }),
    usedFallback: Type.Boolean({ description: 'Whether the call goes to a fallback' }),
    estimatedWaitSeconds: Type.Integer({
      minimum: -1,
      description: "The platform's estimated wait in the queue that the call goes to; -1 where it was not asked for, or there is none",
    }),
    opensAt: Type.String({ description: 'When the first closed target or fallback opens (ISO 8601, UTC); empty where that is not known' }),
    callbackCreated: Type.Boolean({ description: 'Whether a callback was created: the call stays, and the flow says goodbye' }),
  },
  { $id: 'ArchitectAnswer', description: 'Flat; "", 0, -1, false and [] instead of null' },
)
export type FlatAnswer = Static<typeof FlatAnswerSchema>

/** Size limit of a message as JSON, in bytes. It keeps an answer below 4 KB (docs/genesys-cloud.md rule 85). */
const maxMessageBytes = 1_500

/** Cuts a message that is too long, between two characters, and marks the cut. */
function shorten(message: string): string {
  if (Buffer.byteLength(JSON.stringify(message)) <= maxMessageBytes) return message
  let kept = ''
  const quoteBytes = 2
  // The mark at the end takes six bytes if a JSON encoder writes it as \u2026.
  let bytes = quoteBytes + 6
  for (const character of message) {
    bytes += Buffer.byteLength(JSON.stringify(character)) - quoteBytes
    if (bytes > maxMessageBytes) break
    kept += character
  }
  return `${kept}…`
}

/** Whether a call in this state is where it should be, or on its way. A flow that reads false takes care of the call itself. */
const isOk: Readonly<Record<State, boolean>> = {
  accepted: true,
  executing: true,
  decided: true,
  initiated: true,
  picked_up: true,
  // No agent picked up in time, but the call was moved and may still be waiting there.
  timeout: true,
  abandoned: false,
  failed: false,
  superseded: false,
  // The caller is called back: the flow says goodbye.
  callback_created: true,
  rejected: false,
  indeterminate: false,
}

/** A dry run has no id, and an answer that version 0.1.0 stored does not say what was considered. */
type AnsweredTransfer = Omit<DryRun, 'considered'> & Partial<Pick<Transfer, 'id' | 'considered'>>

/** The answer for a transfer in its present state. */
export function toFlatAnswer(transfer: AnsweredTransfer): FlatAnswer {
  const { resolvedTarget: target, state, considered = [] } = transfer
  return {
    ok: isOk[state],
    transferId: transfer.id ?? '',
    state,
    code: transfer.code ?? '',
    message: shorten(transfer.message ?? findTaken(considered)?.warnings.join('; ') ?? ''),
    retryable: false,
    retryAfterSeconds: 0,
    targetType: target?.type ?? '',
    queueId: target?.queueId ?? '',
    userId: transfer.agentUserId ?? target?.userId ?? '',
    address: target?.address ?? '',
    skillIds: target?.skillIds ?? [],
    priority: target?.priority ?? transfer.priority,
    transferDepth: transfer.transferDepth,
    usedFallback: target?.usedFallback ?? false,
    estimatedWaitSeconds: findTaken(considered)?.estimatedWaitSeconds ?? unknownWait,
    opensAt: findEarliestOpening(considered) ?? '',
    callbackCreated: state === 'callback_created',
  }
}

/** Zero is a wait, too. */
const unknownWait = -1
const findTaken = (considered: readonly Considered[]): Considered | undefined => considered.find(({ taken }) => taken)

const emptyAnswer: FlatAnswer = {
  ok: false,
  transferId: '',
  state: '',
  code: '',
  message: '',
  retryable: false,
  retryAfterSeconds: 0,
  targetType: '',
  queueId: '',
  userId: '',
  address: '',
  skillIds: [],
  priority: 0,
  transferDepth: 0,
  usedFallback: false,
  estimatedWaitSeconds: unknownWait,
  opensAt: '',
  callbackCreated: false,
}

/**
 * The answer for a refusal.
 * @param record the transfer that was refused, when there is one. A transfer whose command is being executed is not a failure, although
 *   its outcome is not known yet: the pipeline goes on with it.
 */
export function toFlatRefusal(problem: Problem, record?: TransferRecord): FlatAnswer {
  const isStillExecuting = problem.code === 'OUTCOME_UNKNOWN' && record?.state === 'executing'
  const recorded = record ? toFlatAnswer(asTransfer(record)) : emptyAnswer
  return {
    ...recorded,
    ok: isStillExecuting,
    transferId: record?.id ?? problem.extensions.transferId ?? '',
    code: problem.code,
    message: shorten(withFlatFields(problem.message)),
    retryable: problem.retryable,
    // The problem itself says what was considered if there is no record: a dry run has none, and others may not be written yet.
    opensAt: problem.extensions.opensAt ?? findEarliestOpening(problem.extensions.considered ?? []) ?? recorded.opensAt,
    retryAfterSeconds: problem.retryable ? Math.ceil(problem.retryAfterSeconds ?? 0) : 0,
  }
}

/**
 * The answer for a transfer that is read after its request. If the request was refused, that refusal is the answer again. So is the refusal
 * of a transfer that is still `accepted` at its deadline, because its command will not be sent any more, however late its node is.
 * @param readingNode the node that reads, and its time (epoch ms). The deadline is by the clock of the transfer's owner, so only the owner
 *   can tell that it has passed.
 */
export function currentAnswer(record: TransferRecord, readingNode: { nodeId: string; now: number }): FlatAnswer {
  const { state, owner, deadlineAt } = record
  const hasExpired = state === 'accepted' && owner === readingNode.nodeId && readingNode.now >= deadlineAt
  const refusal = hasExpired || state === 'rejected' || state === 'failed' ? findRefusal(record) : undefined
  return refusal ? toFlatRefusal(refusal, record) : toFlatAnswer(asTransfer(record))
}
