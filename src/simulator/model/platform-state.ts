/** What the state of the simulated platform consists of: its clock, settings, directory, calls and accepted transfers. */
import type { Clock } from './clock.ts'
import type { Conversation, Leg, LegChange } from './conversation.ts'
import type { Agent, Queue, Skill } from './directory.ts'
import type { EmergencyGroup, Schedule, ScheduleGroup } from './schedule.ts'
import { defaultSettings, type Settings } from './settings.ts'

/** A transfer command that the platform accepted: the evidence that no call was moved twice. */
export interface AcceptedTransfer {
  /** ISO 8601. */
  readonly at: string
  readonly conversationId: string
  readonly participantId: string
  readonly kind: 'queue' | 'agent' | 'number'
  readonly to: string
}

/** A command that created a callback: the evidence that no caller is called back twice. */
export interface AcceptedCallback {
  /** ISO 8601. */
  readonly at: string
  readonly conversationId: string
  readonly participantId: string
  readonly callbackId: string
  readonly queueId: string
  readonly skillIds: readonly string[]
  readonly priority: number
  readonly numbers: readonly string[]
  /** ISO 8601; null: as soon as possible. */
  readonly scheduledTime: string | null
  readonly data: Readonly<Record<string, string>>
}

/** The state of the simulated platform. Its parts are changed in place. */
export interface PlatformState {
  readonly clock: Clock
  readonly settings: Settings
  readonly skills: Map<string, Skill>
  readonly queues: Map<string, Queue>
  readonly agents: Map<string, Agent>
  readonly schedules: Map<string, Schedule>
  readonly scheduleGroups: Map<string, ScheduleGroup>
  readonly emergencyGroups: Map<string, EmergencyGroup>
  readonly conversations: Map<string, Conversation>
  readonly transfers: AcceptedTransfer[]
  readonly callbacks: AcceptedCallback[]
  /** Called after each change of a leg of any conversation. */
  onLegChange: (leg: Leg, change: LegChange) => void
  /** Called when an agent may have become able to take a call. */
  onAgentAvailable: (agent: Agent) => void
}

/**
 * Creates an empty platform. Both callbacks do nothing until they are set.
 *
 * @param settings The settings that differ from the defaults.
 */
export function createPlatformState(clock: Clock, settings: Partial<Settings>): PlatformState {
  return {
    clock,
    settings: { ...defaultSettings, ...settings },
    skills: new Map(),
    queues: new Map(),
    agents: new Map(),
    schedules: new Map(),
    scheduleGroups: new Map(),
    emergencyGroups: new Map(),
    conversations: new Map(),
    transfers: [],
    callbacks: [],
    onLegChange: () => {},
    onAgentAvailable: () => {},
  }
}
