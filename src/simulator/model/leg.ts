/** How a leg of a conversation begins, connects and ends. `calls/` decides what that means for agents and queues. */
import { randomUUID } from 'node:crypto'
import type { Conversation, DisconnectType, Leg, Purpose } from './conversation.ts'

type NewLeg = Pick<Leg, 'purpose' | 'name' | 'address' | 'state'> &
  Partial<Pick<Leg, 'userId' | 'queueId' | 'routing' | 'alertingTimeoutMs' | 'peerId' | 'consultParticipantId'>>

/**
 * Adds a participant to the conversation.
 *
 * @param at When the leg begins, epoch ms.
 * @param newLeg The fields of the leg; its state is also its initial state.
 */
export function openLeg(conversation: Conversation, at: number, newLeg: NewLeg): Leg {
  const caller = conversation.legs[0]
  const leg: Leg = {
    conversation,
    id: randomUUID(),
    callId: randomUUID(),
    startAt: at,
    initialState: newLeg.state,
    attributes: {},
    ...(caller !== undefined && { peerId: caller.callId }),
    ...newLeg,
    ...(newLeg.state === 'connected' && { connectedAt: at }),
  }
  conversation.legs.push(leg)
  conversation.onLegChange(leg, 'opened')
  return leg
}

/** Connects a leg at the instant `at`, epoch ms. */
export function connectLeg(leg: Leg, at: number): void {
  leg.state = 'connected'
  leg.connectedAt = at
  leg.conversation.onLegChange(leg, 'connected')
}

/** Marks a leg as ended at the instant `at`, epoch ms. */
export function markLegEnded(leg: Leg, at: number, disconnectType: DisconnectType): void {
  leg.state = 'terminated'
  leg.endAt = at
  leg.disconnectType = disconnectType
  leg.conversation.onLegChange(leg, 'ended')
}

/** Whether a leg has ended. */
export function hasEnded(leg: Leg): boolean {
  return leg.endAt !== undefined
}

/** The newest connected leg that has one of these purposes. */
export function findConnectedLeg(conversation: Conversation, ...purposes: Purpose[]): Leg | undefined {
  return conversation.legs.findLast((leg) => purposes.includes(leg.purpose) && leg.state === 'connected')
}
