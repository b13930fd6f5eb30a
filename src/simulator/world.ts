import type { Clock } from './clock.ts'
import type { Conversation, Leg, LegMoment } from './calls/legs.ts'
import type { Notifications } from './notifications/notifications.ts'
import type { AgentSpec, SettingsChange, SkillSpec } from './control/scene-shapes.ts'

type EntityState = NonNullable<SkillSpec['state']>
export type RoutingStatus = NonNullable<AgentSpec['routingStatus']>
export type OfferAnswer = NonNullable<AgentSpec['answers']>[number]

/** Everything that can be set about a running simulator; times in milliseconds, `talkMs` null = the agent never hangs up. */
export type Settings = { [K in keyof Required<SettingsChange>]: Exclude<SettingsChange[K], undefined> }
export type Timing = Pick<Settings, 'queueDelayMs' | 'offerDelayMs' | 'alertingTimeoutMs' | 'talkMs' | 'afterCallWorkMs'>

export interface Skill {
  readonly id: string
  readonly name: string
  state: EntityState
}

/** A call that waits in a queue: its acd leg, and whether it may be offered now. */
export interface WaitingCall {
  readonly conversation: Conversation
  readonly leg: Leg
  offerable: boolean
}

export interface Queue {
  readonly id: string
  readonly name: string
  readonly timing: Partial<Timing>
  readonly members: Map<string, { readonly agent: Agent; readonly joined: boolean }>
  /** By acd leg, in the order of arrival. */
  readonly waiting: Map<Leg, WaitingCall>
}

export interface Agent {
  readonly id: string
  readonly name: string
  readonly skillIds: readonly string[]
  readonly timing: Partial<Timing>
  routingStatus: RoutingStatus
  statusSince: number
  presence: string
  state: EntityState
  answers: readonly OfferAnswer[]
  /** How many offers of the present script were made. */
  offers: number
  /** The legs that ring or talk at this moment. */
  readonly legs: Set<Leg>
}

/** A transfer command that the platform accepted: the evidence for "no call was moved twice". */
export interface AcceptedTransfer {
  readonly at: string
  readonly conversationId: string
  readonly participantId: string
  readonly kind: 'queue' | 'agent' | 'number'
  readonly to: string
}

export interface World {
  readonly clock: Clock
  readonly settings: Settings
  readonly skills: Map<string, Skill>
  readonly queues: Map<string, Queue>
  readonly agents: Map<string, Agent>
  readonly conversations: Map<string, Conversation>
  readonly transfers: AcceptedTransfer[]
  readonly notifications: Notifications
  /** Called when a leg of any conversation has changed. */
  legChanged: (leg: Leg, moment: LegMoment) => void
  /** Called when an agent may have become able to take a call. */
  agentFreed: (agent: Agent) => void
}

/** The times as they are unless a scene, a queue or an agent says otherwise. */
export const USUAL_SETTINGS: Settings = {
  queueDelayMs: 50,
  offerDelayMs: 100,
  alertingTimeoutMs: 8_000,
  talkMs: null,
  afterCallWorkMs: 100,
  dialMs: 200,
  dialFails: false,
  afterFailedTransfer: 'voicemail',
  latencyMs: 0,
  requestsPerMinute: 300,
  tokenLifetimeSeconds: 86_400,
  permissions: 'all',
  heartbeatMs: 30_000,
  eventDelayMs: 0,
  socketBufferBytes: 1_048_576,
}

/** One time that holds for a call: the agent's own word first, then the queue's, then the scene's. */
export function timeFor<K extends keyof Timing>(world: World, key: K, queue?: Queue, agent?: Agent): Timing[K] {
  const own = [agent?.timing[key], queue?.timing[key]].find((time) => time !== undefined)
  return (own === undefined ? world.settings[key] : own) as Timing[K]
}
