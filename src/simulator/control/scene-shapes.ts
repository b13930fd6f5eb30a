import Type, { type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** The shapes of what a scene is told, in process and over `/_simulator` alike. Times are milliseconds. */
const Ms = Type.Number({ minimum: 0 })
const Id = Type.String({ minLength: 1, maxLength: 100 })
const Name = Type.String({ minLength: 1 })
const oneOf = <T extends string>(...values: T[]) => Type.Unsafe<T>({ enum: values })
const exactly = <T extends Record<string, TSchema>>(properties: T) => Type.Object(properties, { additionalProperties: false })

const EntityState = oneOf('active', 'inactive', 'deleted')
const RoutingStatus = oneOf('OFF_QUEUE', 'IDLE', 'INTERACTING', 'NOT_RESPONDING', 'COMMUNICATING')
const Answers = Type.Array(Type.Union([Type.Literal('never'), exactly({ after: Ms, with: oneOf('pickup', 'decline', 'error') })]), {
  minItems: 1,
})

/** The times that a queue (or, where it makes sense, an agent) may set for itself. */
const timing = {
  queueDelayMs: Type.Optional(Ms),
  offerDelayMs: Type.Optional(Ms),
  alertingTimeoutMs: Type.Optional(Ms),
  talkMs: Type.Optional(Type.Union([Ms, Type.Null()])),
  afterCallWorkMs: Type.Optional(Ms),
}

export const SkillSpec = exactly({ id: Type.Optional(Id), name: Type.Optional(Name), state: Type.Optional(EntityState) })
export const SkillChange = exactly({ state: EntityState })
export const QueueSpec = exactly({ id: Type.Optional(Id), name: Type.Optional(Name), ...timing })
export const AgentSpec = exactly({
  id: Type.Optional(Id),
  name: Type.Optional(Name),
  skillIds: Type.Optional(Type.Array(Id)),
  queueIds: Type.Optional(Type.Array(Id)),
  /** Queues that the agent is a member of without having joined them. */
  unjoinedQueueIds: Type.Optional(Type.Array(Id)),
  routingStatus: Type.Optional(RoutingStatus),
  presence: Type.Optional(Name),
  answers: Type.Optional(Answers),
  state: Type.Optional(EntityState),
  alertingTimeoutMs: timing.alertingTimeoutMs,
  talkMs: timing.talkMs,
})
export const AgentChange = exactly({
  routingStatus: Type.Optional(RoutingStatus),
  presence: Type.Optional(Name),
  answers: Type.Optional(Answers),
  state: Type.Optional(EntityState),
})
export const ConversationSpec = exactly({
  id: Type.Optional(Id),
  ani: Type.Optional(Name),
  dnis: Type.Optional(Name),
  in: Type.Union([Type.Literal('ivr'), exactly({ queueId: Id }), exactly({ userId: Id, queueId: Type.Optional(Id) })]),
  callerHangsUpAfter: Type.Optional(Ms),
  callerState: Type.Optional(oneOf('alerting', 'dialing', 'contacting', 'offering', 'connected', 'disconnected', 'terminated')),
})
export const FlowTransferSpec = exactly({
  queueId: Id,
  skillIds: Type.Optional(Type.Array(Id)),
  priority: Type.Optional(Type.Integer()),
})
export const FlowOutTarget = oneOf('voicemail', 'ivr')

const Status = Type.Integer({ minimum: 200, maximum: 599 })
/** Whether the platform acts on the request although (or before) the fault shows. Each kind has its own default. */
const acts = { acts: Type.Optional(Type.Boolean()) }
export const Fault = Type.Union([
  exactly({
    kind: Type.Literal('status'),
    status: Status,
    body: Type.Optional(Type.Unknown()),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    ...acts,
  }),
  exactly({ kind: oneOf('empty', 'html'), status: Status, ...acts }),
  exactly({ kind: Type.Literal('delay'), ms: Ms }),
  exactly({ kind: Type.Literal('rate-limited'), retryAfterSeconds: Type.Integer({ minimum: 0 }), ...acts }),
  exactly({ kind: oneOf('wrong-shape', 'silence', 'half-response', 'conflict'), ...acts }),
  exactly({ kind: oneOf('reset-before', 'reset-after') }),
])
const times = Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('always')]))
/** With `conversationId` only requests about that conversation meet the fault, and count for `skip` and `times`. */
export const FaultSpec = exactly({
  operation: Type.Optional(Type.String()),
  conversationId: Type.Optional(Type.String()),
  times,
  skip: Type.Optional(Type.Integer({ minimum: 0 })),
  fault: Fault,
})
const Pattern = Type.String({ minLength: 1, maxLength: 300 })
/** What befalls an event on its way to one channel: `cut` loses it together with the connection. */
export const EventFault = Type.Union([
  exactly({ kind: oneOf('drop', 'duplicate', 'cut') }),
  exactly({ kind: Type.Literal('delay'), ms: Ms }),
])
/** In a pattern `*` stands for any characters of a topic's name. */
export const EventFaultSpec = exactly({
  topic: Type.Optional(Pattern),
  times,
  skip: Type.Optional(Type.Integer({ minimum: 0 })),
  fault: EventFault,
})
/** `missingPermissions`: those that the topic needs, unless others are given. */
export const ForbiddenTopics = exactly({ pattern: Pattern, missingPermissions: Type.Optional(Type.Array(Name)) })
/** With `announce` the clients are told, and lose their connections `afterMs` later. */
export const SocketCut = exactly({ announce: Type.Optional(Type.Boolean()), afterMs: Type.Optional(Ms) })
export const SettingsChange = exactly({
  ...timing,
  dialMs: Type.Optional(Ms),
  dialFails: Type.Optional(Type.Boolean()),
  afterFailedTransfer: Type.Optional(oneOf('voicemail', 'alone', 'disconnect')),
  latencyMs: Type.Optional(Ms),
  requestsPerMinute: Type.Optional(Type.Integer({ minimum: 0 })),
  tokenLifetimeSeconds: Type.Optional(Ms),
  permissions: Type.Optional(Type.Union([Type.Literal('all'), Type.Array(Name)])),
  heartbeatMs: Type.Optional(Type.Number({ minimum: 1 })),
  eventDelayMs: Type.Optional(Ms),
  socketBufferBytes: Type.Optional(Type.Integer({ minimum: 0 })),
})

export type SkillSpec = Static<typeof SkillSpec>
export type SkillChange = Static<typeof SkillChange>
export type QueueSpec = Static<typeof QueueSpec>
export type AgentSpec = Static<typeof AgentSpec>
export type AgentChange = Static<typeof AgentChange>
export type ConversationSpec = Static<typeof ConversationSpec>
export type FlowOutTarget = Static<typeof FlowOutTarget>
export type FlowTransferSpec = Static<typeof FlowTransferSpec>
export type Fault = Static<typeof Fault>
export type FaultSpec = Static<typeof FaultSpec>
export type EventFault = Static<typeof EventFault>
export type EventFaultSpec = Static<typeof EventFaultSpec>
export type ForbiddenTopics = Static<typeof ForbiddenTopics>
export type SocketCut = Static<typeof SocketCut>
export type SettingsChange = Static<typeof SettingsChange>

/** What a scene was told is not possible; nothing was changed. */
export class SceneError extends Error {
  override readonly name = 'SceneError'
}

/** A check of one shape that throws SceneError, naming the first field that does not fit. */
function expecting(what: string, schema: TSchema): (value: unknown) => void {
  const validator = Compile(schema)
  return (value) => {
    if (validator.Check(value)) return
    const errors = validator.Errors(value)
    const strange = errors.find(({ keyword }) => keyword === 'boolean')
    const { instancePath = '', message = 'is not valid' } = errors.find(({ keyword }) => keyword === 'required') ?? errors[0] ?? {}
    throw new SceneError(strange ? `${what}${strange.instancePath} is not known` : `${what}${instancePath} ${message}`)
  }
}

/** One check for each thing that a scene can be told. */
export const expects = {
  skill: expecting('skill', SkillSpec),
  skillChange: expecting('skill', SkillChange),
  queue: expecting('queue', QueueSpec),
  agent: expecting('agent', AgentSpec),
  agentChange: expecting('agent', AgentChange),
  conversation: expecting('conversation', ConversationSpec),
  flowTransfer: expecting('transfer', FlowTransferSpec),
  flowOutTarget: expecting('to', FlowOutTarget),
  fault: expecting('fault', FaultSpec),
  eventFault: expecting('fault', EventFaultSpec),
  forbiddenTopics: expecting('topics', ForbiddenTopics),
  socketCut: expecting('cut', SocketCut),
  settings: expecting('settings', SettingsChange),
  ms: expecting('ms', Ms),
  count: expecting('count', Type.Integer({ minimum: 1, maximum: 50_000 })),
}
