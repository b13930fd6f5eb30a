/** A target as the pipeline uses it, and as it is stored and published. The target of a request is in target-schema.ts. */
import type { Static } from 'typebox'
import { Type } from './json-schema.ts'
import type { Conditions } from './conditions.ts'
import { nullable } from './schema-parts.ts'
import { targetTypes, type TargetType } from './target-schema.ts'

/**
 * A target in its one normal form: ids in lower case, skills as a sorted list, the queue of a skill or a callback filled in, numbers in E.164
 * form.
 * To add a type of target, start with target-schema.ts: the compiler then finds every table that needs a row for it.
 */
export type NormalizedTarget = Conditions &
  (
    | { type: 'agent'; userId: string; requireOnQueue?: true }
    | ({ type: 'queue'; queueId: string; skillIds: string[]; languageId: string | null } & Preference)
    | ({ type: 'skill'; queueId: string; skillIds: string[] } & Preference)
    | { type: 'number'; address: string }
    | { type: 'callback'; queueId: string; skillIds: string[]; callbackNumber?: string; scheduledAt?: string }
  )

/** The agents that a target in a queue prefers. */
interface Preference {
  /** Agents to whom the queue offers the call first while it waits, the most wanted one first. Absent: none. */
  preferredUserIds?: string[]
}

export type NormalizedTargetOf<T extends TargetType> = Extract<NormalizedTarget, { type: T }>

/** The target that verification chose, with the call's priority there, and whether it is a fallback. */
export type ResolvedTarget = NormalizedTarget & { priority: number; usedFallback: boolean }

/** A table with a function for each type of target. */
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

const waitsInQueue: Readonly<Record<TargetType, boolean>> = { agent: false, queue: true, skill: true, number: false, callback: false }

export const isQueuedTarget = <T extends NormalizedTarget>(target: T): target is QueuedTarget<T> => waitsInQueue[target.type]

/** The resolved target as it is stored and published: every field is always there. */
export const ResolvedTargetSchema = Type.Object(
  {
    type: Type.Enum([...targetTypes], { type: 'string', title: 'TargetType', description: 'What kind of target it is' }),
    queueId: nullable(Type.String({ description: 'The queue in which the call waits, or whose agents call back' })),
    userId: nullable(Type.String({ description: 'The agent that the call rings' })),
    skillIds: Type.Array(Type.String(), { description: 'Skills that the agent must have' }),
    languageId: nullable(Type.String({ description: 'Language that the agent must speak' })),
    address: nullable(
      Type.String({
        description: 'The number that the call goes to, or that is called back, in E.164 form; "erased" once personal data was erased',
      }),
    ),
    priority: Type.Integer({ description: 'Priority of the call in the queue' }),
    usedFallback: Type.Boolean({ description: 'Whether it is a fallback' }),
    preferredUserIds: Type.Array(Type.String(), {
      description: 'Agents to whom the queue is asked to offer the call first while it waits. After `decide` the flow sets them',
    }),
    scheduledAt: nullable(Type.String({ description: 'When a callback is due' })),
  },
  { title: 'ResolvedTarget' },
)
export type StoredTarget = Static<typeof ResolvedTargetSchema>
/** Fields that version 0.1.0 did not store. They are not part of a transfer's identity, which must stay the same. */
type LaterField = 'preferredUserIds' | 'scheduledAt'
/** A stored target of this version or an earlier one. */
type EarlierTarget = Omit<StoredTarget, LaterField> & Partial<StoredTarget>
type TargetFields = Omit<StoredTarget, 'priority' | 'usedFallback' | LaterField>

const fieldsByType: ByTargetType<Partial<TargetFields>> = {
  agent: ({ userId }) => ({ userId }),
  queue: ({ queueId, skillIds, languageId }) => ({ queueId, skillIds, languageId }),
  skill: ({ queueId, skillIds }) => ({ queueId, skillIds }),
  number: ({ address }) => ({ address }),
  callback: ({ queueId, skillIds, callbackNumber = null }) => ({ queueId, skillIds, address: callbackNumber }),
}

/** A target with every field; null or empty where its type has none. The identity of a transfer is a hash of this form. */
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
  preferredUserIds: (isQueuedTarget(target) && target.preferredUserIds) || [],
  scheduledAt: (target.type === 'callback' && target.scheduledAt) || null,
})

/** Adds the fields that an earlier version did not store. */
export const completeStoredTarget = (stored: EarlierTarget): StoredTarget => ({
  ...stored,
  preferredUserIds: stored.preferredUserIds ?? [],
  scheduledAt: stored.scheduledAt ?? null,
})

function requireField(target: StoredTarget, field: 'queueId' | 'userId' | 'address'): string {
  const value = target[field]
  if (value === null) throw new Error(`a stored target of type ${target.type} has no ${field}`)
  return value
}

const readPreference = ({ preferredUserIds }: StoredTarget): Preference => (preferredUserIds.length > 0 ? { preferredUserIds } : {})

const parsers: { readonly [T in TargetType]: (target: StoredTarget) => NormalizedTargetOf<T> } = {
  agent: (target) => ({ type: 'agent', userId: requireField(target, 'userId') }),
  queue: (target) => ({
    type: 'queue',
    queueId: requireField(target, 'queueId'),
    skillIds: target.skillIds,
    languageId: target.languageId,
    ...readPreference(target),
  }),
  skill: (target) => ({
    type: 'skill',
    queueId: requireField(target, 'queueId'),
    skillIds: target.skillIds,
    ...readPreference(target),
  }),
  number: (target) => ({ type: 'number', address: requireField(target, 'address') }),
  callback: (target) => ({
    type: 'callback',
    queueId: requireField(target, 'queueId'),
    skillIds: target.skillIds,
    ...(target.address !== null && { callbackNumber: target.address }),
    ...(target.scheduledAt !== null && { scheduledAt: target.scheduledAt }),
  }),
}

/**
 * Reads a stored target. The result has no conditions, because they were needed only to choose the target.
 * @throws Error if a field that its type needs is null, which no version writes
 */
export const parseStoredTarget = (target: EarlierTarget): ResolvedTarget => ({
  ...parsers[target.type](completeStoredTarget(target)),
  priority: target.priority,
  usedFallback: target.usedFallback,
})
