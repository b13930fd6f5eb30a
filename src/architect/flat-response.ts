/** The flat twin of a request and of its answer, for callers that know no nesting, no null and no status: Architect's data actions (design §2). */
import Type, { type Static } from 'typebox'
import { codes, type Problem } from '../model/problems.ts'
import { states, type State } from '../model/states.ts'
import { refusalIn } from '../transfers/request/stored-response.ts'
import { asTransfer, type Transfer, type TransferRecord } from '../model/transfer.ts'

/** Absent, null and "" mean "not given" (architect-and-peers §1.10 rule 5). */
const said = (description: string, ...type: string[]) => Type.Optional(Type.Unsafe<unknown>({ type: [...type, 'null'], description }))

/** What may be asked. Every type that a flow may send is let in and read afterwards: what does not fit is a business answer too. */
export const FlatRequestSchema = Type.Object(
  {
    conversationId: said('The conversation to transfer', 'string'),
    targetType: said('agent, queue, skill or number', 'string'),
    targetId: said("The agent's, queue's or skill's id, or the number in E.164 form", 'string'),
    skillId: said('A skill: the target, where targetId is not given, or what the agent of a queue must have', 'string'),
    queueId: said("The queue: the target, where targetId is not given, or the queue of a skill; absent: Handoff's default queue", 'string'),
    priority: said('Place in the queue: one point is worth one minute of waiting', 'integer', 'string'),
    fallbackQueueId: said('Queue to use when nobody is available at the target', 'string'),
    mode: said('execute (default) moves the call; decide answers where it should go; dryRun changes nothing', 'string'),
    idempotencyKey: said('1 to 255 visible ASCII characters: the same key is the same transfer', 'string'),
  },
  {
    $id: 'ArchitectRequest',
    description: 'Flat; absent, null and "" mean not given, numeric strings are numbers, fields that are not known are left aside',
    examples: [
      {
        conversationId: 'ca110000-0000-4000-8000-000000000001',
        targetType: 'skill',
        targetId: '5a1e0000-0000-4000-8000-000000000001',
        queueId: '9e0e0000-0000-4000-8000-000000000001',
        priority: 10,
        fallbackQueueId: '9e0e0000-0000-4000-8000-000000000002',
        mode: 'execute',
      },
    ],
  },
)
export type FlatField = keyof typeof FlatRequestSchema.properties

/** What is answered: every field, always. */
export const FlatAnswerSchema = Type.Object(
  {
    ok: Type.Boolean({
      description: 'true: the call is moving or has moved, or (decide) should go where this says; false: code says why not',
    }),
    transferId: Type.String({ description: 'The transfer, or the one that stands in the way' }),
    state: Type.Enum([...states, ''], { type: 'string', description: 'Its state; empty where nothing of the request was recorded' }),
    code: Type.Enum([...codes, ''], { type: 'string', description: 'Why, of a closed list; empty where there is nothing to say' }),
    message: Type.String({ description: 'The same in words, for people' }),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later' }),
    retryAfterSeconds: Type.Integer({ minimum: 0, description: 'When to ask again; 0 where that is not known' }),
    queueId: Type.String({ description: 'The queue that the call goes to' }),
    userId: Type.String({ description: 'The agent who picked up, else the one that the call goes to' }),
    skillIds: Type.Array(Type.String(), { description: 'Skills that the agent must have' }),
    priority: Type.Integer({ description: 'Priority of the call in the queue' }),
    transferDepth: Type.Integer({ description: 'The how-manieth transfer of this conversation it is' }),
    usedFallback: Type.Boolean({ description: 'Whether the call goes to a fallback' }),
  },
  { $id: 'ArchitectAnswer', description: 'Flat; "", 0, false and [] instead of null' },
)
export type FlatAnswer = Static<typeof FlatAnswerSchema>

/** Bytes of JSON that a message may take, so that an answer stays under 4 KB (architect-and-peers §1.6). */
const mostMessageBytes = 1_500
function cut(message: string): string {
  if (Buffer.byteLength(JSON.stringify(message)) <= mostMessageBytes) return message
  let kept = ''
  let bytes = 8
  for (const letter of message) {
    bytes += Buffer.byteLength(JSON.stringify(letter)) - 2
    if (bytes > mostMessageBytes) break
    kept += letter
  }
  return `${kept}…`
}

/** Whether the call is where it should be, or on its way; a flow that is told false takes care of the call itself. */
const wentWell: Readonly<Record<State, boolean>> = {
  accepted: true,
  executing: true,
  decided: true,
  initiated: true,
  picked_up: true,
  // Nobody picked up in time, but the call was moved and may still be waiting there.
  timeout: true,
  abandoned: false,
  failed: false,
  superseded: false,
  rejected: false,
  indeterminate: false,
}

/** A transfer as it is; a dry run has no id. */
export function answerOf({ id, ...transfer }: Omit<Transfer, 'id'> & { id?: string }): FlatAnswer {
  const { resolvedTarget: place, state } = transfer
  return {
    ok: wentWell[state],
    transferId: id ?? '',
    state,
    code: transfer.code ?? '',
    message: cut(transfer.message ?? ''),
    retryable: false,
    retryAfterSeconds: 0,
    queueId: place?.queueId ?? '',
    userId: transfer.agentUserId ?? place?.userId ?? '',
    skillIds: place?.skillIds ?? [],
    priority: place?.priority ?? transfer.priority,
    transferDepth: transfer.transferDepth,
    usedFallback: place?.usedFallback ?? false,
  }
}

const nothing: FlatAnswer = {
  ok: false,
  transferId: '',
  state: '',
  code: '',
  message: '',
  retryable: false,
  retryAfterSeconds: 0,
  queueId: '',
  userId: '',
  skillIds: [],
  priority: 0,
  transferDepth: 0,
  usedFallback: false,
}

/**
 * A refusal.
 * @param record the transfer that was refused, where there is one. Of one whose command is under way it is only not known yet
 *   what came of it: that is no failure, and the work goes on.
 */
export function refusalOf(problem: Problem, record?: TransferRecord): FlatAnswer {
  const underWay = problem.code === 'OUTCOME_UNKNOWN' && record?.state === 'executing'
  return {
    ...(record ? answerOf(record) : nothing),
    ok: underWay,
    transferId: record?.id ?? problem.particulars.transferId ?? '',
    code: problem.code,
    message: cut(problem.message),
    retryable: problem.retryable,
    retryAfterSeconds: problem.retryable ? Math.ceil(problem.retryAfterSeconds ?? 0) : 0,
  }
}

/**
 * A transfer as it is now, for one who asks later: a refusal says the same again.
 * One that is still `accepted` at its deadline will not be sent any more, whatever its node is held up by.
 * @param here who looks, and when (epoch ms): a deadline is by the clock of the node that carries the transfer
 */
export function currentAnswer(record: TransferRecord, here: { node: string; now: number }): FlatAnswer {
  const { state, owner, deadlineAt } = record
  const over = state === 'accepted' && owner === here.node && here.now >= deadlineAt
  const refused = over || state === 'rejected' || state === 'failed' ? refusalIn(record) : undefined
  return refused ? refusalOf(refused, record) : answerOf(asTransfer(record))
}
