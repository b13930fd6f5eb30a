/** What the simulated platform knows about a call: its participants ("legs") and the transfer commands for it. Times are epoch ms. */
import type { ConversationSpec } from '../specs/conversation-spec.ts'

type CallState = 'alerting' | 'dialing' | 'contacting' | 'offering' | 'connected' | 'disconnected' | 'terminated'
export type DisconnectType =
  'endpoint' | 'client' | 'system' | 'transfer' | 'transfer.noanswer' | 'transfer.forward' | 'transport.failure' | 'error' | 'peer'
export type Purpose = 'customer' | 'ivr' | 'acd' | 'agent' | 'user' | 'external' | 'voicemail'

/** What a conversation can be instead of a call. */
export type Medium = NonNullable<ConversationSpec['medium']>

/** What a waiting call requires of the agent who may take it. */
export interface RoutingData {
  readonly queueId: string
  readonly priority: number
  readonly skillIds: readonly string[]
  readonly languageId?: string
}

/** The changes of a leg that subscribers of the notification service can learn about. */
export type LegChange = 'opened' | 'connected' | 'ended' | 'changed'

/** One participant with its one call. Every hop and every offer creates a new one (docs/genesys-cloud.md rule 17). */
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
  /** The call id of the caller's leg, or of the leg of the agent who consults this participant; the caller's own leg has none. */
  peerId?: string
  /** On both sides of a consult: the participant id of the caller. */
  consultParticipantId?: string
  routing?: RoutingData
  alertingTimeoutMs?: number
  /** When after-call work began and ended. */
  acwStartAt?: number
  acwEndAt?: number
}

type TransferState = 'Pending' | 'Active' | 'Complete' | 'Failed' | 'Canceled'

/** A transfer command as `recentTransfers` shows it (docs/genesys-cloud.md rule 22). */
export interface TransferCommand {
  readonly id: string
  readonly issuedAt: number
  readonly destination: { readonly userId?: string; readonly address?: string }
  readonly transferType: string
  state: TransferState
}

/** A call with all its participants, past and present. */
export interface Conversation {
  readonly id: string
  readonly startAt: number
  readonly ani: string
  readonly dnis: string
  /** Absent for a call. */
  readonly medium?: Medium
  /** The caller's leg comes first. */
  readonly legs: Leg[]
  readonly commands: TransferCommand[]
  /** Must be called after each change of one of the legs. */
  readonly onLegChange: (leg: Leg, change: LegChange) => void
  endAt?: number
}
