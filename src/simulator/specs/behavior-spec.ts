/** How a platform behaves where the published shapes are silent: what a recording of `npm run acceptance` says, and the simulator can repeat. */
import Type, { type Static } from 'typebox'
import { Milliseconds, NonEmptyString, strictObject } from './schemas.ts'

/** What the platform answers instead of doing what it was asked. */
const Refusal = strictObject({ status: Type.Integer({ minimum: 200, maximum: 599 }), code: Type.Optional(Type.String()) })

/** A field that is absent leaves the simulator as it is. */
export const Behavior = strictObject({
  /** What `replace/queue` does to a call that is still in a flow: it is refused, or accepted without an effect. */
  replaceInFlow: Type.Optional(Type.Union([Refusal, Type.Literal('ignored')])),
  /** What `PATCH /routing/conversations/{id}` answers before the call waits in a queue. */
  routingBeforeArrival: Type.Optional(Refusal),
  /** The time between the command and the arrival of the call in the queue. */
  arrivalMs: Type.Optional(Milliseconds),
  /** The time between the arrival in the queue and the first offer. */
  offerMs: Type.Optional(Milliseconds),
  /** The time between a change and the event about it. */
  eventDelayMs: Type.Optional(Milliseconds),
  /** No topic about calls is permitted; the permissions that the platform names as missing. */
  eventsWithout: Type.Optional(Type.Array(NonEmptyString)),
  /** Permissions that the OAuth client does not have. */
  missingPermissions: Type.Optional(Type.Array(NonEmptyString)),
  /** The longest value of a participant attribute, in characters; a longer one is refused. */
  longestAttribute: Type.Optional(Type.Integer({ minimum: 0 })),
  /** What the creation of a callback answers. */
  callback: Type.Optional(Refusal),
})

export type Behavior = Static<typeof Behavior>
