/** The hops of a transfer: each place that its call was moved to, as callers read them and as the record keeps them (docs/architecture.md#overflow). */
import type { Static } from 'typebox'
import { Type } from './json-schema.ts'
import { nullable } from './schema-parts.ts'
import type { Snapshot } from './snapshot.ts'
import { isFinal, type State } from './states.ts'
import { ResolvedTargetSchema, type StoredTarget } from './target.ts'

/** How a hop ended: the call moved on to the next hop, or the transfer ended while the call was there. */
export const hopOutcomes = ['overflowed', 'picked_up', 'timeout', 'abandoned', 'failed', 'superseded'] as const satisfies ReadonlyArray<
  State | 'overflowed'
>
export type HopOutcome = (typeof hopOutcomes)[number]

const nullableTimeSchema = (description: string) => nullable(Type.String({ format: 'date-time', description }))

export const HopSchema = Type.Object(
  {
    number: Type.Integer({ minimum: 1, description: 'Number of this hop, starting at 1' }),
    resolvedTarget: ResolvedTargetSchema,
    initiatedAt: nullableTimeSchema('When the platform accepted it; null while that is not known'),
    endedAt: nullableTimeSchema('When the call was picked up or moved on, or the transfer ended; null: the call is there now'),
    outcome: nullable(
      Type.Enum([...hopOutcomes], { type: 'string', description: 'overflowed: nobody picked up in time, and the call moved on' }),
    ),
  },
  { title: 'Hop' },
)
export type Hop = Static<typeof HopSchema>

/**
 * The progress of an update that Handoff makes to a conversation after its call has moved (docs/genesys-cloud.md rules 41–44). `too_late`: an
 * agent picked up first. `refused`: the platform did not allow it.
 */
export type UpdateState = 'pending' | 'done' | 'too_late' | 'refused'

/** What the pipeline stores about the hop that a call is at. Times are epoch ms. */
export interface CurrentHop {
  /** Position of its target among the target, the fallbacks and the configured fallback queue, from 0. */
  candidateIndex: number
  /** When the platform accepted this hop; null while that is not known. Only for later hops: the first hop has the transfer's `initiatedAt`. */
  initiatedAt: number | null
  /** From the platform's acceptance until the call moves on if nobody has picked up, ms; null: the call stays. */
  overflowAfterMs: number | null
  /** When Handoff last found that it could not move the call on; null: never. */
  triedAt: number | null
  /** Why the call could not move on at `triedAt`. */
  blockedBy: string | null
  /** When Handoff last found that a command to move the call on had not moved it; null: never. */
  returnedAt: number | null
  /** How many commands in a row did not move the call on, for temporary reasons. */
  failedMoves: number
  /** Positions of candidates to which the platform would not move the call: they are not tried again. */
  refusedCandidates: number[]
  /** Number of offers that were declined or not answered before this hop. */
  earlierBounces: number
  /** When a caller last changed the skills, the priority or the preferred agents of the call here; null: never. */
  changedAt: number | null
}

/** The first hop of a transfer whose target has not been chosen yet. */
export const firstHop: CurrentHop = {
  candidateIndex: 0,
  initiatedAt: null,
  overflowAfterMs: null,
  triedAt: null,
  blockedBy: null,
  returnedAt: null,
  failedMoves: 0,
  refusedCandidates: [],
  earlierBounces: 0,
  changedAt: null,
}

/** A hop that the call has left or is about to leave, with everything that is needed to continue it if the call stays there after all. */
export interface EarlierHop {
  hop: CurrentHop
  resolvedTarget: StoredTarget
  /** The conversation before the call moved to this hop: later reads of the conversation are compared with it. */
  snapshot: Snapshot
  /** Whether skills and priority are on the call, as in the transfer's record. */
  routing: UpdateState
  /** Whether the loop guard's attributes are on the customer's participant, as in the transfer's record. */
  mirror: UpdateState
  /** Epoch ms when the platform accepted this hop. */
  initiatedAt: number
  /** Epoch ms when the platform accepted the next hop; null while that is not known. */
  endedAt: number | null
}

/** The fields of a transfer's record that its hops are described from. */
export interface HopFields {
  state: State
  resolvedTarget: StoredTarget | null
  /** Epoch ms when the platform accepted the first hop. */
  initiatedAt: number | null
  hop: CurrentHop
  earlierHops: EarlierHop[]
  pickupTime: string | null
  /** ISO 8601 of the last change of state. */
  updatedAt: string
}

/** Whether the call has left its first hop, or is about to. Then the transfer's request was answered long ago. */
export const isLaterHop = ({ earlierHops }: Pick<HopFields, 'earlierHops'>): boolean => earlierHops.length > 0

/** Number of the current hop, from 1. */
export const hopNumber = ({ earlierHops }: Pick<HopFields, 'earlierHops'>): number => earlierHops.length + 1

/** Epoch ms when the platform accepted the current hop; null while that is not known. */
export const hopInitiatedAt = (record: Pick<HopFields, 'earlierHops' | 'initiatedAt' | 'hop'>): number | null =>
  isLaterHop(record) ? record.hop.initiatedAt : record.initiatedAt

const toIso = (epochMs: number | null): string | null => (epochMs === null ? null : new Date(epochMs).toISOString())
const isHopOutcome = (state: State): state is Extract<State, HopOutcome> => hopOutcomes.includes(state as HopOutcome)

/** The current hop as callers read it; undefined before a command is sent, and if the command moved no call. */
function describeCurrentHop(record: HopFields): Hop | undefined {
  const { state, resolvedTarget, pickupTime, updatedAt } = record
  const initiatedAt = hopInitiatedAt(record)
  const isUnderWay = state === 'executing' || state === 'indeterminate'
  // A callback moves no call.
  if (!resolvedTarget || resolvedTarget.type === 'callback' || (initiatedAt === null && !isUnderWay)) return undefined
  const outcome = isFinal(state) && isHopOutcome(state) ? state : null
  return {
    number: hopNumber(record),
    resolvedTarget,
    initiatedAt: toIso(initiatedAt),
    endedAt: outcome && (pickupTime ?? updatedAt),
    outcome,
  }
}

/** The hops of a transfer as callers read them, in order. */
export function listHops(record: HopFields): Hop[] {
  const current = describeCurrentHop(record)
  return [
    ...record.earlierHops.map(({ resolvedTarget, initiatedAt, endedAt }, index): Hop => ({
      number: index + 1,
      resolvedTarget,
      initiatedAt: toIso(initiatedAt),
      endedAt: toIso(endedAt),
      outcome: endedAt === null ? null : 'overflowed',
    })),
    ...(current ? [current] : []),
  ]
}
