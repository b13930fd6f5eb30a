/** How a number is dialed from a call, and how a party that an agent consults is marked. */
import type { Conversation, Leg } from '../model/conversation.ts'
import { connectLeg, hasEnded, openLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { disconnectLeg } from './agents.ts'

const dialFailedError = { code: 'error.ininedgecontrol.connection.station.unreachable', message: 'The number could not be reached.' }

interface Dialing {
  /** A `tel:` URI. */
  readonly address: string
  /** The leg of the agent who consults the number. */
  readonly consultedBy?: Leg
  readonly onAnswered: () => void
  /** Called when the number could not be reached, but not if the conversation ends first. */
  readonly onUnanswered: () => void
}

/** Opens an external leg that connects or fails after `dialMs`. */
export function dialNumber(platform: PlatformState, conversation: Conversation, dialing: Dialing): void {
  const { address, consultedBy, onAnswered, onUnanswered } = dialing
  const leg = openLeg(conversation, platform.clock.now(), {
    purpose: 'external',
    state: 'dialing',
    name: 'External',
    address,
    ...(consultedBy !== undefined && getConsultFields(consultedBy)),
  })
  platform.clock.after(platform.settings.dialMs, () => {
    if (hasEnded(leg)) return
    if (!platform.settings.dialFails) {
      connectLeg(leg, platform.clock.now())
      return onAnswered()
    }
    leg.error = dialFailedError
    disconnectLeg(platform, leg, 'transport.failure')
    onUnanswered()
  })
}

/**
 * The fields of the leg of a consulted party, which talks to the agent and not to the caller (docs/genesys-cloud.md rule 97).
 *
 * @param agentLeg The leg of the agent who consults.
 */
export function getConsultFields(agentLeg: Leg): Partial<Pick<Leg, 'peerId' | 'consultParticipantId'>> {
  const { callId, consultParticipantId } = agentLeg
  return { peerId: callId, ...(consultParticipantId !== undefined && { consultParticipantId }) }
}
