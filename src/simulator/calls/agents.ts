/** When an agent is free for the next offer, how they react to it, and what the end of a leg means for them. */
import type { DisconnectType, Leg } from '../model/conversation.ts'
import type { Agent, OfferAnswer, RoutingStatus } from '../model/directory.ts'
import { hasEnded, markLegEnded } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { getTiming } from '../model/timing.ts'

/** Whether ACD can offer this agent a call now: idle, active, not offline, and neither ringing nor talking. */
export function isFree(agent: Agent): boolean {
  return (
    agent.routingStatus === 'IDLE' && agent.state === 'active' && agent.presence.toLowerCase() !== 'offline' && agent.activeLegs.size === 0
  )
}

/** Sets the routing status and the time since when it applies. Setting the same status again changes nothing. */
export function setRoutingStatus(platform: PlatformState, agent: Agent, status: RoutingStatus): void {
  if (agent.routingStatus === status) return
  agent.routingStatus = status
  agent.routingStatusSince = platform.clock.now()
}

/** Takes the agent's reaction to the next offer. The last reaction of the list repeats. */
export function takeNextAnswer(agent: Agent): OfferAnswer {
  const answer = agent.answers[Math.min(agent.offersMade, agent.answers.length - 1)]
  agent.offersMade += 1
  return answer ?? 'never'
}

/**
 * Ends a leg with all consequences: an acd leg leaves its queue, an agent's leg releases the agent.
 * A leg that has ended already stays unchanged.
 */
export function disconnectLeg(platform: PlatformState, leg: Leg, disconnectType: DisconnectType): void {
  if (hasEnded(leg)) return
  markLegEnded(leg, platform.clock.now(), disconnectType)
  if (leg.purpose === 'acd') platform.queues.get(leg.queueId ?? '')?.waiting.delete(leg)
  const agent = platform.agents.get(leg.userId ?? '')
  if (agent !== undefined) releaseAgent(platform, agent, leg)
}

function releaseAgent(platform: PlatformState, agent: Agent, leg: Leg): void {
  agent.activeLegs.delete(leg)
  if (leg.connectedAt === undefined) {
    // An agent who did not answer gets no offers until they become idle again (docs/genesys-cloud.md rule 35).
    // NOT_RESPONDING is about calls from queues, so an agent who is off queue stays off queue.
    if (leg.disconnectType === 'transfer.noanswer' && agent.routingStatus !== 'OFF_QUEUE')
      setRoutingStatus(platform, agent, 'NOT_RESPONDING')
    else platform.onAgentAvailable(agent)
    return
  }
  // Only a call from a queue is followed by after-call work.
  if (leg.purpose === 'user') return setIdleWhenDone(platform, agent)
  leg.acwStartAt = platform.clock.now()
  leg.conversation.onLegChange(leg, 'changed')
  const afterCallWorkMs = getTiming(platform, 'afterCallWorkMs', platform.queues.get(leg.queueId ?? ''), agent)
  platform.clock.after(afterCallWorkMs, () => {
    leg.acwEndAt = platform.clock.now()
    leg.conversation.onLegChange(leg, 'changed')
    setIdleWhenDone(platform, agent)
  })
}

function setIdleWhenDone(platform: PlatformState, agent: Agent): void {
  const isBusy = agent.routingStatus === 'INTERACTING' || agent.routingStatus === 'COMMUNICATING'
  if (agent.activeLegs.size > 0 || !isBusy) return
  setRoutingStatus(platform, agent, 'IDLE')
  platform.onAgentAvailable(agent)
}
