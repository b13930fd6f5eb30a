/** Which fields describe a queue on the control API, when it is added and when it is changed. */
import Type, { type Static } from 'typebox'
import { Id, NonEmptyString, strictObject } from './schemas.ts'
import { timingProperties } from './timing-spec.ts'

/** How a queue is described when it is added; its times override those of the platform. */
export const QueueSpec = strictObject({ id: Type.Optional(Id), name: Type.Optional(NonEmptyString), ...timingProperties })

/** What can be changed about a queue; `estimatedWaitSeconds` null: the platform has no estimate, as for a queue that was just added. */
export const QueueChange = strictObject({ estimatedWaitSeconds: Type.Union([Type.Null(), Type.Integer({ minimum: 0 })]) })

export type QueueSpec = Static<typeof QueueSpec>
export type QueueChange = Static<typeof QueueChange>
