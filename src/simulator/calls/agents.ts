import { endLeg, isOver, type DisconnectType, type Leg } from './legs.ts'
import { timeFor, type Agent, type OfferAnswer, type RoutingStatus, type World } from '../world.ts'

/** Whether ACD may offer this agent a call now: idle, active, not offline, and nothing rings or talks. */
export function isFree(agent: Agent): boolean {
  return agent.routingStatus === 'IDLE' && agent.state === 'active' && agent.presence !== 'Offline' && agent.legs.size === 0
}

export function setStatus(world: World, agent: Agent, status: RoutingStatus): void {
  if (agent.routingStatus === status) return
  agent.routingStatus = status
  agent.statusSince = world.clock.now()
}

/** What the agent does with the next offer: the script in order, its last entry for ever. */
export function nextAnswer(agent: Agent): OfferAnswer {
  const answer = agent.answers[Math.min(agent.offers, agent.answers.length - 1)]
  agent.offers += 1
  return answer ?? 'never'
}

/**
 * Ends any leg, once, with everything that hangs on it: an acd leg leaves its queue, an agent's leg lets the agent go.
 * A leg that is over already stays as it was.
 */
export function finishLeg(world: World, leg: Leg, disconnectType: DisconnectType): void {
  if (isOver(leg)) return
  endLeg(leg, world.clock.now(), disconnectType)
  if (leg.purpose === 'acd') world.queues.get(leg.queueId ?? '')?.waiting.delete(leg)
  const agent = world.agents.get(leg.userId ?? '')
  if (agent !== undefined) letGo(world, agent, leg)
}

function letGo(world: World, agent: Agent, leg: Leg): void {
  agent.legs.delete(leg)
  if (leg.connectedAt === undefined) {
    // The agent who let it ring is not asked again until somebody sets them idle (genesys-api §3.2 rule 5).
    if (leg.disconnectType === 'transfer.noanswer') setStatus(world, agent, 'NOT_RESPONDING')
    else world.agentFreed(agent)
    return
  }
  if (leg.purpose === 'user') return backToIdle(world, agent)
  leg.acwStartAt = world.clock.now()
  leg.conversation.tell(leg, 'changed')
  const afterCallWork = timeFor(world, 'afterCallWorkMs', world.queues.get(leg.queueId ?? ''), agent)
  world.clock.after(afterCallWork, () => {
    leg.acwEndAt = world.clock.now()
    leg.conversation.tell(leg, 'changed')
    backToIdle(world, agent)
  })
}

function backToIdle(world: World, agent: Agent): void {
  const busy = agent.routingStatus === 'INTERACTING' || agent.routingStatus === 'COMMUNICATING'
  if (agent.legs.size > 0 || !busy) return
  setStatus(world, agent, 'IDLE')
  world.agentFreed(agent)
}
