/** ACD (automatic call distribution): which agent a waiting call is offered to, and which waiting call a free agent gets. */
import type { Conversation, Leg, RoutingData } from '../model/conversation.ts'
import type { Agent, Queue, WaitingCall } from '../model/directory.ts'
import { openLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { getTiming } from '../model/timing.ts'
import { disconnectLeg, isFree } from './agents.ts'
import { ringAgent } from './ringing.ts'

/** How long the acd leg stays connected after the pickup, as on a recorded call (docs/genesys-cloud.md rule 18). */
const acdLegLingerMs = 50

/**
 * Puts a call into a queue: opens a connected acd leg, and offers the call to an agent after the queue's offer delay.
 *
 * @returns The acd leg.
 */
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

/**
 * Offers a call to one of the joined members who are free and have every skill: the one with the highest score for the call, and among
 * those the one who has been idle longest. That a queue can be set to wait for preferred agents is left out.
 */
function offerToBestAgent(platform: PlatformState, queue: Queue, call: WaitingCall): void {
  let best: Agent | undefined
  for (const { agent, joined } of queue.members.values()) {
    if (!joined || !isFree(agent) || !hasEverySkill(agent, call)) continue
    if (best === undefined || isBetter(agent, best, call)) best = agent
  }
  if (best !== undefined) offerCall(platform, queue, call, best)
}

function isBetter(agent: Agent, other: Agent, call: WaitingCall): boolean {
  const scoreOf = ({ id }: Agent): number => call.leg.routing?.scoredAgents?.find(({ userId }) => userId === id)?.score ?? 0
  const scoreDifference = scoreOf(agent) - scoreOf(other)
  return scoreDifference > 0 || (scoreDifference === 0 && agent.routingStatusSince < other.routingStatusSince)
}

/**
 * Offers a free agent one of the calls that wait in their queues and match their skills: one with the highest priority, and among those
 * the oldest.
 */
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
  const priorityDifference = (call.leg.routing?.priority ?? 0) - (other.leg.routing?.priority ?? 0)
  return priorityDifference > 0 || (priorityDifference === 0 && call.leg.startAt < other.leg.startAt)
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
      platform.clock.after(acdLegLingerMs, () => disconnectLeg(platform, call.leg, 'transfer'))
    },
    onUnanswered: () => {
      if (queue.waiting.has(call.leg)) offerLater(platform, queue, call)
    },
  })
}
