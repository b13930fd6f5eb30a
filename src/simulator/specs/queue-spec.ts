/** Which fields describe a queue on the control surface. */
import Type, { type Static } from 'typebox'
import { Id, NonEmptyString, strictObject } from './schemas.ts'
import { timingProperties } from './timing-spec.ts'

/** How a queue is described when it is added; its times override those of the platform. */
export const QueueSpec = strictObject({ id: Type.Optional(Id), name: Type.Optional(NonEmptyString), ...timingProperties })

export type QueueSpec = Static<typeof QueueSpec>
