import { finishLeg, isFree } from './agents.ts'
import { openLeg, type Conversation, type Leg, type RoutingData } from './legs.ts'
import { ring } from './ringing.ts'
import { timeFor, type Agent, type Queue, type WaitingCall, type World } from '../world.ts'

/** How long the acd leg outlives the pickup, as recorded on a real call (genesys-api §3.1). */
const ACD_LEAVES_AFTER_MS = 50

/** Puts the call into the queue: a new, connected acd leg, offered to an agent after the queue's offer delay. */
export function enterQueue(world: World, conversation: Conversation, queue: Queue, wants: Omit<RoutingData, 'queueId'>): Leg {
  const leg = openLeg(conversation, world.clock.now(), {
    purpose: 'acd',
    state: 'connected',
    name: queue.name,
    address: `sip:${queue.id}@127.0.0.1;user=acd`,
    queueId: queue.id,
    routing: { queueId: queue.id, ...wants },
  })
  const call: WaitingCall = { conversation, leg, offerable: false }
  queue.waiting.set(leg, call)
  offerLater(world, queue, call)
  return leg
}

function offerLater(world: World, queue: Queue, call: WaitingCall): void {
  world.clock.after(timeFor(world, 'offerDelayMs', queue), () => {
    if (!queue.waiting.has(call.leg)) return
    call.offerable = true
    offerToBestAgent(world, queue, call)
  })
}

function hasEverySkill(agent: Agent, call: WaitingCall): boolean {
  return call.leg.routing?.skillIds.every((skillId) => agent.skillIds.includes(skillId)) ?? true
}

/** The call goes to the free, joined member with every skill who has been idle longest. */
function offerToBestAgent(world: World, queue: Queue, call: WaitingCall): void {
  let best: Agent | undefined
  for (const { agent, joined } of queue.members.values()) {
    if (!joined || !isFree(agent) || !hasEverySkill(agent, call)) continue
    if (best === undefined || agent.statusSince < best.statusSince) best = agent
  }
  if (best !== undefined) offer(world, queue, call, best)
}

/** A free agent gets, of all waiting calls of their queues that they may take, the one of highest priority, then the oldest. */
export function offerNextCall(world: World, agent: Agent): void {
  if (!isFree(agent)) return
  let best: { queue: Queue; call: WaitingCall } | undefined
  for (const queue of world.queues.values()) {
    if (queue.members.get(agent.id)?.joined !== true) continue
    for (const call of queue.waiting.values()) {
      if (!call.offerable || !hasEverySkill(agent, call)) continue
      if (best === undefined || goesBefore(call, best.call)) best = { queue, call }
    }
  }
  if (best !== undefined) offer(world, best.queue, best.call, agent)
}

function goesBefore(one: WaitingCall, other: WaitingCall): boolean {
  const lead = (one.leg.routing?.priority ?? 0) - (other.leg.routing?.priority ?? 0)
  return lead > 0 || (lead === 0 && one.leg.startAt < other.leg.startAt)
}

/** Sets what a waiting call asks for, and offers it where it now may go. */
export function changeWants(world: World, acdLeg: Leg, wants: RoutingData): void {
  acdLeg.routing = wants
  acdLeg.conversation.tell(acdLeg, 'changed')
  const queue = world.queues.get(wants.queueId)
  const call = queue?.waiting.get(acdLeg)
  if (queue !== undefined && call?.offerable === true) offerToBestAgent(world, queue, call)
}

function offer(world: World, queue: Queue, call: WaitingCall, agent: Agent): void {
  call.offerable = false
  ring(world, call.conversation, {
    agent,
    queue,
    answered: () => {
      queue.waiting.delete(call.leg)
      world.clock.after(ACD_LEAVES_AFTER_MS, () => finishLeg(world, call.leg, 'transfer'))
    },
    unanswered: () => {
      if (queue.waiting.has(call.leg)) offerLater(world, queue, call)
    },
  })
}
