/** Where a call can be sent: what a request may name, what the pipeline works with, and what is stored and published. */
import Type, { type Static, type TSchema } from 'typebox'
import { phoneNumberForm, phoneNumberPattern } from './phone-number.ts'
import { idSchema, nullable, strict } from './schema-parts.ts'

export const targetTypes = ['agent', 'queue', 'skill', 'number'] as const
export type TargetType = (typeof targetTypes)[number]

const skillIdsSchema = Type.Array(idSchema('Skill'), {
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
  description: 'Skills that the agent must have, all of them',
})
const targetSchemas = {
  agent: Type.Object(
    {
      type: Type.Literal('agent'),
      userId: idSchema('The agent'),
      requireOnQueue: Type.Optional(
        Type.Boolean({
          description: 'Whether the agent must be on queue and idle; absent or false: a colleague who is off queue is called, too',
        }),
      ),
    },
    { ...strict, title: 'Agent' },
  ),
  queue: Type.Object(
    {
      type: Type.Literal('queue'),
      queueId: idSchema('The queue'),
      skillIds: Type.Optional(skillIdsSchema),
      languageId: Type.Optional(idSchema('Language the agent must speak')),
    },
    { ...strict, title: 'Queue' },
  ),
  skill: Type.Object(
    {
      type: Type.Literal('skill'),
      skillId: Type.Optional(idSchema('The skill')),
      skillIds: Type.Optional(skillIdsSchema),
      queueId: Type.Optional(idSchema('Queue to wait in; absent: DEFAULT_QUEUE_ID')),
    },
    { ...strict, title: 'Skill', description: 'Either skillId or skillIds' },
  ),
  number: Type.Object(
    {
      type: Type.Literal('number'),
      address: Type.String({
        pattern: phoneNumberPattern,
        description: `The number to dial: ${phoneNumberForm}; kept and returned in E.164 form`,
      }),
    },
    { ...strict, title: 'Number' },
  ),
} satisfies Record<TargetType, TSchema>

/** A target as a request names it. */
export type Target = { [T in TargetType]: Static<(typeof targetSchemas)[T]> }[TargetType]

/** `discriminator` makes Ajv check only the schema that `type` names, so that its message names the field. */
export const TargetSchema = Type.Unsafe<Target>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: Object.values(targetSchemas),
})

/**
 * A target in its one normal form: ids in lower case, skills as a sorted list, the queue of a skill filled in, numbers in E.164 form.
 * To add a type of target, start here: the compiler then finds every table that needs a row for it.
 */
export type NormalizedTarget =
  | { type: 'agent'; userId: string; requireOnQueue?: true }
  | { type: 'queue'; queueId: string; skillIds: string[]; languageId: string | null }
  | { type: 'skill'; queueId: string; skillIds: string[] }
  | { type: 'number'; address: string }

export type NormalizedTargetOf<T extends TargetType> = Extract<NormalizedTarget, { type: T }>

/** The target that verification chose, with the call's priority there, and whether it is a fallback. */
export type ResolvedTarget = NormalizedTarget & { priority: number; usedFallback: boolean }

/** What to do for each type of target. */
export type ByTargetType<Result, Args extends unknown[] = []> = {
  readonly [T in TargetType]: (target: NormalizedTargetOf<T>, ...args: Args) => Result
}

/** Calls the entry of `table` for the type of `target`. */
export function callByType<Result, Args extends unknown[]>(
  table: ByTargetType<Result, Args>,
  target: NormalizedTarget,
  ...args: Args
): Result {
  const entry = table[target.type] as (target: NormalizedTarget, ...args: Args) => Result
  return entry(target, ...args)
}

/** Targets whose calls wait in a queue, where skills and priority can be put on them. */
export type QueuedTarget<T extends NormalizedTarget = NormalizedTarget> = Extract<T, { type: 'queue' | 'skill' }>

const waitsInQueue: Readonly<Record<TargetType, boolean>> = { agent: false, queue: true, skill: true, number: false }

export const isQueuedTarget = <T extends NormalizedTarget>(target: T): target is QueuedTarget<T> => waitsInQueue[target.type]

/** The resolved target as it is stored and published: every field is always there. */
export const ResolvedTargetSchema = Type.Object(
  {
    type: Type.Enum([...targetTypes], { type: 'string' }),
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
export type StoredTarget = Static<typeof ResolvedTargetSchema>
type TargetFields = Omit<StoredTarget, 'priority' | 'usedFallback'>

const fieldsByType: ByTargetType<Partial<TargetFields>> = {
  agent: ({ userId }) => ({ userId }),
  queue: ({ queueId, skillIds, languageId }) => ({ queueId, skillIds, languageId }),
  skill: ({ queueId, skillIds }) => ({ queueId, skillIds }),
  number: ({ address }) => ({ address }),
}

/** A target with every field, null where its type has none: the form that identities of transfers are hashed from. */
export const toTargetFields = (target: NormalizedTarget): TargetFields => ({
  type: target.type,
  queueId: null,
  userId: null,
  skillIds: [],
  languageId: null,
  address: null,
  ...callByType(fieldsByType, target),
})

/** A resolved target in the form that is stored and published. */
export const toStoredTarget = (target: ResolvedTarget): StoredTarget => ({
  ...toTargetFields(target),
  priority: target.priority,
  usedFallback: target.usedFallback,
})

function requireField(target: StoredTarget, field: 'queueId' | 'userId' | 'address'): string {
  const value = target[field]
  if (value === null) throw new Error(`a stored target of type ${target.type} has no ${field}`)
  return value
}

const parsers: { readonly [T in TargetType]: (target: StoredTarget) => NormalizedTargetOf<T> } = {
  agent: (target) => ({ type: 'agent', userId: requireField(target, 'userId') }),
  queue: (target) => ({
    type: 'queue',
    queueId: requireField(target, 'queueId'),
    skillIds: target.skillIds,
    languageId: target.languageId,
  }),
  skill: (target) => ({ type: 'skill', queueId: requireField(target, 'queueId'), skillIds: target.skillIds }),
  number: (target) => ({ type: 'number', address: requireField(target, 'address') }),
}

/** Reads a stored target. @throws Error if a field that its type needs is null, which no version writes */
export const parseStoredTarget = (target: StoredTarget): ResolvedTarget => ({
  ...parsers[target.type](target),
  priority: target.priority,
  usedFallback: target.usedFallback,
})
