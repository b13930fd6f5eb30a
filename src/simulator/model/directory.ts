/** What the simulated platform knows about its skills, queues and agents. */
import type { AgentSpec } from '../specs/agent-spec.ts'
import type { SkillSpec } from '../specs/skill-spec.ts'
import type { Conversation, Leg } from './conversation.ts'
import type { Timing } from './settings.ts'

type EntityState = NonNullable<SkillSpec['state']>
export type RoutingStatus = NonNullable<AgentSpec['routingStatus']>
export type OfferAnswer = NonNullable<AgentSpec['answers']>[number]

/** A skill that calls can require of an agent. */
export interface Skill {
  readonly id: string
  readonly name: string
  state: EntityState
}

/** A call that waits in a queue: its acd leg, and whether it may be offered to an agent now. */
export interface WaitingCall {
  readonly conversation: Conversation
  readonly leg: Leg
  isOfferable: boolean
}

/** A queue with its members and waiting calls. */
export interface Queue {
  readonly id: string
  readonly name: string
  readonly timing: Partial<Timing>
  /** By user id. */
  readonly members: Map<string, { readonly agent: Agent; readonly joined: boolean }>
  /** By acd leg, in the order of arrival. */
  readonly waiting: Map<Leg, WaitingCall>
  /** The wait that the platform estimates for a new call; null if it has no estimate. */
  estimatedWaitSeconds: number | null
}

/** A user who can take calls. */
export interface Agent {
  readonly id: string
  readonly name: string
  readonly skillIds: readonly string[]
  readonly timing: Partial<Timing>
  routingStatus: RoutingStatus
  /** Epoch ms. */
  routingStatusSince: number
  presence: string
  state: EntityState
  /** The reactions to consecutive offers; the last one repeats. */
  answers: readonly OfferAnswer[]
  /** How many offers the agent got since `answers` was set. */
  offersMade: number
  /** The legs on which the agent's phone rings or the agent talks. */
  readonly activeLegs: Set<Leg>
}
