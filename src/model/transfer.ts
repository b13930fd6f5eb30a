/** The transfer: the request for one, the resource that callers read, and the record that the ledger stores. Its states are in states.ts. */
import type { Static } from 'typebox'
import { Type } from './json-schema.ts'
import { overridableChecks, type Override } from './conditions.ts'
import { ConsideredSchema } from './considered.ts'
import { firstHop, HopSchema, listHops, type CurrentHop, type EarlierHop, type UpdateState } from './hop.ts'
import { attributeNamePattern, idempotencyKeyPattern } from './formats/patterns.ts'
import { codes, type Code, type ProblemExtensions } from './problems.ts'
import { idSchema, nullable, returnedSummaryFields, strict, summaryFields } from './schema-parts.ts'
import type { Snapshot } from './snapshot.ts'
import { isFinal, states } from './states.ts'
import { completeStoredTarget, parseStoredTarget, ResolvedTargetSchema, type ResolvedTarget, type StoredTarget } from './target.ts'
import { ReturnedTargetSchema, TargetSchema, type Target } from './target-schema.ts'

/** The lowest and the highest priority that a request may ask for. One point counts as one minute of waiting (docs/genesys-cloud.md rule 45). */
export const priorityLimits = { minimum: -25_000_000, maximum: 25_000_000 }
/** `execute` moves the call, `decide` says where the flow is to move it and watches the flow do so, `dryRun` only says what would be done. */
export const modes = ['execute', 'decide', 'dryRun'] as const
export type Mode = (typeof modes)[number]

/** The body of a request for a transfer. */
export const TransferRequestSchema = Type.Object(
  {
    conversationId: idSchema('The conversation to transfer'),
    target: TargetSchema,
    priority: Type.Optional(
      Type.Integer({ ...priorityLimits, description: 'Priority in the queue: one point counts as one minute of waiting' }),
    ),
    fallback: Type.Optional(
      Type.Array(TargetSchema, {
        maxItems: 5,
        description: 'Tried in order when the target cannot take the call now; then FALLBACK_QUEUE_ID',
      }),
    ),
    mode: Type.Optional(
      Type.Enum([...modes], {
        type: 'string',
        title: 'Mode',
        description: 'execute moves the call; decide answers where it should go and watches the flow do it; dryRun changes nothing',
      }),
    ),
    context: Type.Optional(
      // The pattern is in `propertyNames`, because the generator of the OpenAPI document drops the pattern of `patternProperties`.
      Type.Unsafe<Record<string, string>>({
        type: 'object',
        propertyNames: { pattern: attributeNamePattern },
        additionalProperties: { type: 'string', maxLength: 256 },
        maxProperties: 10,
        description: "Becomes the customer's participant attributes before the call moves",
      }),
    ),
    ...summaryFields,
    override: Type.Optional(
      Type.Array(Type.Enum([...overridableChecks], { type: 'string' }), {
        uniqueItems: true,
        description: 'Checks to skip, for an operator who knows better. Needs the scope transfers:override',
      }),
    ),
    idempotencyKey: Type.Optional(
      Type.String({
        pattern: idempotencyKeyPattern,
        description: 'The same as the Idempotency-Key header: 1 to 255 visible ASCII characters',
      }),
    ),
  },
  {
    ...strict,
    $id: 'TransferRequest',
  },
)
export type TransferRequest = Static<typeof TransferRequestSchema>

/** A dry run is not stored, so no transfer has this mode. The type allows it, because a dry run is made from a record, too. */
const storedMode = Type.Unsafe<Mode>({
  type: 'string',
  enum: ['execute', 'decide'] satisfies Mode[],
  description: 'Whether Handoff moves the call (execute), or the flow does (decide)',
})
const timeSchema = (description: string) => Type.String({ format: 'date-time', description })
/** The resource that callers read. */
export const TransferSchema = Type.Object(
  {
    id: Type.String({ description: 'UUID v7; the CRM and the audit trail call it actionId' }),
    conversationId: Type.String({ description: 'The conversation whose call is transferred' }),
    state: Type.Enum([...states], { type: 'string', title: 'TransferState', description: 'How far the transfer is, or how it ended' }),
    code: nullable(
      Type.Enum([...codes], {
        type: 'string',
        title: 'Code',
        description: 'Why the transfer is in this state; null if the state needs no reason',
      }),
    ),
    message: nullable(Type.String({ description: 'The reason in words, for people; null if the state needs no reason' })),
    mode: storedMode,
    target: ReturnedTargetSchema,
    resolvedTarget: Type.Unsafe<StoredTarget | null>({ ...ResolvedTargetSchema, type: ['object', 'null'] }),
    considered: Type.Array(ConsideredSchema, {
      description: 'The target and the fallbacks that were checked, in order: which one takes the call, and why the others do not',
    }),
    hops: Type.Array(HopSchema, {
      description: 'The places that the call was moved to, in order; more than one if nobody picked up in time and the call moved on',
    }),
    priority: Type.Integer({ description: 'The priority that was requested, or 0' }),
    ...returnedSummaryFields,
    transferDepth: Type.Integer({ description: 'Number of this transfer among the transfers of its conversation, starting at 1' }),
    transferPath: Type.Array(Type.String(), {
      description:
        'Targets that the conversation was at, in order; phone numbers as keyed hashes; elsewhere: a place that the key may not see',
    }),
    latencyMs: nullable(Type.Integer({ description: 'From the request until the platform accepted, ms' })),
    pickupTime: nullable(timeSchema("When the call was picked up, by the platform's clock")),
    pickupMs: nullable(Type.Integer({ description: 'From the acceptance of the first hop by the platform until the pickup, ms' })),
    agentUserId: nullable(
      Type.String({ description: 'The agent who picked up; null also if it was the number to which the calls of the agent are forwarded' }),
    ),
    callbackConversationId: nullable(
      Type.String({ description: 'The conversation that has the callback; null unless one was created, or if that is not known' }),
    ),
    bounces: Type.Integer({ description: 'Offers that were declined or not answered' }),
    requestedBy: Type.String({ description: 'Id of the API key that requested the transfer' }),
    createdAt: timeSchema('When the request was accepted'),
    updatedAt: timeSchema('When the state changed last'),
    correlationIds: Type.Array(Type.String(), { description: "The platform's inin-correlation-id of each command" }),
  },
  { $id: 'Transfer' },
)
export type Transfer = Static<typeof TransferSchema>
/** The answer to a dry run: the transfer as it would be. Nothing of it is stored, so it has no id. */
export const DryRunSchema = Type.Object(
  {
    ...Type.Omit(TransferSchema, ['id']).properties,
    mode: Type.Literal('dryRun', { description: 'Nothing was moved and nothing was stored' }),
  },
  { $id: 'DryRun' },
)
export type DryRun = Omit<Transfer, 'id'>

/** The transfer as the ledger stores it: the resource, and everything that the pipeline needs to continue after a restart. */
export interface TransferRecord extends Omit<Transfer, 'hops'> {
  code: Code | null
  fallback: Target[]
  context: Record<string, string>
  /** Epoch ms when the request arrived. */
  receivedAt: number
  /** Epoch ms until which the platform may be asked to move the call. */
  deadlineAt: number
  /** Epoch ms when the platform accepted the first hop. */
  initiatedAt: number | null
  /** The hop at which the call is, or to which it is being moved. */
  hop: CurrentHop
  /** The hops before `hop`, in order. */
  earlierHops: EarlierHop[]
  /** The conversation before the call was moved to the current hop: every later read is compared with it. */
  snapshot: Snapshot | null
  /** Id of the customer's participant, on which the attributes are set. */
  customerId: string | null
  /** Epoch ms when the last attempt to send the command began; null: there was none. */
  sentAt: number | null
  /** Number of attempts to send the command of the current hop. */
  attempt: number
  /** Whether skills and priority are on the call. */
  routing: UpdateState
  /** Whether the loop guard's attributes are on the customer's participant. Stored since version 0.1.0, so the name stays. */
  mirror: UpdateState
  /** Whether context, summary and reason are on the customer's participant. */
  attributes: UpdateState
  /** Whether the transfer has timed out and is still watched for a late pickup. Stored since version 0.1.0, so the name stays. */
  lateWatch: boolean
  /** The queues that target and fallbacks name; '' stands for a target without a queue. Absent in records of earlier versions. */
  queueIds?: string[]
  /** Queues that the requester's API key may transfer to; null: all. */
  allowedQueues: string[] | null
  /** Checks that the request skips. Absent in records of earlier versions. */
  override?: Override[]
  /** The bulk transfer that it belongs to, and the queue in which its call must still wait. Absent: it is no part of one. */
  bulk?: { id: string; fromQueueId: string }
  /** ISO 8601. Since when no command is sent for it any more, because its ledger was restored from a copy. Absent: it was not. */
  restoredAt?: string
  /** What the refusal of a rejected transfer says besides its code and message. */
  refusal: ProblemExtensions | null
  /** Trace context of the request; it is passed on to the platform. */
  traceparent: string | null
  /** Id of the node that runs the transfer. */
  owner: string
  /** Grows whenever the owner changes or the call moves on: the ledger refuses writes with an older number. */
  fence: number
}

/** Fields that version 0.1.0 did not store. */
type LaterField = 'considered' | 'callbackConversationId' | 'hop' | 'earlierHops' | 'summary' | 'reason' | 'attributes'

/** A stored record, with default values for the fields that an earlier version did not store. */
export function completeRecord(stored: Omit<TransferRecord, LaterField> & Partial<Pick<TransferRecord, LaterField>>): TransferRecord {
  const { considered = [], callbackConversationId = null, hop = firstHop, earlierHops = [], summary = null, reason = null } = stored
  const { resolvedTarget, attributes = 'done' } = stored
  const later = { considered, callbackConversationId, hop, earlierHops, summary, reason, attributes }
  return { ...stored, ...later, resolvedTarget: resolvedTarget && completeStoredTarget(resolvedTarget) }
}

const publicFields = Object.keys(TransferSchema.properties) as Array<keyof Transfer>

/** The resource as callers read it: the record without its internal fields. */
export const asTransfer = (record: TransferRecord): Transfer =>
  Object.fromEntries(publicFields.map((field) => [field, field === 'hops' ? listHops(record) : record[field]])) as unknown as Transfer

/** Whether the state of a transfer may still change, or the transfer has timed out and is watched for a late pickup. */
export const isOpen = ({ state, lateWatch }: Pick<TransferRecord, 'state' | 'lateWatch'>): boolean => !isFinal(state) || lateWatch

/** The target that verification chose. @throws Error for a transfer that has not been verified */
export function resolvedTargetOf({ id, resolvedTarget }: Pick<TransferRecord, 'id' | 'resolvedTarget'>): ResolvedTarget {
  if (!resolvedTarget) throw new Error(`transfer ${id} has no resolved target`)
  return parseStoredTarget(resolvedTarget)
}

/** The snapshot that was taken before the call was moved. @throws Error for a transfer that has none */
export function snapshotOf({ id, snapshot }: Pick<TransferRecord, 'id' | 'snapshot'>): Snapshot {
  if (!snapshot) throw new Error(`transfer ${id} has no snapshot`)
  return snapshot
}
