import { randomUUID } from 'node:crypto'
import { setStatus } from './calls/agents.ts'
import { existing } from './calls/arrivals.ts'
import { SceneError, type AgentChange, type AgentSpec, type QueueSpec, type SkillSpec } from './control/scene-shapes.ts'
import type { Agent, Queue, Skill, World } from './world.ts'

/** What the simulator calls a thing that it was told to add. */
export interface Named {
  readonly id: string
  readonly name: string
}

const ONE_PICKUP = [{ after: 200, with: 'pickup' }] as const

function added<T extends Named>(entities: Map<string, T>, what: string, entity: T): Named {
  if (entities.has(entity.id)) throw new SceneError(`There is a ${what} ${entity.id} already`)
  entities.set(entity.id, entity)
  return { id: entity.id, name: entity.name }
}

export function addSkill(world: World, spec: SkillSpec): Named {
  const skill: Skill = { id: spec.id ?? randomUUID(), name: spec.name ?? `Skill ${world.skills.size + 1}`, state: spec.state ?? 'active' }
  return added(world.skills, 'skill', skill)
}

export function addQueue(world: World, { id = randomUUID(), name = `Queue ${world.queues.size + 1}`, ...timing }: QueueSpec): Named {
  const queue: Queue = { id, name, timing, members: new Map(), waiting: new Map() }
  return added(world.queues, 'queue', queue)
}

/** Adds an agent and makes them a member of their queues. Throws SceneError for a skill or queue that does not exist. */
export function addAgent(world: World, spec: AgentSpec): Named {
  const { skillIds = [], queueIds = [], unjoinedQueueIds = [], alertingTimeoutMs, talkMs } = spec
  for (const skillId of skillIds) existing(world.skills, 'skill', skillId)
  const queues = [...queueIds, ...unjoinedQueueIds].map((queueId) => existing(world.queues, 'queue', queueId))
  const agent: Agent = {
    id: spec.id ?? randomUUID(),
    name: spec.name ?? `Agent ${world.agents.size + 1}`,
    skillIds,
    timing: { ...(alertingTimeoutMs !== undefined && { alertingTimeoutMs }), ...(talkMs !== undefined && { talkMs }) },
    routingStatus: spec.routingStatus ?? 'IDLE',
    statusSince: world.clock.now(),
    presence: spec.presence ?? 'Available',
    state: spec.state ?? 'active',
    answers: spec.answers ?? ONE_PICKUP,
    offers: 0,
    legs: new Set(),
  }
  const named = added(world.agents, 'agent', agent)
  for (const queue of queues) queue.members.set(agent.id, { agent, joined: queueIds.includes(queue.id) })
  world.agentFreed(agent)
  return named
}

/** Changes an agent; a new script of answers begins with the next offer. */
export function setAgent(world: World, id: string, change: AgentChange): void {
  const agent = existing(world.agents, 'agent', id)
  const { routingStatus = agent.routingStatus, presence = agent.presence, state = agent.state, answers } = change
  Object.assign(agent, { presence, state, ...(answers !== undefined && { answers, offers: 0 }) })
  setStatus(world, agent, routingStatus)
  world.agentFreed(agent)
}

/** The queue is gone: no transfer finds it, and nobody is offered the calls that waited in it. */
export function removeQueue(world: World, id: string): void {
  existing(world.queues, 'queue', id).waiting.clear()
  world.queues.delete(id)
}
