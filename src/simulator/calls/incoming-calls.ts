/** How an incoming call begins: in the IVR, waiting in a queue, or connected to an agent. */
import { randomUUID } from 'node:crypto'
import type { Conversation, Leg } from '../model/conversation.ts'
import { openLeg } from '../model/leg.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { requireEntity } from '../model/require-entity.ts'
import { ControlError } from '../specs/control-error.ts'
import type { ConversationSpec } from '../specs/conversation-spec.ts'
import { enterQueue } from './acd.ts'
import { disconnectLeg } from './agents.ts'
import { openIvrLeg } from './flow-legs.ts'
import { hangUpByCaller } from './hang-ups.ts'
import { startTalking } from './ringing.ts'

const maxConversations = 50_000

/**
 * Starts a call where the spec places it. A call that is in a queue, or that a queue has connected to an agent, has an IVR leg that is
 * already over.
 *
 * @throws {ControlError} For a queue or agent that does not exist, or an id that is taken; then nothing is changed.
 */
export function startCall(platform: PlatformState, spec: ConversationSpec): Conversation {
  const id = spec.id ?? randomUUID()
  if (platform.conversations.has(id)) throw new ControlError(`There is a conversation ${id} already`)
  const { queueId, userId }: { queueId?: string; userId?: string } = spec.in === 'ivr' ? {} : spec.in
  const queue = queueId === undefined ? undefined : requireEntity(platform.queues, 'queue', queueId)
  const agent = userId === undefined ? undefined : requireEntity(platform.agents, 'agent', userId)

  const now = platform.clock.now()
  const conversation: Conversation = {
    id,
    startAt: now,
    ani: toTelUri(spec.ani ?? '+13175550100'),
    dnis: toTelUri(spec.dnis ?? '+13175550199'),
    ...(spec.medium !== undefined && { medium: spec.medium }),
    legs: [],
    commands: [],
    callbacks: [],
    onLegChange: (leg, change) => platform.onLegChange(leg, change),
  }
  openCallerLeg(conversation, now, spec.callerState ?? 'connected')
  if (queue !== undefined || agent === undefined) {
    const ivrLeg = openIvrLeg(conversation, now)
    if (queue !== undefined) disconnectLeg(platform, ivrLeg, 'transfer')
  }
  const acdLeg = queue === undefined ? undefined : enterQueue(platform, conversation, queue, { priority: 0, skillIds: [] })
  if (agent !== undefined) {
    const agentLeg = openLeg(conversation, now, {
      purpose: queue === undefined ? 'user' : 'agent',
      state: 'connected',
      name: agent.name,
      address: `sip:${agent.id}@127.0.0.1;user=agent`,
      userId: agent.id,
      ...(queue !== undefined && { queueId: queue.id }),
    })
    startTalking(platform, conversation, agent, agentLeg, queue)
    if (acdLeg !== undefined) disconnectLeg(platform, acdLeg, 'transfer')
  }
  evictOldestEnded(platform)
  platform.conversations.set(id, conversation)
  if (spec.callerHangsUpAfter !== undefined) platform.clock.after(spec.callerHangsUpAfter, () => hangUpByCaller(platform, conversation))
  return conversation
}

function toTelUri(number: string): string {
  return number.includes(':') ? number : `tel:${number}`
}

/** Opens the caller's leg. In a final state the leg ends at once, because the platform never opens a leg as ended. */
function openCallerLeg(conversation: Conversation, now: number, state: Leg['state']): void {
  const isFinal = state === 'disconnected' || state === 'terminated'
  const leg = openLeg(conversation, now, {
    purpose: 'customer',
    state: isFinal ? 'connected' : state,
    name: 'Caller',
    address: conversation.ani,
  })
  if (!isFinal) return
  Object.assign(leg, { state, endAt: now, disconnectType: 'endpoint' } satisfies Partial<Leg>)
  conversation.onLegChange(leg, 'ended')
}

/** Forgets the oldest call that has ended, so that the memory of a long-running simulator stays bounded. */
function evictOldestEnded(platform: PlatformState): void {
  if (platform.conversations.size < maxConversations) return
  for (const [id, conversation] of platform.conversations) {
    if (conversation.endAt === undefined) continue
    platform.conversations.delete(id)
    return
  }
}
