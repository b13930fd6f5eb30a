/** What verification finds out about the target and its fallbacks, the candidates: which one takes the call, and why others are passed over. */
import type { Static } from 'typebox'
import { Type } from './json-schema.ts'
import { nullable } from './schema-parts.ts'

/**
 * Why a candidate is passed over: it is closed, its wait is too long, nobody is available there, the call was there before, or the number to
 * call back is not known.
 */
export const passedOverReasons = ['closed', 'wait_too_long', 'not_available', 'visited_before', 'number_unknown'] as const
export type PassedOverReason = (typeof passedOverReasons)[number]

const ageSchema = (data: string) => nullable(Type.Integer({ minimum: 0, description: `Age of ${data}, ms; null if nothing was read` }))

export const ConsideredSchema = Type.Object(
  {
    place: Type.String({ description: 'The target or fallback, as an entry of transferPath' }),
    taken: Type.Boolean({ description: 'Whether the call goes there' }),
    reason: nullable(
      Type.Enum([...passedOverReasons], { type: 'string', description: 'Why it is passed over; null if it takes the call' }),
    ),
    message: nullable(Type.String({ description: 'The reason in words' })),
    opensAt: nullable(Type.String({ description: 'When it opens, if it is closed and the time is known' })),
    estimatedWaitSeconds: nullable(
      Type.Integer({ description: "The platform's estimated wait; null if it was not asked for, or the platform has none" }),
    ),
    readAgesMs: Type.Object(
      {
        openHours: ageSchema('the opening hours'),
        estimatedWait: ageSchema('the estimated wait'),
        availability: ageSchema('the availability data'),
      },
      { description: 'How old the data was on which this is based' },
    ),
    warnings: Type.Array(Type.String(), {
      description: 'Conditions that could not be checked, and so count as met, and fields that have no effect here',
    }),
  },
  { title: 'Considered' },
)
export type Considered = Static<typeof ConsideredSchema>

/** When the first of the closed candidates opens, ISO 8601 in UTC; undefined if that is not known of any of them. */
export const findEarliestOpening = (considered: readonly Considered[]): string | undefined =>
  considered.flatMap(({ opensAt }) => opensAt ?? []).toSorted()[0]
