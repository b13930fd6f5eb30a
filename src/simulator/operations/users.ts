/** How users and their routing status are read over HTTP. */
import { createRoutingStatusView, createUserView } from '../views/directory-view.ts'
import { findEntity } from './find-entity.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'
import { parseList } from './parameters.ts'

/** A user who does not exist is OFF_QUEUE, as documented (docs/genesys-cloud.md rule 50). */
function getRoutingStatus({ platform }: OperationContext, { params }: PlatformRequest): PlatformResponse {
  const userId = params['userId'] ?? ''
  const agent = platform.agents.get(userId)
  return { status: 200, body: agent === undefined ? { userId, status: 'OFF_QUEUE' } : createRoutingStatusView(agent) }
}

/** The operations for users. */
export const userOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/users/:userId',
    handle: ({ platform }, { params, query }) => ({
      status: 200,
      body: createUserView(platform, findEntity(platform.agents, params['userId']), new Set(parseList(query['expand']))),
    }),
  },
  { method: 'GET', path: '/users/:userId/routingstatus', handle: getRoutingStatus },
]
