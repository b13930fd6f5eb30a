/** What the simulated platform knows about a call: its participants ("legs") and the transfer commands for it. Times are epoch ms. */
import type { ConversationSpec } from '../specs/conversation-spec.ts'

type CallState = 'alerting' | 'dialing' | 'contacting' | 'offering' | 'connected' | 'disconnected' | 'terminated'
export type DisconnectType =
  'endpoint' | 'client' | 'system' | 'transfer' | 'transfer.noanswer' | 'transfer.forward' | 'transport.failure' | 'error' | 'peer'
export type Purpose = 'customer' | 'ivr' | 'acd' | 'agent' | 'user' | 'external' | 'voicemail'

/** The medium of a conversation that is not a call. */
export type Medium = NonNullable<ConversationSpec['medium']>

/** What a waiting call requires of the agent who may take it. */
export interface RoutingData {
  readonly queueId: string
  readonly priority: number
  readonly skillIds: readonly string[]
  readonly languageId?: string
  /** Agents who are preferred, with their scores from 0 to 100. A transfer drops them (docs/genesys-cloud.md rule 46). */
  readonly scoredAgents?: readonly ScoredAgent[]
}

export interface ScoredAgent {
  readonly userId: string
  readonly score: number
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
  /** The call id of the leg that this one talks to: the caller's, or the consulting agent's. The caller's own leg has none. */
  peerId?: string
  /** On both sides of a consult: the participant id of the caller. */
  consultParticipantId?: string
  routing?: RoutingData
  alertingTimeoutMs?: number
  /** When after-call work (ACW) began and ended. */
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

/** A callback that was created on a call. It outlives the call (docs/genesys-cloud.md rule 94). */
export interface Callback {
  readonly id: string
  readonly numbers: readonly string[]
  readonly userName?: string
  /** ISO 8601; absent: as soon as possible. */
  readonly scheduledTime?: string
}

/** A call with all its participants, past and present. */
export interface Conversation {
  readonly id: string
  readonly startAt: number
  /** The caller's number (ANI), a `tel:` URI. */
  readonly ani: string
  /** The number that was called (DNIS), a `tel:` URI. */
  readonly dnis: string
  /** Absent for a call. */
  readonly medium?: Medium
  /** The caller's leg comes first. */
  readonly legs: Leg[]
  readonly commands: TransferCommand[]
  /** Callbacks of the caller's participant, in order. */
  readonly callbacks: Callback[]
  /** Must be called after each change of one of the legs. */
  readonly onLegChange: (leg: Leg, change: LegChange) => void
  endAt?: number
}
