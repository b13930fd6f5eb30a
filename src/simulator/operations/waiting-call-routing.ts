/** How the skills, priority, language and preferred agents of a waiting call are changed over HTTP. */
import { updateRouting } from '../calls/acd.ts'
import type { RoutingData, ScoredAgent } from '../model/conversation.ts'
import { findConnectedLeg } from '../model/leg.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { createScoredAgentsView } from '../views/conversation-view.ts'
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
      scoredAgents: createScoredAgentsView(routing),
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
  const scoredAgents = parseScoredAgents(platform, fields['requestScoredAgents'], current)
  return {
    queueId: current.queueId,
    priority: Number(priority),
    skillIds,
    ...(languageId !== '' && { languageId }),
    ...(scoredAgents && { scoredAgents }),
  }
}

/** Only members of the queue can be preferred; others are left out without an error (docs/genesys-cloud.md rule 46). */
function parseScoredAgents(platform: PlatformState, requested: unknown, current: RoutingData): RoutingData['scoredAgents'] {
  if (requested === undefined || requested === null) return current.scoredAgents
  if (!Array.isArray(requested)) throw new PlatformError('bad.request')
  const members = platform.queues.get(current.queueId)?.members
  return requested.map(parseScoredAgent).filter(({ userId }) => members?.has(userId))
}

function parseScoredAgent(value: unknown): ScoredAgent {
  const { id, score } = parseObject(value)
  if (typeof id !== 'string') throw new PlatformError('bad.request')
  if (!Number.isInteger(score) || Number(score) < 0 || Number(score) > 100)
    throw new PlatformError('invalid.value', { values: [String(score), 'Integer', '0 to 100'] })
  return { userId: id, score: Number(score) }
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
