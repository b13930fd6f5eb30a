import { randomUUID } from 'node:crypto'

type CallState = 'alerting' | 'dialing' | 'contacting' | 'offering' | 'connected' | 'disconnected' | 'terminated'
export type DisconnectType = 'endpoint' | 'client' | 'system' | 'transfer' | 'transfer.noanswer' | 'transport.failure' | 'error' | 'peer'
export type Purpose = 'customer' | 'ivr' | 'acd' | 'agent' | 'user' | 'external' | 'voicemail'

/** What a waiting call asks of the agent who may have it. */
export interface RoutingData {
  readonly queueId: string
  readonly priority: number
  readonly skillIds: readonly string[]
  readonly languageId?: string
}

/** What may happen to a leg, as those who listen to the call are told. */
export type LegMoment = 'opened' | 'connected' | 'ended' | 'changed'

/** One participant with its one call. Every hop and every offer is a new one (genesys-api §3.1); times in ms since 1970. */
export interface Leg {
  readonly conversation: Conversation
  readonly id: string
  readonly callId: string
  readonly purpose: Purpose
  readonly name: string
  readonly address: string
  readonly startAt: number
  readonly initialState: CallState
  readonly attributes: Record<string, string>
  state: CallState
  connectedAt?: number
  endAt?: number
  disconnectType?: DisconnectType
  error?: { readonly code: string; readonly message: string }
  userId?: string
  queueId?: string
  /** The caller's call; the caller has none. */
  peerId?: string
  routing?: RoutingData
  alertingTimeoutMs?: number
  acwStartAt?: number
  acwEndAt?: number
}

type TransferState = 'Pending' | 'Active' | 'Complete' | 'Failed' | 'Canceled'

/** A transfer command as `recentTransfers` shows it (genesys-api §4). */
export interface TransferCommand {
  readonly id: string
  readonly issuedAt: number
  readonly destination: { readonly userId?: string; readonly address?: string }
  readonly transferType: string
  state: TransferState
}

export interface Conversation {
  readonly id: string
  readonly startAt: number
  readonly ani: string
  readonly dnis: string
  /** The caller's leg comes first. */
  readonly legs: Leg[]
  readonly commands: TransferCommand[]
  /** To be called when one of its legs has changed. */
  readonly tell: (leg: Leg, moment: LegMoment) => void
  endAt?: number
}

type LegStart = Pick<Leg, 'purpose' | 'name' | 'address' | 'state'> &
  Partial<Pick<Leg, 'userId' | 'queueId' | 'routing' | 'alertingTimeoutMs'>>

/** Adds a participant to the conversation at the instant `at`. */
export function openLeg(conversation: Conversation, at: number, start: LegStart): Leg {
  const caller = conversation.legs[0]
  const leg: Leg = {
    conversation,
    id: randomUUID(),
    callId: randomUUID(),
    startAt: at,
    initialState: start.state,
    attributes: {},
    ...start,
    ...(start.state === 'connected' && { connectedAt: at }),
    ...(caller !== undefined && { peerId: caller.callId }),
  }
  conversation.legs.push(leg)
  conversation.tell(leg, 'opened')
  return leg
}

export function connectLeg(leg: Leg, at: number): void {
  leg.state = 'connected'
  leg.connectedAt = at
  leg.conversation.tell(leg, 'connected')
}

/** Ends a leg; one that never connected keeps no connectedTime. */
export function endLeg(leg: Leg, at: number, disconnectType: DisconnectType): void {
  leg.state = 'terminated'
  leg.endAt = at
  leg.disconnectType = disconnectType
  leg.conversation.tell(leg, 'ended')
}

export function isOver(leg: Leg): boolean {
  return leg.endAt !== undefined
}

/** The newest leg of that purpose which is connected. */
export function connectedLeg(conversation: Conversation, ...purposes: Purpose[]): Leg | undefined {
  return conversation.legs.findLast((leg) => purposes.includes(leg.purpose) && leg.state === 'connected')
}
