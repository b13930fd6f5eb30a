/** How an agent consults another party while the caller waits. */
import type { Conversation } from '../model/conversation.ts'
import { findConnectedLeg, openLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { requireEntity } from '../model/require-entity.ts'
import { ControlError } from '../specs/control-error.ts'
import type { ConsultTarget } from '../specs/conversation-spec.ts'
import { dialNumber, getConsultFields } from './dialing.ts'
import { ringAgent } from './ringing.ts'

const doNothing = (): void => undefined

/**
 * Lets the agent who has the call consult a person, a queue or a number. docs/genesys-cloud.md rule 97 says which fields the platform sets.
 *
 * @throws {ControlError} When no agent is connected, or the user or queue does not exist; then nothing is changed.
 */
export function startConsult(platform: PlatformState, conversation: Conversation, target: ConsultTarget): void {
  const agentLeg = findConnectedLeg(conversation, 'agent', 'user')
  const callerId = conversation.legs[0]?.id
  if (agentLeg === undefined || callerId === undefined) throw new ControlError(`No agent is connected in conversation ${conversation.id}`)
  const agent = 'userId' in target ? requireEntity(platform.agents, 'agent', target.userId) : undefined
  const queue = 'queueId' in target ? requireEntity(platform.queues, 'queue', target.queueId) : undefined
  agentLeg.consultParticipantId = callerId
  agentLeg.conversation.onLegChange(agentLeg, 'changed')
  const consult = { consultedBy: agentLeg, onAnswered: doNothing, onUnanswered: doNothing }
  if (agent !== undefined) return ringAgent(platform, conversation, { agent, queue: undefined, ...consult })
  if ('number' in target) return dialNumber(platform, conversation, { address: `tel:${target.number}`, ...consult })
  if (queue === undefined) return
  openLeg(conversation, platform.clock.now(), {
    purpose: 'acd',
    state: 'connected',
    name: queue.name,
    address: `sip:${queue.id}@127.0.0.1;user=acd`,
    queueId: queue.id,
    ...getConsultFields(agentLeg),
  })
}
