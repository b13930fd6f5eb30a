/** How each leg ends when the caller, the agent or the platform ends the conversation. */
import type { Conversation, DisconnectType } from '../model/conversation.ts'
import { findConnectedLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { ControlError } from '../specs/control-error.ts'
import { disconnectLeg } from './agents.ts'

/** The disconnect types of the legs when a conversation ends. */
interface ConversationEnd {
  readonly customer: DisconnectType
  readonly others: DisconnectType
}

const endedByCaller: ConversationEnd = { customer: 'endpoint', others: 'peer' }
const endedByAgent: ConversationEnd = { customer: 'peer', others: 'peer' }
const endedByPlatform: ConversationEnd = { customer: 'system', others: 'system' }

function endConversation(platform: PlatformState, conversation: Conversation, end: ConversationEnd): void {
  if (conversation.endAt !== undefined) return
  // The conversation ends before its legs do, so that an agent who becomes free meanwhile is not offered this very call.
  conversation.endAt = platform.clock.now()
  for (const leg of conversation.legs.toReversed()) {
    disconnectLeg(platform, leg, leg.purpose === 'customer' ? end.customer : end.others)
  }
  for (const command of conversation.commands) {
    if (command.state === 'Pending' || command.state === 'Active') command.state = 'Canceled'
  }
}

/** The caller hangs up: `endpoint` on the caller's leg, `peer` on all others (docs/genesys-cloud.md rule 37). */
export function hangUpByCaller(platform: PlatformState, conversation: Conversation): void {
  endConversation(platform, conversation, endedByCaller)
}

/**
 * The agent hangs up: `client` on the agent's leg, `peer` on all others.
 *
 * @throws {ControlError} When no agent is connected.
 */
export function hangUpByAgent(platform: PlatformState, conversation: Conversation): void {
  const leg = findConnectedLeg(conversation, 'agent', 'user')
  if (leg === undefined) throw new ControlError(`No agent is connected in conversation ${conversation.id}`)
  disconnectLeg(platform, leg, 'client')
  endConversation(platform, conversation, endedByAgent)
}

/** The platform ends the conversation: `system` on every leg. */
export function disconnectByPlatform(platform: PlatformState, conversation: Conversation): void {
  endConversation(platform, conversation, endedByPlatform)
}
