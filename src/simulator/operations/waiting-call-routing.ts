/** How the skills, priority and language of a waiting call are changed over HTTP. */
import { updateRouting } from '../calls/acd.ts'
import type { RoutingData } from '../model/conversation.ts'
import { findConnectedLeg } from '../model/leg.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { createSkillView } from '../views/directory-view.ts'
import { findEntity } from './find-entity.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'
import { parseObject, parseOptionalString } from './parameters.ts'

const maxPriority = 25_000_000

/** Without a connected acd leg the request is refused with 400, which is an assumption (docs/genesys-cloud.md rule 42). */
function patchRouting({ platform }: OperationContext, { params, body }: PlatformRequest): PlatformResponse {
  const conversation = findEntity(platform.conversations, params['conversationId'])
  const fields = parseObject(body)
  const acdLeg = findConnectedLeg(conversation, 'acd')
  if (acdLeg?.routing === undefined) throw new PlatformError('bad.request', { message: 'The conversation is not waiting in a queue.' })
  const routing = parseRoutingUpdate(platform, fields, acdLeg.routing)
  updateRouting(platform, acdLeg, routing)
  const { priority, skillIds, languageId } = routing
  return {
    status: 200,
    body: {
      priority,
      skills: skillIds.map((id) => createSkillView(findEntity(platform.skills, id))),
      ...(languageId !== undefined && { language: { id: languageId, name: languageId } }),
      scoredAgents: [],
    },
  }
}

/** The routing data after the update: an absent field keeps its value, an empty list or language clears it (docs/genesys-cloud.md rule 41). */
function parseRoutingUpdate(platform: PlatformState, fields: Record<string, unknown>, current: RoutingData): RoutingData {
  const { priority = current.priority, skillIds = current.skillIds } = fields
  if (!Number.isInteger(priority) || Math.abs(Number(priority)) > maxPriority) {
    throw new PlatformError('invalid.value', { values: [String(priority), 'Integer', `-${maxPriority} to ${maxPriority}`] })
  }
  if (!Array.isArray(skillIds) || skillIds.some((id) => typeof id !== 'string')) throw new PlatformError('bad.request')
  for (const id of skillIds as string[]) {
    if (!platform.skills.has(id)) throw new PlatformError('invalid.value', { values: [id, 'skillIds', 'existing skills'] })
  }
  const languageId = parseOptionalString(fields, 'languageId') ?? current.languageId ?? ''
  return { queueId: current.queueId, priority: Number(priority), skillIds, ...(languageId !== '' && { languageId }) }
}

/** The operations for waiting calls. */
export const waitingCallRoutingOperations: readonly Operation[] = [
  {
    method: 'PATCH',
    path: '/routing/conversations/:conversationId',
    requires: { anyOf: ['routing:conversation:edit'] },
    isAssignment: true,
    handle: patchRouting,
  },
]
