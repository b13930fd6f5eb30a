/** The transfer: what a caller may ask and what is recorded (design §2). Its states and the moves between them: states.ts. */
import Type, { type Static, type TSchema } from 'typebox'
import type { Snapshot } from '../conversations/snapshot.ts'
import { codes, type Code, type ProblemExtensions } from './problems.ts'
import { states } from './states.ts'

/** The schema, or null; an enum must name null as well. */
function nullable<T extends TSchema>(schema: T) {
  const { type, enum: values } = schema as unknown as { type: string; enum?: unknown[] }
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'], ...(values && { enum: [...values, null] }) })
}
const Id = (description: string) =>
  Type.String({ description, pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$', maxLength: 36 })
const strict = { additionalProperties: false }
/** The ids of the simulator's scene, so that "Try it out" works against it as it stands (a test holds the two together). */
const example = {
  conversation: 'ca110000-0000-4000-8000-000000000001',
  queue: '9e0e0000-0000-4000-8000-000000000001',
  skill: '5a1e0000-0000-4000-8000-000000000001',
  fallback: '9e0e0000-0000-4000-8000-000000000002',
}

const skillIds = Type.Array(Id('Skill'), {
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
  description: 'Skills that the agent must have, all of them',
})
const kinds = {
  agent: Type.Object({ type: Type.Literal('agent'), userId: Id('The agent') }, { ...strict, title: 'Agent' }),
  queue: Type.Object(
    {
      type: Type.Literal('queue'),
      queueId: Id('The queue'),
      skillIds: Type.Optional(skillIds),
      languageId: Type.Optional(Id('Language the agent must speak')),
    },
    { ...strict, title: 'Queue' },
  ),
  skill: Type.Object(
    {
      type: Type.Literal('skill'),
      skillId: Type.Optional(Id('The skill')),
      skillIds: Type.Optional(skillIds),
      queueId: Type.Optional(Id('Queue to wait in; absent: DEFAULT_QUEUE_ID')),
    },
    { ...strict, title: 'Skill', description: 'Either skillId or skillIds' },
  ),
  number: Type.Object(
    { type: Type.Literal('number'), address: Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$', description: 'E.164' }) },
    { ...strict, title: 'Number' },
  ),
}
export type Target = { [Kind in keyof typeof kinds]: Static<(typeof kinds)[Kind]> }[keyof typeof kinds]
/** `discriminator` makes Ajv judge by the named kind only, so that its message names the field. */
const TargetSchema = Type.Unsafe<Target>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: Object.values(kinds),
})

const priorityLimits = { minimum: -25_000_000, maximum: 25_000_000 }
export const idempotencyKeyPattern = '^[\\x21-\\x7e]{1,255}$'
const modes = ['execute', 'decide', 'dryRun'] as const

export const TransferRequestSchema = Type.Object(
  {
    conversationId: Id('The conversation to transfer'),
    target: TargetSchema,
    priority: Type.Optional(
      Type.Integer({ ...priorityLimits, description: 'Place in the queue: one point is worth one minute of waiting' }),
    ),
    fallback: Type.Optional(
      Type.Array(TargetSchema, {
        maxItems: 5,
        description: 'Tried in order when nobody is available at the target; then FALLBACK_QUEUE_ID',
      }),
    ),
    mode: Type.Optional(
      Type.Enum([...modes], {
        type: 'string',
        description: 'execute moves the call; decide answers where it should go and watches the flow do it; dryRun changes nothing',
      }),
    ),
    context: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z0-9_.-]{1,64}$' }), Type.String({ maxLength: 256 }), {
        ...strict,
        maxProperties: 10,
        description: "Becomes the customer's participant attributes before the call moves",
      }),
    ),
    idempotencyKey: Type.Optional(
      Type.String({ pattern: idempotencyKeyPattern, description: 'As the Idempotency-Key header: 1 to 255 visible ASCII characters' }),
    ),
  },
  {
    ...strict,
    $id: 'TransferRequest',
    examples: [
      {
        conversationId: example.conversation,
        target: { type: 'skill', skillId: example.skill, queueId: example.queue },
        priority: 10,
        fallback: [{ type: 'queue', queueId: example.fallback }],
        mode: 'execute',
        context: { reason: 'billing dispute' },
      },
    ],
  },
)
export type TransferRequest = Static<typeof TransferRequestSchema>

const ResolvedTarget = Type.Object(
  {
    type: Type.Enum(['agent', 'queue', 'skill', 'number'], { type: 'string' }),
    queueId: nullable(Type.String()),
    userId: nullable(Type.String()),
    skillIds: Type.Array(Type.String()),
    languageId: nullable(Type.String()),
    address: nullable(Type.String()),
    priority: Type.Integer(),
    usedFallback: Type.Boolean(),
  },
  { title: 'ResolvedTarget' },
)
export type ResolvedTarget = Static<typeof ResolvedTarget>

const time = (description: string) => Type.String({ format: 'date-time', description })
export const TransferSchema = Type.Object(
  {
    id: Type.String({ description: 'UUID v7; the CRM and the audit trail call it actionId' }),
    conversationId: Type.String(),
    state: Type.Enum([...states], { type: 'string' }),
    code: nullable(Type.Enum([...codes], { type: 'string', description: 'Why the state is what it is, where there is something to say' })),
    message: nullable(Type.String()),
    mode: Type.Enum([...modes], { type: 'string' }),
    target: TargetSchema,
    resolvedTarget: Type.Unsafe<ResolvedTarget | null>({ ...ResolvedTarget, type: ['object', 'null'] }),
    priority: Type.Integer(),
    transferDepth: Type.Integer({ description: 'The how-manieth transfer of this conversation it is' }),
    transferPath: Type.Array(Type.String(), { description: 'Places the conversation was at, in order; numbers as keyed hashes' }),
    latencyMs: nullable(Type.Integer({ description: 'Request received until the platform accepted, ms' })),
    pickupTime: nullable(time('When somebody picked up, by the platform')),
    pickupMs: nullable(Type.Integer({ description: 'Accepted by the platform until picked up, ms' })),
    agentUserId: nullable(Type.String({ description: 'Who picked up' })),
    bounces: Type.Integer({ description: 'Offers that were declined or not answered' }),
    requestedBy: Type.String({ description: 'Id of the key that asked' }),
    createdAt: time('When the request was accepted'),
    updatedAt: time('Last move'),
    correlationIds: Type.Array(Type.String(), { description: "The platform's inin-correlation-id of each command" }),
  },
  { $id: 'Transfer' },
)
export type Transfer = Static<typeof TransferSchema>
/** What a dryRun answers: the transfer as it would be; nothing of it is kept, so that it has no id. */
export const DryRunSchema = Type.Omit(TransferSchema, ['id'], { $id: 'DryRun' })

/** What still has to be put on a call that arrived in a queue, or was put on it (genesys-api §1.3: only while it waits there). */
export type Arrival = 'pending' | 'done' | 'too_late' | 'refused'

/** The transfer as the ledger keeps it: the resource, and what the pipeline needs to go on after a restart. */
export interface TransferRecord extends Transfer {
  code: Code | null
  fallback: Target[]
  context: Record<string, string>
  /** Epoch ms: when the request arrived, until when it may still be carried out, when the platform accepted it. */
  receivedAt: number
  deadlineAt: number
  initiatedAt: number | null
  /** Participants before the call was moved: what an unknown outcome is judged against. */
  snapshot: Snapshot | null
  customerId: string | null
  /** Epoch ms when the command was sent for the last time; how often it was. */
  sentAt: number | null
  attempt: number
  /** Skills and priority; the mirror of the loop guard. */
  routing: Arrival
  mirror: Arrival
  /** Timed out, and watched on for a late pickup. */
  lateWatch: boolean
  /** Queues that the caller's key may transfer to; null: all. */
  allowedQueues: string[] | null
  /** What a refusal names besides its code: permissions, the platform's code, when to come again. */
  refusal: ProblemExtensions | null
  /** W3C trace context of the request, passed on to the platform. */
  traceparent: string | null
  /** Who carries it, and the fencing number: a move by anybody else, or with an older number, is refused. */
  owner: string
  fence: number
}

const publicFields = Object.keys(TransferSchema.properties) as Array<keyof Transfer>
/** The resource as callers see it: the record without its inner fields. */
export const asTransfer = (record: TransferRecord): Transfer =>
  Object.fromEntries(publicFields.map((field) => [field, record[field]])) as unknown as Transfer
