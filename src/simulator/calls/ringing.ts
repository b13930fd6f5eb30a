import { finishLeg, nextAnswer, setStatus } from './agents.ts'
import { agentHangsUp } from './hang-ups.ts'
import { connectLeg, isOver, openLeg, type Conversation, type DisconnectType, type Leg } from './legs.ts'
import { timeFor, type Agent, type Queue, type World } from '../world.ts'

interface Offer {
  readonly agent: Agent
  /** The queue that the call came from; without one the agent takes part as a `user`. */
  readonly queue: Queue | undefined
  readonly answered: (leg: Leg) => void
  /** Declined, failed or not answered; not called when the conversation ended while it rang. */
  readonly unanswered: (leg: Leg) => void
}

const SESSION_INACTIVE = { code: 'error.ininedgecontrol.session.inactive', message: 'The session is inactive.' }

/** Rings an agent with a new participant and plays the next answer of their script. */
export function ring(world: World, conversation: Conversation, offer: Offer): void {
  const { agent, queue } = offer
  const alertingTimeoutMs = timeFor(world, 'alertingTimeoutMs', queue, agent)
  const leg = openLeg(conversation, world.clock.now(), {
    purpose: queue === undefined ? 'user' : 'agent',
    state: 'alerting',
    name: agent.name,
    address: `sip:${agent.id}@127.0.0.1;user=agent`,
    userId: agent.id,
    alertingTimeoutMs,
    ...(queue !== undefined && { queueId: queue.id }),
  })
  agent.legs.add(leg)
  const refuse = (disconnectType: DisconnectType) => {
    finishLeg(world, leg, disconnectType)
    offer.unanswered(leg)
  }
  const answer = nextAnswer(agent)
  const rings = answer === 'never' ? alertingTimeoutMs : Math.min(answer.after, alertingTimeoutMs)
  world.clock.after(rings, () => {
    if (isOver(leg)) return
    if (answer === 'never' || answer.after > alertingTimeoutMs) return refuse('transfer.noanswer')
    if (answer.with === 'decline') return refuse('client')
    if (answer.with === 'error') {
      leg.error = SESSION_INACTIVE
      return refuse('error')
    }
    connectLeg(leg, world.clock.now())
    takesUp(world, conversation, agent, leg, queue)
    offer.answered(leg)
  })
}

/** The agent is in conversation from now on, and hangs up by themselves where the scene says after how long. */
export function takesUp(world: World, conversation: Conversation, agent: Agent, leg: Leg, queue: Queue | undefined): void {
  agent.legs.add(leg)
  setStatus(world, agent, queue === undefined ? 'COMMUNICATING' : 'INTERACTING')
  const talkMs = timeFor(world, 'talkMs', queue, agent)
  if (talkMs === null) return
  world.clock.after(talkMs, () => {
    if (!isOver(leg)) agentHangsUp(world, conversation)
  })
}
