/** Which fields the platform returns for skills, queues, users and queue members. */
import { formatTime } from './conversation-view.ts'
import type { Agent, Queue, Skill } from '../model/directory.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { getTiming } from '../model/timing.ts'

/** `RoutingSkill` of the SDK. */
export function createSkillView({ id, name, state }: Skill): unknown {
  return { id, name, state, version: '1', selfUri: `/api/v2/routing/skills/${id}` }
}

/** `Queue` of the SDK. Every requested skill is required (`ALL`), and only the priority decides which call is served first. */
export function createQueueView(platform: PlatformState, queue: Queue): unknown {
  const members = [...queue.members.values()]
  return {
    id: queue.id,
    name: queue.name,
    memberCount: members.length,
    userMemberCount: members.length,
    joinedMemberCount: members.filter(({ joined }) => joined).length,
    mediaSettings: { call: { alertingTimeoutSeconds: Math.ceil(getTiming(platform, 'alertingTimeoutMs', queue) / 1000) } },
    scoringMethod: 'PriorityOnly',
    acwSettings: { wrapupPrompt: 'OPTIONAL' },
    skillEvaluationMethod: 'ALL',
    enableManualAssignment: false,
    selfUri: `/api/v2/routing/queues/${queue.id}`,
  }
}

/** `RoutingStatus` of the SDK. */
export function createRoutingStatusView(agent: Agent): unknown {
  return { userId: agent.id, status: agent.routingStatus, startTime: formatTime(agent.routingStatusSince) }
}

/** `User` of the SDK; `expand` may name routingStatus, presence and skills. */
export function createUserView(platform: PlatformState, agent: Agent, expand: ReadonlySet<string>): unknown {
  const selfUri = `/api/v2/users/${agent.id}`
  return {
    id: agent.id,
    name: agent.name,
    state: agent.state,
    version: 1,
    ...(expand.has('routingStatus') && { routingStatus: createRoutingStatusView(agent) }),
    ...(expand.has('presence') && { presence: createPresenceView(agent) }),
    ...(expand.has('skills') && { skills: agent.skillIds.map((id) => createUserSkillView(platform, id, selfUri)) }),
    acdAutoAnswer: false,
    selfUri,
  }
}

function createPresenceView(agent: Agent): unknown {
  return {
    source: 'PURECLOUD',
    primary: true,
    presenceDefinition: { id: `presence-${agent.presence.toLowerCase().replaceAll(' ', '-')}`, systemPresence: agent.presence },
    message: '',
    selfUri: `/api/v2/users/${agent.id}/presences/PURECLOUD`,
  }
}

function createUserSkillView(platform: PlatformState, id: string, userUri: string): unknown {
  const skill = platform.skills.get(id)
  const selfUri = `/api/v2/routing/skills/${id}`
  return { id, name: skill?.name, proficiency: 3, state: skill?.state, skillUri: selfUri, selfUri: `${userUri}/routingskills/${id}` }
}

/** `QueueMember` of the SDK, with the same expansions as a user. */
export function createMemberView(
  platform: PlatformState,
  queue: Queue,
  { agent, joined }: { readonly agent: Agent; readonly joined: boolean },
  expand: ReadonlySet<string>,
): unknown {
  return {
    id: agent.id,
    name: agent.name,
    user: createUserView(platform, agent, expand),
    ringNumber: 1,
    joined,
    memberBy: 'user',
    ...(expand.has('routingStatus') && { routingStatus: createRoutingStatusView(agent) }),
    selfUri: `/api/v2/routing/queues/${queue.id}/members/${agent.id}`,
  }
}
