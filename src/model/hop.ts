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

const time = (description: string) => nullable(Type.String({ format: 'date-time', description }))

export const HopSchema = Type.Object(
  {
    number: Type.Integer({ minimum: 1, description: 'Number of this hop, starting at 1' }),
    resolvedTarget: ResolvedTargetSchema,
    initiatedAt: time('When the platform accepted it; null while that is not known'),
    endedAt: time('When the call was picked up or moved on, or the transfer ended; null: the call is there now'),
    outcome: nullable(
      Type.Enum([...hopOutcomes], { type: 'string', description: 'overflowed: nobody picked up in time, and the call moved on' }),
    ),
  },
  { title: 'Hop' },
)
export type Hop = Static<typeof HopSchema>

/** The progress of an update that a call gets after it has moved (docs/genesys-cloud.md rules 41–44). */
export type UpdateState = 'pending' | 'done' | 'too_late' | 'refused'

/** What the pipeline stores about the hop at which a call is. Times are epoch ms. */
export interface CurrentHop {
  /** Position of its target among the target, the fallbacks and the configured fallback queue, from 0. */
  candidateIndex: number
  /** When the platform accepted this hop; null while that is not known. Only for later hops: the first hop has the transfer's `initiatedAt`. */
  initiatedAt: number | null
  /** From the acceptance until the call moves on if nobody has picked up, ms; null: it stays. */
  overflowAfterMs: number | null
  /** When Handoff last found that it could not move the call on; null: never. */
  triedAt: number | null
  /** Why the call could not move on then. */
  blockedBy: string | null
  /** When it was last found that a command had not moved the call on; null: never. */
  returnedAt: number | null
  /** How many commands in a row did not move the call on, for temporary reasons. */
  failedMoves: number
  /** Candidates to which the platform would not move the call: they are not tried again. */
  refusedCandidates: number[]
  /** Offers that were declined before this hop. */
  earlierBounces: number
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
}

/** A hop that the call has left or is about to leave, with everything that is needed to continue it if the call stays there after all. */
export interface EarlierHop {
  hop: CurrentHop
  resolvedTarget: StoredTarget
  /** The conversation before this hop: what is read later is compared with it. */
  snapshot: Snapshot
  routing: UpdateState
  mirror: UpdateState
  /** Epoch ms when the platform accepted this hop. */
  initiatedAt: number
  /** Epoch ms when the platform accepted the next hop; null while that is not known. */
  endedAt: number | null
}

/** The fields of a transfer's record that say where its call is and was. */
export interface Course {
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

/** Whether the current hop is not the first one. Then the transfer's request was answered long ago. */
export const isLaterHop = ({ earlierHops }: Pick<Course, 'earlierHops'>): boolean => earlierHops.length > 0

/** Number of the current hop, from 1. */
export const hopNumber = ({ earlierHops }: Pick<Course, 'earlierHops'>): number => earlierHops.length + 1

/** Epoch ms when the platform accepted the current hop; null while that is not known. */
export const hopInitiatedAt = (course: Pick<Course, 'earlierHops' | 'initiatedAt' | 'hop'>): number | null =>
  isLaterHop(course) ? course.hop.initiatedAt : course.initiatedAt

const toIso = (epochMs: number | null): string | null => (epochMs === null ? null : new Date(epochMs).toISOString())
const isHopOutcome = (state: State): state is Extract<State, HopOutcome> => hopOutcomes.includes(state as HopOutcome)

/** The current hop; undefined while no command was sent, or if the command moved nothing. */
function describeCurrentHop(course: Course): Hop | undefined {
  const { state, resolvedTarget, pickupTime, updatedAt } = course
  const initiatedAt = hopInitiatedAt(course)
  const isUnderWay = state === 'executing' || state === 'indeterminate'
  // A callback moves no call.
  if (!resolvedTarget || resolvedTarget.type === 'callback' || (initiatedAt === null && !isUnderWay)) return undefined
  const outcome = isFinal(state) && isHopOutcome(state) ? state : null
  return {
    number: hopNumber(course),
    resolvedTarget,
    initiatedAt: toIso(initiatedAt),
    endedAt: outcome && (pickupTime ?? updatedAt),
    outcome,
  }
}

/** The hops of a transfer as callers read them, in order. */
export function listHops(course: Course): Hop[] {
  const current = describeCurrentHop(course)
  return [
    ...course.earlierHops.map(({ resolvedTarget, initiatedAt, endedAt }, index): Hop => ({
      number: index + 1,
      resolvedTarget,
      initiatedAt: toIso(initiatedAt),
      endedAt: toIso(endedAt),
      outcome: endedAt === null ? null : 'overflowed',
    })),
    ...(current ? [current] : []),
  ]
}
