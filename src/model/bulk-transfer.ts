/** Bulk transfers: the request that moves the calls of a queue, the resource that callers read, and the records that the ledger stores. */
import type { Static } from 'typebox'
import { describeWait, type Waiting } from './bulk-wait.ts'
import { reasonPattern } from './formats/patterns.ts'
import { Type } from './json-schema.ts'
import { codes, type Code } from './problems.ts'
import { idSchema, nullable, strict } from './schema-parts.ts'
import { states, type State } from './states.ts'
import { ResolvedTargetSchema, type StoredTarget } from './target.ts'
import { ReturnedTargetSchema, TargetSchema, type Target } from './target-schema.ts'

/** The most calls that one bulk transfer moves. */
export const maxBulkCalls = 2_000

export const BulkTransferRequestSchema = Type.Object(
  {
    fromQueueId: idSchema('The queue in which the calls wait'),
    target: TargetSchema,
    fallback: Type.Optional(Type.Array(TargetSchema, { maxItems: 5, description: 'As for a single transfer, for each call' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: maxBulkCalls, description: `How many calls to move at most; absent: ${maxBulkCalls}` }),
    ),
    reason: Type.String({ pattern: reasonPattern, description: 'A short code for reports: the reason of each transfer' }),
    dryRun: Type.Optional(
      Type.Boolean({ description: 'true: nothing is moved and nothing is stored; the answer says what would happen to each call' }),
    ),
  },
  { ...strict, $id: 'BulkTransferRequest' },
)
export type BulkTransferRequest = Static<typeof BulkTransferRequestSchema>

/** `running` moves calls, `paused` can be resumed; the others are final. */
export const bulkStates = ['running', 'paused', 'done', 'cancelled'] as const
export type BulkState = (typeof bulkStates)[number]

/**
 * `pending`: not yet tried. `moving`: its transfer has begun. `moved`: the platform accepted. `left`: it no longer waited in the queue.
 * `refused`: nothing was done, and `code` says why. `unknown`: the outcome of its transfer is unknown; it is asked about again for two
 * minutes, and `transferState` follows it. `cancelled`: the bulk transfer was cancelled before its turn.
 */
export const bulkCallStates = ['pending', 'moving', 'moved', 'left', 'refused', 'unknown', 'cancelled'] as const
export type BulkCallState = (typeof bulkCallStates)[number]

const codeSchema = nullable(
  Type.Enum([...codes], { type: 'string', title: 'Code', description: 'Why it is in this state, if that needs a reason' }),
)
const messageSchema = nullable(Type.String({ description: 'The reason in words, for people' }))
const time = (description: string) => Type.String({ format: 'date-time', description })
const callFields = {
  position: Type.Integer({ description: 'Its place in the order in which the calls are moved, starting at 1' }),
  conversationId: Type.String(),
  waitingSince: time('Since when it waits in the queue'),
  priority: Type.Integer({
    description: 'The priority that it gets: the one it had, and a point for each whole minute that it has waited',
  }),
  code: codeSchema,
  message: messageSchema,
}
const requestFields = {
  fromQueueId: Type.String({ description: 'The queue in which the calls wait' }),
  target: ReturnedTargetSchema,
  fallback: Type.Array(ReturnedTargetSchema),
  limit: Type.Integer({ description: 'How many calls are moved at most' }),
  reason: Type.String(),
}

const bulkFields = {
  id: Type.String({ description: 'UUID' }),
  state: Type.Enum([...bulkStates], { type: 'string', title: 'BulkTransferState', description: 'Whether calls are being moved' }),
  code: codeSchema,
  message: messageSchema,
  ...requestFields,
  requestedBy: Type.String({ description: 'Id of the API key that requested it' }),
  createdAt: time('When it was requested'),
  updatedAt: time('When its state changed last'),
  counts: Type.Object(
    Object.fromEntries(bulkCallStates.map((state) => [state, Type.Integer()])) as Record<BulkCallState, ReturnType<typeof Type.Integer>>,
    { description: 'How many calls are in each state', title: 'BulkTransferCounts' },
  ),
}

export const ListedBulkTransferSchema = Type.Object(bulkFields, {
  $id: 'ListedBulkTransfer',
  description: 'A bulk transfer without its calls',
})
export type ListedBulkTransfer = Static<typeof ListedBulkTransferSchema>

export const BulkTransferSchema = Type.Object(
  {
    ...bulkFields,
    calls: Type.Array(
      Type.Object(
        {
          ...callFields,
          state: Type.Enum([...bulkCallStates], { type: 'string', title: 'BulkCallState', description: 'What has become of the call' }),
          transferId: nullable(Type.String({ description: 'The transfer that moves it' })),
          transferState: nullable(Type.Enum([...states], { type: 'string', description: 'The state of that transfer now' })),
        },
        { title: 'BulkCall' },
      ),
      { description: 'The calls in the order in which they are moved' },
    ),
  },
  { $id: 'BulkTransfer' },
)
export type BulkTransfer = Static<typeof BulkTransferSchema>

export const BulkDryRunSchema = Type.Object(
  {
    ...requestFields,
    isTruncated: Type.Boolean({ description: 'Whether more calls wait than the platform has listed' }),
    calls: Type.Array(
      Type.Object(
        {
          ...callFields,
          wouldMove: Type.Boolean(),
          resolvedTarget: Type.Unsafe<StoredTarget | null>({ ...ResolvedTargetSchema, type: ['object', 'null'] }),
        },
        { title: 'BulkDryRunCall' },
      ),
    ),
  },
  { $id: 'BulkDryRun', description: 'What would happen to each call; nothing was moved and nothing was stored' },
)
export type BulkDryRun = Static<typeof BulkDryRunSchema>

/** A bulk transfer as the ledger stores it. */
export interface BulkTransferRecord extends Waiting {
  id: string
  state: BulkState
  code: Code | null
  message: string | null
  fromQueueId: string
  target: Target
  fallback: Target[]
  limit: number
  reason: string
  requestedBy: string
  /** ISO 8601. */
  createdAt: string
  updatedAt: string
  /** Queues that the requester's API key may transfer to; null: all. */
  allowedQueues: string[] | null
  /** The queues that target and fallbacks name, as in a transfer. */
  queueIds: string[]
  traceparent: string
  /** Whether further calls waited when the calls were read last, which the platform did not list. */
  isTruncated: boolean
  /** Id of the node that runs it. */
  owner: string
  /** Grows whenever the owner changes: the ledger refuses writes with an older number. */
  fence: number
}

/** A call of a bulk transfer as the ledger stores it. */
export interface BulkCallRecord {
  position: number
  conversationId: string
  /** Epoch ms. */
  waitingSince: number
  priority: number
  state: BulkCallState
  /** How often the call was refused for a reason that paused the bulk transfer. Each try after that has a key of its own. */
  attempt: number
  /** Epoch ms before which a `pending` call is not tried and an `unknown` one not asked about; 0 for an `unknown` one: it is given up. */
  nextAt: number
  transferId: string | null
  code: Code | null
  message: string | null
}

/** Whether a call is still to be tried, or asked about again. */
export const isLeftToTry = ({ state, nextAt }: Pick<BulkCallRecord, 'state' | 'nextAt'>): boolean =>
  state === 'pending' || (state === 'unknown' && nextAt > 0)

const isoTime = (ms: number): string => new Date(ms).toISOString()

/** How many calls of a bulk transfer are in each state; states that no call is in may be missing. */
export type BulkCounts = Partial<Record<BulkCallState, number>>

/** The resource as lists have it. @param now epoch ms */
export function asListedBulkTransfer(record: BulkTransferRecord, counts: BulkCounts, now: number): ListedBulkTransfer {
  const {
    allowedQueues: _queues,
    queueIds: _ids,
    traceparent: _trace,
    isTruncated: _more,
    owner: _owner,
    fence: _fence,
    waitsUntil: _wait,
    ...fields
  } = record
  const allCounts = Object.fromEntries(bulkCallStates.map((state) => [state, counts[state] ?? 0]))
  return { ...fields, ...describeWait(record, now), counts: allCounts as ListedBulkTransfer['counts'] }
}

/** The resource as callers read it. @param calls each with the state of its transfer, if it has one; `now` epoch ms */
export function asBulkTransfer(
  record: BulkTransferRecord,
  calls: ReadonlyArray<BulkCallRecord & { transferState: State | null }>,
  now: number,
): BulkTransfer {
  const counts: BulkCounts = {}
  for (const { state } of calls) counts[state] = (counts[state] ?? 0) + 1
  return {
    ...asListedBulkTransfer(record, counts, now),
    calls: calls.map(({ attempt: _attempt, nextAt: _next, waitingSince, ...call }) => ({ ...call, waitingSince: isoTime(waitingSince) })),
  }
}
