/** What happens while an agent's phone rings, and when the agent picks up. */
import type { Conversation, DisconnectType, Leg } from '../model/conversation.ts'
import type { Agent, Queue } from '../model/directory.ts'
import { connectLeg, hasEnded, openLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { getTiming } from '../model/timing.ts'
import { disconnectLeg, takeNextAnswer, setRoutingStatus } from './agents.ts'
import { dialNumber, getConsultFields } from './dialing.ts'
import { hangUpByAgent } from './hang-ups.ts'

interface Offer {
  readonly agent: Agent
  /** The queue that offers the call; without one the purpose of the agent's leg is `user`. */
  readonly queue: Queue | undefined
  /** The leg of the agent who consults this one. */
  readonly consultedBy?: Leg
  readonly onAnswered: () => void
  /** Called when the agent declined or did not answer, or the leg failed, but not if the conversation ends while the phone rings. */
  readonly onUnanswered: () => void
}

/** The number to which agents forward their calls. */
const forwardAddress = 'tel:+13175550177'
const sessionInactiveError = { code: 'error.ininedgecontrol.session.inactive', message: 'The session is inactive.' }

/** Opens an alerting leg for the agent, and ends or connects it as the agent's next answer says. */
export function ringAgent(platform: PlatformState, conversation: Conversation, offer: Offer): void {
  const { agent, queue } = offer
  const alertingTimeoutMs = getTiming(platform, 'alertingTimeoutMs', queue, agent)
  const leg = openLeg(conversation, platform.clock.now(), {
    purpose: queue === undefined ? 'user' : 'agent',
    state: 'alerting',
    name: agent.name,
    address: `sip:${agent.id}@127.0.0.1;user=agent`,
    userId: agent.id,
    alertingTimeoutMs,
    ...(queue !== undefined && { queueId: queue.id }),
    ...(offer.consultedBy !== undefined && getConsultFields(offer.consultedBy)),
  })
  agent.activeLegs.add(leg)
  const endUnanswered = (disconnectType: DisconnectType) => {
    disconnectLeg(platform, leg, disconnectType)
    offer.onUnanswered()
  }
  const answer = takeNextAnswer(agent)
  const ringingMs = answer === 'never' ? alertingTimeoutMs : Math.min(answer.after, alertingTimeoutMs)
  platform.clock.after(ringingMs, () => {
    if (hasEnded(leg)) return
    if (answer === 'never' || answer.after > alertingTimeoutMs) return endUnanswered('transfer.noanswer')
    if (answer.with === 'decline') return endUnanswered('client')
    if (answer.with === 'forward') {
      disconnectLeg(platform, leg, 'transfer.forward')
      return dialNumber(platform, conversation, { ...offer, address: forwardAddress })
    }
    if (answer.with === 'error') {
      leg.error = sessionInactiveError
      return endUnanswered('error')
    }
    connectLeg(leg, platform.clock.now())
    startTalking(platform, conversation, agent, leg, queue)
    offer.onAnswered()
  })
}

/** Makes the agent busy with this leg, and lets them hang up after their talk time if one is set. */
export function startTalking(platform: PlatformState, conversation: Conversation, agent: Agent, leg: Leg, queue: Queue | undefined): void {
  agent.activeLegs.add(leg)
  // An agent who is off queue stays off queue during a direct call and after it.
  if (agent.routingStatus !== 'OFF_QUEUE') setRoutingStatus(platform, agent, queue === undefined ? 'COMMUNICATING' : 'INTERACTING')
  const talkMs = getTiming(platform, 'talkMs', queue, agent)
  if (talkMs === null) return
  platform.clock.after(talkMs, () => {
    if (!hasEnded(leg)) hangUpByAgent(platform, conversation)
  })
}
