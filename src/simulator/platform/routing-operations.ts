import { changeWants } from '../calls/acd.ts'
import { memberView, queueView, routingStatusView, skillView, userView } from '../views/directory-view.ts'
import { connectedLeg, type RoutingData } from '../calls/legs.ts'
import { PlatformError } from './platform-errors.ts'
import {
  listParameter,
  objectBody,
  optionalString,
  paging,
  type Operation,
  type PlatformAnswer,
  type PlatformRequest,
} from './platform-operation.ts'
import type { World } from '../world.ts'

const MOST_PRIORITY = 25_000_000

function found<T>(entities: ReadonlyMap<string, T>, id: string | undefined): T {
  const entity = entities.get(id ?? '')
  if (entity === undefined) throw new PlatformError('not.found', id === undefined ? {} : { entityId: id })
  return entity
}

/** Changes what a waiting call asks for; without a connected acd leg it is refused with 400 [INF, genesys-api §1.3]. */
function patchRouting(world: World, { params, body }: PlatformRequest): PlatformAnswer {
  const conversation = found(world.conversations, params['conversationId'])
  const fields = objectBody(body)
  const acd = connectedLeg(conversation, 'acd')
  if (acd?.routing === undefined) throw new PlatformError('bad.request', { message: 'The conversation is not waiting in a queue.' })
  const wants = wantsIn(world, fields, acd.routing)
  changeWants(world, acd, wants)
  const { priority, skillIds, languageId } = wants
  return {
    status: 200,
    body: {
      priority,
      skills: skillIds.map((id) => skillView(found(world.skills, id))),
      ...(languageId !== undefined && { language: { id: languageId, name: languageId } }),
      scoredAgents: [],
    },
  }
}

function wantsIn(world: World, fields: Record<string, unknown>, present: RoutingData): RoutingData {
  const { priority = present.priority, skillIds = present.skillIds } = fields
  if (!Number.isInteger(priority) || Math.abs(Number(priority)) > MOST_PRIORITY) {
    throw new PlatformError('invalid.value', { values: [String(priority), 'Integer', `-${MOST_PRIORITY} to ${MOST_PRIORITY}`] })
  }
  if (!Array.isArray(skillIds) || skillIds.some((id) => typeof id !== 'string')) throw new PlatformError('bad.request')
  for (const id of skillIds as string[]) {
    if (!world.skills.has(id)) throw new PlatformError('invalid.value', { values: [id, 'skillIds', 'existing skills'] })
  }
  const languageId = optionalString(fields, 'languageId') ?? present.languageId ?? ''
  return { queueId: present.queueId, priority: Number(priority), skillIds, ...(languageId !== '' && { languageId }) }
}

/** All active skills, or those asked for by id; an unknown id is simply not in the answer. */
function listSkills(world: World, { query }: PlatformRequest): PlatformAnswer {
  const ids = listParameter(query['id'])
  const { pageSize, pageNumber } = paging(query)
  const skills = [...world.skills.values()].filter(({ id, state }) => (ids.length > 0 ? ids.includes(id) : state === 'active'))
  return {
    status: 200,
    body: {
      entities: skills.slice((pageNumber - 1) * pageSize, pageNumber * pageSize).map(skillView),
      pageSize,
      pageNumber,
      total: skills.length,
      pageCount: Math.ceil(skills.length / pageSize),
      selfUri: `/api/v2/routing/skills?pageSize=${pageSize}&pageNumber=${pageNumber}`,
    },
  }
}

/** The members of a queue by name, filtered by joined, routingStatus and presence, a page at a time. */
function listMembers(world: World, { params, query }: PlatformRequest): PlatformAnswer {
  const queue = found(world.queues, params['queueId'])
  const { pageSize, pageNumber } = paging(query)
  const statuses = listParameter(query['routingStatus'])
  const presences = listParameter(query['presence'])
  const expand = new Set(listParameter(query['expand']))
  const members = [...queue.members.values()]
    .filter(({ joined }) => query['joined'] === undefined || String(joined) === query['joined'])
    .filter(({ agent }) => statuses.length === 0 || statuses.includes(agent.routingStatus))
    .filter(({ agent }) => presences.length === 0 || presences.includes(agent.presence))
    .toSorted((one, other) => one.agent.name.localeCompare(other.agent.name))
  const uri = (page: number) => `/api/v2/routing/queues/${queue.id}/members?pageSize=${pageSize}&pageNumber=${page}`
  return {
    status: 200,
    body: {
      entities: members
        .slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
        .map(({ agent, joined }) => memberView(world, queue, agent, joined, expand)),
      pageSize,
      pageNumber,
      firstUri: uri(1),
      selfUri: uri(pageNumber),
      ...(pageNumber * pageSize < members.length && { nextUri: uri(pageNumber + 1) }),
      ...(pageNumber > 1 && { previousUri: uri(pageNumber - 1) }),
    },
  }
}

/** OFF_QUEUE for a user who does not exist, as the platform's documentation has it (genesys-api §5). */
function getRoutingStatus(world: World, { params }: PlatformRequest): PlatformAnswer {
  const userId = params['userId'] ?? ''
  const agent = world.agents.get(userId)
  return { status: 200, body: agent === undefined ? { userId, status: 'OFF_QUEUE' } : routingStatusView(agent) }
}

const viewSkills = { type: 'ANY' as const, permissions: ['routing:skill:view'] }
const seeMembers = ['routing:queue:view', 'routing:queue:edit', 'routing:queue:readonly', 'routing:queueMember:manage']

export const ROUTING_OPERATIONS: readonly Operation[] = [
  {
    method: 'PATCH',
    path: '/routing/conversations/:conversationId',
    needs: { type: 'ANY', permissions: ['routing:conversation:edit'] },
    answer: patchRouting,
  },
  {
    method: 'GET',
    path: '/routing/skills/:skillId',
    needs: viewSkills,
    answer: (world, { params }) => ({ status: 200, body: skillView(found(world.skills, params['skillId'])) }),
  },
  { method: 'GET', path: '/routing/skills', needs: viewSkills, answer: listSkills },
  {
    method: 'GET',
    path: '/routing/queues/:queueId',
    needs: { type: 'ALL', permissions: ['routing:queue:view'] },
    answer: (world, { params }) => ({ status: 200, body: queueView(world, found(world.queues, params['queueId'])) }),
  },
  { method: 'GET', path: '/routing/queues/:queueId/members', needs: { type: 'ANY', permissions: seeMembers }, answer: listMembers },
  {
    method: 'GET',
    path: '/users/:userId',
    answer: (world, { params, query }) => ({
      status: 200,
      body: userView(world, found(world.agents, params['userId']), new Set(listParameter(query['expand']))),
    }),
  },
  { method: 'GET', path: '/users/:userId/routingstatus', answer: getRoutingStatus },
]
