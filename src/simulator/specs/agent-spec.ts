/** Which fields describe an agent on the control API, when the agent is added and when they are changed. */
import Type, { type Static } from 'typebox'
import { EntityState, Id, Milliseconds, NonEmptyString, strictObject, stringEnum } from './schemas.ts'
import { timingProperties } from './timing-spec.ts'

const RoutingStatus = stringEnum('OFF_QUEUE', 'IDLE', 'INTERACTING', 'NOT_RESPONDING', 'COMMUNICATING')

/** The agent's reaction to one offer: `never` lets it ring; otherwise `with` happens after `after` ms. `forward` dials another number. */
const OfferAnswer = Type.Union([
  Type.Literal('never'),
  strictObject({ after: Milliseconds, with: stringEnum('pickup', 'decline', 'error', 'forward') }),
])

/** The reactions to consecutive offers; the last one repeats. */
const OfferAnswers = Type.Array(OfferAnswer, { minItems: 1 })

/** How an agent is described when they are added; their times override those of the queue and the platform. */
export const AgentSpec = strictObject({
  id: Type.Optional(Id),
  name: Type.Optional(NonEmptyString),
  skillIds: Type.Optional(Type.Array(Id)),
  queueIds: Type.Optional(Type.Array(Id)),
  /** Queues that the agent is a member of without having joined them. */
  unjoinedQueueIds: Type.Optional(Type.Array(Id)),
  routingStatus: Type.Optional(RoutingStatus),
  presence: Type.Optional(NonEmptyString),
  answers: Type.Optional(OfferAnswers),
  state: Type.Optional(EntityState),
  alertingTimeoutMs: timingProperties.alertingTimeoutMs,
  talkMs: timingProperties.talkMs,
})

/** What can be changed about an agent. */
export const AgentChange = strictObject({
  routingStatus: Type.Optional(RoutingStatus),
  presence: Type.Optional(NonEmptyString),
  answers: Type.Optional(OfferAnswers),
  state: Type.Optional(EntityState),
})

export type AgentSpec = Static<typeof AgentSpec>
export type AgentChange = Static<typeof AgentChange>
