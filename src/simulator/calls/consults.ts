/** How an agent consults another party while the caller waits. */
import type { Conversation } from '../model/conversation.ts'
import { findConnectedLeg, openLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { requireEntity } from '../model/require-entity.ts'
import { ControlError } from '../specs/control-error.ts'
import type { ConsultTarget } from '../specs/conversation-spec.ts'
import { consultFields, dialNumber } from './dialing.ts'
import { ringAgent } from './ringing.ts'

const doNothing = (): void => undefined

/**
 * The agent who has the call consults a person, a queue or a number. Which fields the platform sets is in docs/genesys-cloud.md rule 97.
 *
 * @throws {ControlError} When no agent is connected, or the user or queue does not exist; then nothing is changed.
 */
export function startConsult(platform: PlatformState, conversation: Conversation, to: ConsultTarget): void {
  const agentLeg = findConnectedLeg(conversation, 'agent', 'user')
  const callerId = conversation.legs[0]?.id
  if (agentLeg === undefined || callerId === undefined) throw new ControlError(`No agent is connected in conversation ${conversation.id}`)
  const agent = 'userId' in to ? requireEntity(platform.agents, 'agent', to.userId) : undefined
  const queue = 'queueId' in to ? requireEntity(platform.queues, 'queue', to.queueId) : undefined
  agentLeg.consultParticipantId = callerId
  agentLeg.conversation.onLegChange(agentLeg, 'changed')
  const ends = { consultedBy: agentLeg, onAnswered: doNothing, onUnanswered: doNothing }
  if (agent !== undefined) return ringAgent(platform, conversation, { agent, queue: undefined, ...ends })
  if ('number' in to) return dialNumber(platform, conversation, { address: `tel:${to.number}`, ...ends })
  if (queue === undefined) return
  openLeg(conversation, platform.clock.now(), {
    purpose: 'acd',
    state: 'connected',
    name: queue.name,
    address: `sip:${queue.id}@127.0.0.1;user=acd`,
    queueId: queue.id,
    ...consultFields(agentLeg),
  })
}
