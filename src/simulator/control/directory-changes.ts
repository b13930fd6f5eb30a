/** How skills, queues and agents are added, changed and removed while the simulator runs. */
import { randomUUID } from 'node:crypto'
import { setRoutingStatus } from '../calls/agents.ts'
import type { Agent, Queue, Skill } from '../model/directory.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { requireEntity } from '../model/require-entity.ts'
import type { AgentChange, AgentSpec } from '../specs/agent-spec.ts'
import { ControlError } from '../specs/control-error.ts'
import type { QueueChange, QueueSpec } from '../specs/queue-spec.ts'
import type { SkillSpec } from '../specs/skill-spec.ts'

/** What adding an entity returns. */
export interface NamedEntity {
  readonly id: string
  readonly name: string
}

const defaultAnswers = [{ after: 200, with: 'pickup' }] as const

/**
 * Adds an entity.
 *
 * @param kind What the error message calls the entity, such as "queue".
 * @throws {ControlError} For an id that is taken.
 */
export function insertEntity<T extends NamedEntity>(entities: Map<string, T>, kind: string, entity: T): NamedEntity {
  if (entities.has(entity.id)) throw new ControlError(`There is a ${kind} ${entity.id} already`)
  entities.set(entity.id, entity)
  return { id: entity.id, name: entity.name }
}

/**
 * Adds a skill.
 *
 * @throws {ControlError} For an id that is taken.
 */
export function addSkill(platform: PlatformState, spec: SkillSpec): NamedEntity {
  const skill: Skill = {
    id: spec.id ?? randomUUID(),
    name: spec.name ?? `Skill ${platform.skills.size + 1}`,
    state: spec.state ?? 'active',
  }
  return insertEntity(platform.skills, 'skill', skill)
}

/**
 * Adds a queue without members.
 *
 * @throws {ControlError} For an id that is taken.
 */
export function addQueue(platform: PlatformState, spec: QueueSpec): NamedEntity {
  const { id = randomUUID(), name = `Queue ${platform.queues.size + 1}`, ...timing } = spec
  const queue: Queue = { id, name, timing, members: new Map(), waiting: new Map(), estimatedWaitSeconds: null }
  return insertEntity(platform.queues, 'queue', queue)
}

/**
 * Changes the wait that the platform estimates for a queue.
 *
 * @throws {ControlError} When the queue does not exist.
 */
export function changeQueue(platform: PlatformState, id: string, { estimatedWaitSeconds }: QueueChange): void {
  requireEntity(platform.queues, 'queue', id).estimatedWaitSeconds = estimatedWaitSeconds
}

/**
 * Adds an agent, makes them a member of their queues, and offers them a waiting call.
 *
 * @throws {ControlError} For an id that is taken, or a skill or queue that does not exist.
 */
export function addAgent(platform: PlatformState, spec: AgentSpec): NamedEntity {
  const { skillIds = [], queueIds = [], unjoinedQueueIds = [], alertingTimeoutMs, talkMs } = spec
  for (const skillId of skillIds) requireEntity(platform.skills, 'skill', skillId)
  const queues = [...queueIds, ...unjoinedQueueIds].map((queueId) => requireEntity(platform.queues, 'queue', queueId))
  const agent: Agent = {
    id: spec.id ?? randomUUID(),
    name: spec.name ?? `Agent ${platform.agents.size + 1}`,
    skillIds,
    timing: { ...(alertingTimeoutMs !== undefined && { alertingTimeoutMs }), ...(talkMs !== undefined && { talkMs }) },
    routingStatus: spec.routingStatus ?? 'IDLE',
    routingStatusSince: platform.clock.now(),
    presence: spec.presence ?? 'Available',
    state: spec.state ?? 'active',
    answers: spec.answers ?? defaultAnswers,
    offersMade: 0,
    activeLegs: new Set(),
  }
  const named = insertEntity(platform.agents, 'agent', agent)
  for (const queue of queues) queue.members.set(agent.id, { agent, joined: queueIds.includes(queue.id) })
  platform.onAgentAvailable(agent)
  return named
}

/**
 * Changes an agent. New answers begin with the next offer.
 *
 * @throws {ControlError} When the agent does not exist.
 */
export function changeAgent(platform: PlatformState, id: string, change: AgentChange): void {
  const agent = requireEntity(platform.agents, 'agent', id)
  if (change.presence !== undefined) agent.presence = change.presence
  if (change.state !== undefined) agent.state = change.state
  if (change.answers !== undefined) {
    agent.answers = change.answers
    agent.offersMade = 0
  }
  if (change.routingStatus !== undefined) setRoutingStatus(platform, agent, change.routingStatus)
  platform.onAgentAvailable(agent)
}

/**
 * Removes a queue: transfers no longer find it, and the calls that wait in it are no longer offered to agents.
 *
 * @throws {ControlError} When the queue does not exist.
 */
export function removeQueue(platform: PlatformState, id: string): void {
  requireEntity(platform.queues, 'queue', id).waiting.clear()
  platform.queues.delete(id)
}
