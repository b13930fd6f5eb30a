/** Which event faults, forbidden topics and disconnections can be set for the notification service. */
import Type, { type Static } from 'typebox'
import { faultWindowProperties } from './fault-spec.ts'
import { Milliseconds, NonEmptyString, strictObject, stringEnum } from './schemas.ts'

/** A pattern of topic names, in which `*` stands for any characters. */
const TopicPattern = Type.String({ minLength: 1, maxLength: 300 })

/** What goes wrong with an event on its way to one channel; `cut` loses the event together with the connection. */
export const EventFault = Type.Union([
  strictObject({ kind: stringEnum('drop', 'duplicate', 'cut') }),
  strictObject({ kind: Type.Literal('delay'), ms: Milliseconds }),
])

/** A fault and the events that it applies to; without `topic` that is every event. */
export const EventFaultSpec = strictObject({
  topic: Type.Optional(TopicPattern),
  ...faultWindowProperties,
  fault: EventFault,
})

/** Topics to reject. `missingPermissions` defaults to those that the topic requires. */
export const ForbiddenTopics = strictObject({ pattern: TopicPattern, missingPermissions: Type.Optional(Type.Array(NonEmptyString)) })

/** How connections end: with `announce` the clients get a closing notice, and lose their connections `afterMs` later. */
export const SocketCut = strictObject({ announce: Type.Optional(Type.Boolean()), afterMs: Type.Optional(Milliseconds) })

export type EventFault = Static<typeof EventFault>
export type EventFaultSpec = Static<typeof EventFaultSpec>
export type ForbiddenTopics = Static<typeof ForbiddenTopics>
export type SocketCut = Static<typeof SocketCut>
