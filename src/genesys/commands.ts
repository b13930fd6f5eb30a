/** The operations that change a call, with the body of each. */
import type { CallOptions } from './http/call-options.ts'
import { callAndParse, sendCommand, withDefaultLane, type CommandReceipt } from './http/operation.ts'
import { parseRouting, type Routing } from './responses.ts'
import type { Sdk } from './sdk.ts'

/** Every call throws GenesysError only. */
export interface PlatformCommands {
  /** Moves the call from the participant to a queue. Resolves when the platform has accepted it. */
  replaceWithQueue(conversationId: string, participantId: string, queueId: string, options: CallOptions): Promise<CommandReceipt>
  /** Moves the call from the participant to an agent. */
  replaceWithAgent(conversationId: string, participantId: string, userId: string, options: CallOptions): Promise<CommandReceipt>
  /** Moves the call from the participant to a phone number. */
  transferToNumber(conversationId: string, participantId: string, address: string, options: CallOptions): Promise<CommandReceipt>
  /** Sets attributes of a participant; others stay as they are. */
  setAttributes(conversationId: string, participantId: string, attributes: Record<string, string>, options: CallOptions): Promise<void>
  /** Sets skills, priority and language of a conversation that waits in a queue. Resolves with the routing that the platform then has. */
  setRouting(conversationId: string, routing: Routing, options: CallOptions): Promise<Routing>
}

/** A blind transfer: the call leaves the participant at once, without a consultation (docs/genesys-cloud.md rule 4). */
const blind = { transferType: 'Unattended' } as const

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
    async setAttributes(conversationId, participantId, attributes, options) {
      await sendCommand('setAttributes', [conversationId, participantId], options, () =>
        conversations.patchConversationParticipantAttributes(conversationId, participantId, { attributes }),
      )
    },
    setRouting: (id, { skillIds, priority, languageId }, options) =>
      callAndParse(
        'setRouting',
        id,
        withDefaultLane(options, 'command'),
        () => routing.patchRoutingConversation(id, { skillIds, priority, ...(languageId !== undefined && { languageId }) }),
        parseRouting,
      ),
  }
}
