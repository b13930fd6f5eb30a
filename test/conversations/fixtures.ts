/** Conversations for tests: participants as GET /conversations/{id} describes them, and snapshots of the calls they form. */
import { parseConversation } from '../../src/conversations/conversation.ts'
import type { Conversation } from '../../src/conversations/conversation.ts'
import { takeSnapshot } from '../../src/conversations/snapshot.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'

export type Json = Record<string, unknown>

/** Times are seconds from the start of the call. Without `answeredAt` the participant was only called. */
export interface ParticipantOptions {
  startedAt?: number
  answeredAt?: number
  endedAt?: number
  /** The leg's state; by default it follows from the times. */
  state?: string
  disconnectType?: string
  peerId?: string
  errorCode?: string
  /** Further fields of the participant. */
  fields?: Json
}

/** The ISO 8601 time of a second of the call. */
export const isoAt = (second: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, second)).toISOString()

/** A participant with one leg. */
export function participant(id: string, purpose: string, options: ParticipantOptions = {}): Json {
  const { startedAt = 0, answeredAt, endedAt, state, disconnectType, peerId, errorCode, fields } = options
  return {
    id,
    purpose,
    startTime: isoAt(startedAt),
    attributes: {},
    ...fields,
    ...(answeredAt !== undefined && { connectedTime: isoAt(answeredAt) }),
    ...(endedAt !== undefined && { endTime: isoAt(endedAt) }),
    calls: [
      {
        id: `leg-${id}`,
        held: false,
        state: state ?? (endedAt !== undefined ? 'terminated' : answeredAt !== undefined ? 'connected' : 'alerting'),
        ...(answeredAt !== undefined && { connectedTime: isoAt(answeredAt) }),
        ...(endedAt !== undefined && { disconnectedTime: isoAt(endedAt) }),
        ...(disconnectType !== undefined && { disconnectType }),
        ...(peerId !== undefined && { peerId }),
        ...(errorCode !== undefined && { errorInfo: { code: errorCode } }),
      },
    ],
  }
}

export const customer = (options: ParticipantOptions = {}) => participant('customer', 'customer', { answeredAt: 0, ...options })
export const ivr = (options: ParticipantOptions = {}) => participant('ivr', 'ivr', { answeredAt: 0, ...options })
/** The participant by which a queue has the call. */
export const acd = (id: string, queueId: string, options: ParticipantOptions = {}) =>
  participant(id, 'acd', { answeredAt: options.startedAt ?? 0, ...options, fields: { queueId, ...options.fields } })
/** One offer to an agent, by a queue if there is one. */
export const agent = (id: string, userId: string, queueId: string | undefined, options: ParticipantOptions = {}) =>
  participant(id, 'agent', { ...options, fields: { userId, ...(queueId !== undefined && { queueId }), ...options.fields } })

/** The conversation that these participants form. */
export const conversationOf = (participants: Json[], fields: Json = {}): Conversation =>
  parseConversation({ id: 'call', startTime: isoAt(0), participants, ...fields })

/** The snapshot of that conversation while `holderId` holds the call. */
export function snapshotHeldBy(holderId: string, participants: Json[], fields: Json = {}): Snapshot {
  const conversation = conversationOf(participants, fields)
  const holder = conversation.participants.find(({ id }) => id === holderId)
  if (holder === undefined) throw new Error(`${holderId} is not a participant`)
  return takeSnapshot(conversation, holder, Date.parse(isoAt(1)))
}
