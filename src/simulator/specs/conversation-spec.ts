/** Which fields describe a call on the control API, and which actions of an Architect flow can be triggered for it. */
import Type, { type Static } from 'typebox'
import { Id, Milliseconds, NonEmptyString, strictObject, stringEnum } from './schemas.ts'

/** How an incoming call is described: who calls, and where the call is when it is added. */
export const ConversationSpec = strictObject({
  id: Type.Optional(Id),
  /** The caller's number. */
  ani: Type.Optional(NonEmptyString),
  /** The number that was called. */
  dnis: Type.Optional(NonEmptyString),
  /** Where the call is: in the IVR, waiting in a queue, or connected to an agent, by way of a queue if one is named. */
  in: Type.Union([Type.Literal('ivr'), strictObject({ queueId: Id }), strictObject({ userId: Id, queueId: Type.Optional(Id) })]),
  /** Milliseconds after which the caller hangs up. */
  callerHangsUpAfter: Type.Optional(Milliseconds),
  /** Makes the conversation something other than a call. */
  medium: Type.Optional(stringEnum('chat', 'email', 'message', 'callback')),
  callerState: Type.Optional(stringEnum('alerting', 'dialing', 'contacting', 'offering', 'connected', 'disconnected', 'terminated')),
})

/** What an Architect flow asks for with Transfer to ACD. */
export const FlowTransferSpec = strictObject({
  queueId: Id,
  skillIds: Type.Optional(Type.Array(Id)),
  priority: Type.Optional(Type.Integer()),
})

/** What an Architect flow asks for with Create Callback. */
export const FlowCallbackSpec = strictObject({ queueId: Id })

/** Whom an agent consults. */
export const ConsultTarget = Type.Union([
  strictObject({ userId: Id }),
  strictObject({ queueId: Id }),
  strictObject({ number: NonEmptyString }),
])

/** Where an in-queue flow can send a waiting call. */
export const FlowOutTarget = stringEnum('voicemail', 'ivr')

export type ConversationSpec = Static<typeof ConversationSpec>
export type ConsultTarget = Static<typeof ConsultTarget>
export type FlowCallbackSpec = Static<typeof FlowCallbackSpec>
export type FlowTransferSpec = Static<typeof FlowTransferSpec>
export type FlowOutTarget = Static<typeof FlowOutTarget>
