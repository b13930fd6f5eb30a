/** Which agent a waiting call is offered to, and which waiting call a free agent gets. */
import type { Conversation, Leg, RoutingData } from '../model/conversation.ts'
import type { Agent, Queue, WaitingCall } from '../model/directory.ts'
import { openLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { getTiming } from '../model/timing.ts'
import { disconnectLeg, isFree } from './agents.ts'
import { ringAgent } from './ringing.ts'

/** How long the acd leg outlives the pickup, as on a recorded call (docs/genesys-cloud.md rule 18). */
const acdLegLingersMs = 50

/** Puts the call into a queue: opens a connected acd leg, which is offered to an agent after the queue's offer delay. */
export function enterQueue(
  platform: PlatformState,
  conversation: Conversation,
  queue: Queue,
  requirements: Omit<RoutingData, 'queueId'>,
): Leg {
  const leg = openLeg(conversation, platform.clock.now(), {
    purpose: 'acd',
    state: 'connected',
    name: queue.name,
    address: `sip:${queue.id}@127.0.0.1;user=acd`,
    queueId: queue.id,
    routing: { queueId: queue.id, ...requirements },
  })
  const call: WaitingCall = { conversation, leg, isOfferable: false }
  queue.waiting.set(leg, call)
  offerLater(platform, queue, call)
  return leg
}

function offerLater(platform: PlatformState, queue: Queue, call: WaitingCall): void {
  platform.clock.after(getTiming(platform, 'offerDelayMs', queue), () => {
    if (!queue.waiting.has(call.leg)) return
    call.isOfferable = true
    offerToBestAgent(platform, queue, call)
  })
}

function hasEverySkill(agent: Agent, call: WaitingCall): boolean {
  return call.leg.routing?.skillIds.every((skillId) => agent.skillIds.includes(skillId)) ?? true
}

/** Offers a call to the member who has been idle longest, of those who are free, have joined and have every skill. */
function offerToBestAgent(platform: PlatformState, queue: Queue, call: WaitingCall): void {
  let best: Agent | undefined
  for (const { agent, joined } of queue.members.values()) {
    if (!joined || !isFree(agent) || !hasEverySkill(agent, call)) continue
    if (best === undefined || agent.routingStatusSince < best.routingStatusSince) best = agent
  }
  if (best !== undefined) offerCall(platform, queue, call, best)
}

/** Offers a free agent the call of the highest priority, then the oldest, of all that wait in their queues and match their skills. */
export function offerNextCall(platform: PlatformState, agent: Agent): void {
  if (!isFree(agent)) return
  let best: { queue: Queue; call: WaitingCall } | undefined
  for (const queue of platform.queues.values()) {
    if (queue.members.get(agent.id)?.joined !== true) continue
    for (const call of queue.waiting.values()) {
      if (!call.isOfferable || !hasEverySkill(agent, call)) continue
      if (best === undefined || isServedBefore(call, best.call)) best = { queue, call }
    }
  }
  if (best !== undefined) offerCall(platform, best.queue, best.call, agent)
}

function isServedBefore(call: WaitingCall, other: WaitingCall): boolean {
  const priorityLead = (call.leg.routing?.priority ?? 0) - (other.leg.routing?.priority ?? 0)
  return priorityLead > 0 || (priorityLead === 0 && call.leg.startAt < other.leg.startAt)
}

/** Changes what a waiting call requires, and offers it at once if an agent now matches. */
export function updateRouting(platform: PlatformState, acdLeg: Leg, routing: RoutingData): void {
  acdLeg.routing = routing
  acdLeg.conversation.onLegChange(acdLeg, 'changed')
  const queue = platform.queues.get(routing.queueId)
  const call = queue?.waiting.get(acdLeg)
  if (queue !== undefined && call?.isOfferable === true) offerToBestAgent(platform, queue, call)
}

function offerCall(platform: PlatformState, queue: Queue, call: WaitingCall, agent: Agent): void {
  call.isOfferable = false
  ringAgent(platform, call.conversation, {
    agent,
    queue,
    onAnswered: () => {
      queue.waiting.delete(call.leg)
      platform.clock.after(acdLegLingersMs, () => disconnectLeg(platform, call.leg, 'transfer'))
    },
    onUnanswered: () => {
      if (queue.waiting.has(call.leg)) offerLater(platform, queue, call)
    },
  })
}
