import { isoTime } from './conversation-view.ts'
import { timeFor, type Agent, type Queue, type Skill, type World } from '../world.ts'

/** `RoutingSkill`. */
export function skillView({ id, name, state }: Skill): unknown {
  return { id, name, state, version: '1', selfUri: `/api/v2/routing/skills/${id}` }
}

/** `Queue`. Skills are always enforced (`ALL`) and priority alone decides the order. */
export function queueView(world: World, queue: Queue): unknown {
  const members = [...queue.members.values()]
  return {
    id: queue.id,
    name: queue.name,
    memberCount: members.length,
    userMemberCount: members.length,
    joinedMemberCount: members.filter(({ joined }) => joined).length,
    mediaSettings: { call: { alertingTimeoutSeconds: Math.ceil(timeFor(world, 'alertingTimeoutMs', queue) / 1000) } },
    scoringMethod: 'PriorityOnly',
    acwSettings: { wrapupPrompt: 'OPTIONAL' },
    skillEvaluationMethod: 'ALL',
    enableManualAssignment: false,
    selfUri: `/api/v2/routing/queues/${queue.id}`,
  }
}

export function routingStatusView(agent: Agent): unknown {
  return { userId: agent.id, status: agent.routingStatus, startTime: isoTime(agent.statusSince) }
}

/** `User` with the expansions asked for: routingStatus, presence, skills. */
export function userView(world: World, agent: Agent, expand: ReadonlySet<string>): unknown {
  const selfUri = `/api/v2/users/${agent.id}`
  return {
    id: agent.id,
    name: agent.name,
    state: agent.state,
    version: 1,
    ...(expand.has('routingStatus') && { routingStatus: routingStatusView(agent) }),
    ...(expand.has('presence') && { presence: presenceView(agent) }),
    ...(expand.has('skills') && { skills: agent.skillIds.map((id) => userSkillView(world, id, selfUri)) }),
    acdAutoAnswer: false,
    selfUri,
  }
}

function presenceView(agent: Agent): unknown {
  return {
    source: 'PURECLOUD',
    primary: true,
    presenceDefinition: { id: `presence-${agent.presence.toLowerCase().replaceAll(' ', '-')}`, systemPresence: agent.presence },
    message: '',
    selfUri: `/api/v2/users/${agent.id}/presences/PURECLOUD`,
  }
}

function userSkillView(world: World, id: string, userUri: string): unknown {
  const skill = world.skills.get(id)
  const selfUri = `/api/v2/routing/skills/${id}`
  return { id, name: skill?.name, proficiency: 3, state: skill?.state, skillUri: selfUri, selfUri: `${userUri}/routingskills/${id}` }
}

/** `QueueMember` with the same expansions. */
export function memberView(world: World, queue: Queue, agent: Agent, joined: boolean, expand: ReadonlySet<string>): unknown {
  return {
    id: agent.id,
    name: agent.name,
    user: userView(world, agent, expand),
    ringNumber: 1,
    joined,
    memberBy: 'user',
    ...(expand.has('routingStatus') && { routingStatus: routingStatusView(agent) }),
    selfUri: `/api/v2/routing/queues/${queue.id}/members/${agent.id}`,
  }
}
