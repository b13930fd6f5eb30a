import { callConversationView } from '../views/call-conversation-view.ts'
import { conversationView } from '../views/conversation-view.ts'
import { platformDisconnects } from '../calls/hang-ups.ts'
import { PlatformError } from './platform-errors.ts'
import { objectBody, optionalString, type Operation, type PlatformAnswer, type PlatformRequest } from './platform-operation.ts'
import { replaceWithAgent, replaceWithQueue, transferToNumber, type TransferRequest } from '../calls/transfer-commands.ts'
import type { World } from '../world.ts'

const ACCEPTED: PlatformAnswer = { status: 202 }
const TRANSFER_TYPES = ['Attended', 'Unattended']
const blindTransfer = (...granular: string[]) => ({
  type: 'ANY' as const,
  permissions: ['conversation:communication:blindTransfer', ...granular.map((kind) => `conversation:communication:blindTransfer${kind}`)],
})

/** The transfer commands: 202 with an empty body, or a documented refusal (genesys-api §1.1). */
function transfer(field: string, command: (world: World, request: TransferRequest) => void): Operation['answer'] {
  return (world, { params, body }) => {
    const fields = objectBody(body)
    const transferType = optionalString(fields, 'transferType') ?? 'Unattended'
    if (!TRANSFER_TYPES.includes(transferType)) {
      throw new PlatformError('invalid.value', { values: [transferType, 'TransferType', TRANSFER_TYPES.join(', ')] })
    }
    const { conversationId = '', participantId = '' } = params
    command(world, { conversationId, participantId, transferType, to: optionalString(fields, field) })
    return ACCEPTED
  }
}

function getConversation(world: World, { params }: PlatformRequest): PlatformAnswer {
  const conversation = world.conversations.get(params['conversationId'] ?? '')
  if (conversation === undefined) throw new PlatformError('not.found')
  return { status: 200, body: conversationView(world, conversation) }
}

function getCallConversation(world: World, { params }: PlatformRequest): PlatformAnswer {
  const conversation = world.conversations.get(params['conversationId'] ?? '')
  if (conversation === undefined) throw new PlatformError('conversation.error.conversation.not.found')
  return { status: 200, body: callConversationView(world, conversation) }
}

function disconnect(world: World, { params }: PlatformRequest): PlatformAnswer {
  const conversation = world.conversations.get(params['conversationId'] ?? '')
  if (conversation === undefined || conversation.endAt !== undefined) throw new PlatformError('conversation.error.conversation.not.found')
  platformDisconnects(world, conversation)
  return ACCEPTED
}

/** Merges into the participant's attributes; the last writer wins, key by key. */
function patchAttributes(world: World, { params, body }: PlatformRequest): PlatformAnswer {
  const conversation = world.conversations.get(params['conversationId'] ?? '')
  if (conversation === undefined) throw new PlatformError('conversation.error.conversation.not.found')
  const leg = conversation.legs.find(({ id }) => id === params['participantId'])
  if (leg === undefined) throw new PlatformError('not.found')
  const attributes = objectBody(objectBody(body)['attributes'])
  for (const value of Object.values(attributes)) {
    if (value === null) throw new PlatformError('conversation.error.participant.attribute.null')
    if (typeof value !== 'string') throw new PlatformError('bad.request')
  }
  Object.assign(leg.attributes, attributes)
  conversation.tell(leg, 'changed')
  return ACCEPTED
}

const participant = '/conversations/:conversationId/participants/:participantId'

export const CONVERSATION_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/conversations/:conversationId',
    needs: { type: 'ANY', permissions: ['conversation:communication:view'] },
    answer: getConversation,
  },
  { method: 'GET', path: '/conversations/calls/:conversationId', answer: getCallConversation },
  { method: 'POST', path: `${participant}/replace/queue`, needs: blindTransfer('Queue'), answer: transfer('queueId', replaceWithQueue) },
  { method: 'POST', path: `${participant}/replace/agent`, needs: blindTransfer('Agent'), answer: transfer('userId', replaceWithAgent) },
  { method: 'POST', path: `${participant}/transfer`, needs: blindTransfer(), answer: transfer('address', transferToNumber) },
  { method: 'PATCH', path: `${participant}/attributes`, answer: patchAttributes },
  {
    method: 'POST',
    path: '/conversations/:conversationId/disconnect',
    needs: { type: 'ANY', permissions: ['conversation:communication:disconnect'] },
    answer: disconnect,
  },
]
