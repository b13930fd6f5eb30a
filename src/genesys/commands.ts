/** The operations that change a call, with the body of each. */
import type { CallOptions } from './http/call-options.ts'
import { callAndParse, sendCommand, withDefaultLane, type CommandReceipt } from './http/operation.ts'
import { parseRouting, type Routing } from './responses.ts'
import type { Sdk } from './sdk.ts'

/** Who is called back, and by agents of which queue. */
export interface NewCallback {
  queueId: string
  skillIds: string[]
  priority: number
  /** In E.164 form. */
  number: string
  /** ISO 8601; absent: as soon as possible. */
  scheduledAt?: string
  /** Become attributes of the participant. */
  data: Record<string, string>
}

/** Every call throws GenesysError only. */
export interface PlatformCommands {
  /** Moves the call from the participant to a queue. Resolves when the platform has accepted it. */
  replaceWithQueue(conversationId: string, participantId: string, queueId: string, options: CallOptions): Promise<CommandReceipt>
  /** Moves the call from the participant to an agent. */
  replaceWithAgent(conversationId: string, participantId: string, userId: string, options: CallOptions): Promise<CommandReceipt>
  /** Moves the call from the participant to a phone number. */
  transferToNumber(conversationId: string, participantId: string, address: string, options: CallOptions): Promise<CommandReceipt>
  /** Creates a callback on the conversation; the call stays where it is. */
  createCallback(conversationId: string, participantId: string, callback: NewCallback, options: CallOptions): Promise<CommandReceipt>
  /** Sets attributes of a participant; others stay as they are. */
  setAttributes(conversationId: string, participantId: string, attributes: Record<string, string>, options: CallOptions): Promise<void>
  /** Sets skills, priority, language and preferred agents of a conversation that waits in a queue. Resolves with the routing that the platform then has. */
  setRouting(conversationId: string, routing: Routing, options: CallOptions): Promise<Routing>
}

/** A blind transfer: the call leaves the participant at once, without a consultation (docs/genesys-cloud.md rule 4). */
const blind = { transferType: 'Unattended' } as const

/** Scores go from 0 to 100 (docs/genesys-cloud.md rule 46). A queue may prefer only agents above a minimum score, so all of these are high. */
const toScoredAgent = (id: string, position: number) => ({ id, score: 100 - position })

export function createCommands({ conversations, routing }: Pick<Sdk, 'conversations' | 'routing'>): PlatformCommands {
  return {
    replaceWithQueue: (conversationId, participantId, queueId, options) =>
      sendCommand('replaceWithQueue', [conversationId, participantId], options, () =>
        conversations.postConversationParticipantReplaceQueue(conversationId, participantId, { ...blind, queueId }),
      ),
    replaceWithAgent: (conversationId, participantId, userId, options) =>
      sendCommand('replaceWithAgent', [conversationId, participantId], options, () =>
        conversations.postConversationParticipantReplaceAgent(conversationId, participantId, { ...blind, userId }),
      ),
    transferToNumber: (conversationId, participantId, address, options) =>
      sendCommand('transferToNumber', [conversationId, participantId], options, () =>
        conversations.postConversationParticipantTransfer(conversationId, participantId, { ...blind, address }),
      ),
    createCallback: (conversationId, participantId, { number, scheduledAt, data, ...routingData }, options) =>
      sendCommand('createCallback', [conversationId, participantId], options, () =>
        conversations.postConversationParticipantCallbacks(conversationId, participantId, {
          body: {
            routingData,
            callbackNumbers: [number],
            ...(scheduledAt !== undefined && { callbackScheduledTime: scheduledAt }),
            data,
          },
        }),
      ),
    async setAttributes(conversationId, participantId, attributes, options) {
      await sendCommand('setAttributes', [conversationId, participantId], options, () =>
        conversations.patchConversationParticipantAttributes(conversationId, participantId, { attributes }),
      )
    },
    setRouting: (id, { skillIds, priority, languageId, preferredUserIds = [] }, options) =>
      callAndParse(
        'setRouting',
        id,
        withDefaultLane(options, 'command'),
        () =>
          routing.patchRoutingConversation(id, {
            skillIds,
            priority,
            ...(languageId !== undefined && { languageId }),
            ...(preferredUserIds.length > 0 && { requestScoredAgents: preferredUserIds.map(toScoredAgent) }),
          }),
        parseRouting,
      ),
  }
}
