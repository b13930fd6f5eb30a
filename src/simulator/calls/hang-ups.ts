import { finishLeg } from './agents.ts'
import { connectedLeg, type Conversation, type DisconnectType } from './legs.ts'
import { SceneError } from '../control/scene-shapes.ts'
import type { World } from '../world.ts'

/** How the caller's leg and all others end when a conversation ends; the agent who hung up may end otherwise. */
interface Ending {
  readonly customer: DisconnectType
  readonly others: DisconnectType
}

const BY_CALLER: Ending = { customer: 'endpoint', others: 'peer' }
const BY_AGENT: Ending = { customer: 'peer', others: 'peer' }
const BY_PLATFORM: Ending = { customer: 'system', others: 'system' }

function endConversation(world: World, conversation: Conversation, ending: Ending): void {
  if (conversation.endAt !== undefined) return
  // Ended first, so that an agent who becomes free meanwhile is not offered this very call.
  conversation.endAt = world.clock.now()
  for (const leg of conversation.legs.toReversed()) {
    finishLeg(world, leg, leg.purpose === 'customer' ? ending.customer : ending.others)
  }
  for (const command of conversation.commands) {
    if (command.state === 'Pending' || command.state === 'Active') command.state = 'Canceled'
  }
}

/** The caller hangs up: `endpoint` on the caller's leg, `peer` on all others (genesys-api §3.1). */
export function callerHangsUp(world: World, conversation: Conversation): void {
  endConversation(world, conversation, BY_CALLER)
}

/** The agent hangs up: `client` on the agent's leg, `peer` on the caller's. Throws SceneError when no agent is connected. */
export function agentHangsUp(world: World, conversation: Conversation): void {
  const leg = connectedLeg(conversation, 'agent', 'user')
  if (leg === undefined) throw new SceneError(`No agent is connected in conversation ${conversation.id}`)
  finishLeg(world, leg, 'client')
  endConversation(world, conversation, BY_AGENT)
}

/** The platform tears the conversation down: `system` on every leg. */
export function platformDisconnects(world: World, conversation: Conversation): void {
  endConversation(world, conversation, BY_PLATFORM)
}
