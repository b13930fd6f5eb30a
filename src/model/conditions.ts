/** The conditions under which a target takes the call, as a request may state them, and the checks that a request may skip. */
import type { Static } from 'typebox'
import { Type } from './json-schema.ts'
import { idSchema, strict } from './schema-parts.ts'

const OpenHoursSchema = Type.Object(
  {
    scheduleGroupId: idSchema('The schedule group by which it is open or closed'),
    emergencyGroupId: Type.Optional(idSchema('An emergency group that closes it while it is enabled')),
  },
  { ...strict, title: 'OpenHours', description: "Taken only while it is open, by the wall clock of the schedule group's time zone" },
)

/** Limits of `maxWaitSeconds`. */
export const maxWaitLimits = { minimum: 0, maximum: 86_400 }
/** Limits of `overflowAfterSeconds`. */
export const overflowLimits = { minimum: 5, maximum: 3_600 }

/** A condition of every target. */
export const openHoursField = { openHours: Type.Optional(OpenHoursSchema) }

const overflowFieldWith = (description: string) => ({
  overflowAfterSeconds: Type.Optional(Type.Integer({ ...overflowLimits, description: `${description}. Not allowed on the last one` })),
})
/** A condition of targets whose calls wait in a queue: such a call can still be moved on. */
export const overflowField = overflowFieldWith(
  'If nobody has picked up after this many seconds, the call moves on to the next fallback that can take it',
)
/** The same on targets whose calls ring directly. It is accepted, so that a caller can send the same fields for all targets. */
export const ineffectiveOverflowField = overflowFieldWith(
  'No effect here: a call that rings at an agent or a number directly cannot be taken back, and stays. Then `warnings` in `considered` says so. For a call that should move on from an agent, name a queue and `preferredUserIds`',
)

/** Conditions of targets whose calls wait in a queue. */
export const queueFields = {
  maxWaitSeconds: Type.Optional(
    Type.Integer({
      ...maxWaitLimits,
      description: "Passed over if the platform's estimated wait is longer; taken if the platform has no estimate",
    }),
  ),
  preferredUserIds: Type.Optional(
    Type.Array(idSchema('An agent of the queue'), {
      minItems: 1,
      maxItems: 10,
      uniqueItems: true,
      description:
        'Agents to whom the queue offers the call first while it waits, the most wanted one first. If another agent is idle as the call arrives, that agent usually gets it. For a firm preference use `decide`, and let the Transfer to ACD of the flow set the preferred agents; or name the agent as the target and the queue as a fallback',
    }),
  ),
}

export type OpenHoursCondition = Static<typeof OpenHoursSchema>

/** The conditions of a target in normal form: ids in lower case, and no field for a condition that the target does not have. */
export interface Conditions {
  openHours?: OpenHoursCondition
  /** Only on targets whose calls wait in a queue. */
  maxWaitSeconds?: number
  /** Never on a callback; without effect on an agent or a number. */
  overflowAfterSeconds?: number
}

/** Picks the conditions from a target and puts them in normal form. The target itself may still be as a request names it. */
export function conditionsOf(target: Conditions): Conditions {
  const { openHours, maxWaitSeconds, overflowAfterSeconds } = target
  return {
    ...(openHours && { openHours: toNormalOpenHours(openHours) }),
    ...(maxWaitSeconds !== undefined && { maxWaitSeconds }),
    ...(overflowAfterSeconds !== undefined && { overflowAfterSeconds }),
  }
}

const toNormalOpenHours = ({ scheduleGroupId, emergencyGroupId }: OpenHoursCondition): OpenHoursCondition => ({
  scheduleGroupId: scheduleGroupId.toLowerCase(),
  ...(emergencyGroupId !== undefined && { emergencyGroupId: emergencyGroupId.toLowerCase() }),
})

/** Checks that a request may skip: the depth limit, the loop guard, the opening hours and the maximum wait. */
export const overridableChecks = ['depth', 'loop', 'openHours', 'maxWait'] as const
export type Override = (typeof overridableChecks)[number]
