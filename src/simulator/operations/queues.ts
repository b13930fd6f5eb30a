/** How queues and their members are read over HTTP. */
import { createMemberView, createQueueView } from '../views/directory-view.ts'
import { findEntity } from './find-entity.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'
import { parseList, parsePaging } from './parameters.ts'

/** One page of the members of a queue, sorted by name and filtered by joined, routingStatus and presence. */
function listMembers({ platform }: OperationContext, { params, query }: PlatformRequest): PlatformResponse {
  const queue = findEntity(platform.queues, params['queueId'])
  const { pageSize, pageNumber } = parsePaging(query)
  const statuses = parseList(query['routingStatus'])
  const presences = parseList(query['presence'])
  const expand = new Set(parseList(query['expand']))
  const members = [...queue.members.values()]
    .filter(({ joined }) => query['joined'] === undefined || String(joined) === query['joined'])
    .filter(({ agent }) => statuses.length === 0 || statuses.includes(agent.routingStatus))
    .filter(({ agent }) => presences.length === 0 || presences.includes(agent.presence))
    .toSorted((member, other) => member.agent.name.localeCompare(other.agent.name))
  const pageUri = (page: number) => `/api/v2/routing/queues/${queue.id}/members?pageSize=${pageSize}&pageNumber=${page}`
  return {
    status: 200,
    body: {
      entities: members
        .slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
        .map(({ agent, joined }) => createMemberView(platform, queue, { agent, joined }, expand)),
      pageSize,
      pageNumber,
      firstUri: pageUri(1),
      selfUri: pageUri(pageNumber),
      ...(pageNumber * pageSize < members.length && { nextUri: pageUri(pageNumber + 1) }),
      ...(pageNumber > 1 && { previousUri: pageUri(pageNumber - 1) }),
    },
  }
}

/** The operations for queues and their members. */
export const queueOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/routing/queues/:queueId',
    requires: { allOf: ['routing:queue:view'] },
    isAssignment: true,
    handle: ({ platform }, { params }) => ({
      status: 200,
      body: createQueueView(platform, findEntity(platform.queues, params['queueId'])),
    }),
  },
  {
    method: 'GET',
    path: '/routing/queues/:queueId/members',
    requires: { anyOf: ['routing:queue:view', 'routing:queue:edit', 'routing:queue:readonly', 'routing:queueMember:manage'] },
    isAssignment: true,
    handle: listMembers,
  },
]
