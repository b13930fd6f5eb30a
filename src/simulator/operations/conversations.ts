/** How conversations are read, annotated and disconnected over HTTP. */
import { disconnectByPlatform } from '../calls/hang-ups.ts'
import type { Conversation } from '../model/conversation.ts'
import { PlatformError } from '../model/platform-error.ts'
import { createCallConversationView } from '../views/call-conversation-view.ts'
import { createConversationView } from '../views/conversation-view.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'
import { parseObject } from './parameters.ts'

/**
 * Finds a conversation.
 *
 * @throws {PlatformError} 404 `conversation.error.conversation.not.found`; only `GET /conversations/{id}` answers `not.found` instead.
 */
function findConversation({ platform }: OperationContext, { params }: PlatformRequest): Conversation {
  const conversation = platform.conversations.get(params['conversationId'] ?? '')
  if (conversation === undefined) throw new PlatformError('conversation.error.conversation.not.found')
  return conversation
}

function getConversation({ platform }: OperationContext, { params }: PlatformRequest): PlatformResponse {
  const conversation = platform.conversations.get(params['conversationId'] ?? '')
  if (conversation === undefined) throw new PlatformError('not.found')
  return { status: 200, body: createConversationView(platform, conversation) }
}

function getCallConversation(context: OperationContext, request: PlatformRequest): PlatformResponse {
  return { status: 200, body: createCallConversationView(context.platform, findConversation(context, request)) }
}

function disconnect(context: OperationContext, request: PlatformRequest): PlatformResponse {
  const conversation = findConversation(context, request)
  if (conversation.endAt !== undefined) throw new PlatformError('conversation.error.conversation.not.found')
  disconnectByPlatform(context.platform, conversation)
  return { status: 202 }
}

/** Merges the attributes of the body into the participant's; for each key the last writer wins. */
function patchAttributes(context: OperationContext, request: PlatformRequest): PlatformResponse {
  const conversation = findConversation(context, request)
  const leg = conversation.legs.find(({ id }) => id === request.params['participantId'])
  if (leg === undefined) throw new PlatformError('not.found')
  const attributes = parseObject(parseObject(request.body)['attributes'])
  for (const value of Object.values(attributes)) {
    if (value === null) throw new PlatformError('conversation.error.participant.attribute.null')
    if (typeof value !== 'string') throw new PlatformError('bad.request')
    // No limit of calls is documented (docs/genesys-cloud.md rule 14), so neither is the code.
    if (value.length > (context.platform.settings.longestAttribute ?? Infinity)) throw new PlatformError('bad.request')
  }
  Object.assign(leg.attributes, attributes)
  conversation.onLegChange(leg, 'changed')
  return { status: 202 }
}

/** The operations for conversations. */
export const conversationOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/conversations/:conversationId',
    requires: { anyOf: ['conversation:communication:view'] },
    handle: getConversation,
  },
  { method: 'GET', path: '/conversations/calls/:conversationId', handle: getCallConversation },
  {
    method: 'PATCH',
    path: '/conversations/:conversationId/participants/:participantId/attributes',
    handle: patchAttributes,
  },
  {
    method: 'POST',
    path: '/conversations/:conversationId/disconnect',
    requires: { anyOf: ['conversation:communication:disconnect'] },
    handle: disconnect,
  },
]
