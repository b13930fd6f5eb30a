/** Webhook deliveries: an outbox that is written with each change of a transfer (docs/architecture.md#crm-webhooks). */
import type { LimitedKey } from './api-keys.ts'
import type { AuditDraft } from './audit.ts'
import type { EndpointTransition } from './endpoints.ts'
import type { Page } from './page.ts'

/** An event to deliver to one endpoint of the CRM. */
export interface CrmEvent {
  /** The `webhook-id` header: the same in all attempts. */
  id: string
  type: string
  /** The bytes that are signed and sent. */
  body: string
  /** Id of the endpoint. */
  endpoint: string
  traceparent?: string | null
}

export const deliveryStates = ['pending', 'delivered', 'exhausted', 'refused'] as const
export type DeliveryState = (typeof deliveryStates)[number]

export interface DeliveryAttempt {
  /** ISO 8601. */
  at: string
  /** HTTP status; null: there was no response. */
  status: number | null
  error: string | null
  durationMs: number
}

/** Times are ISO 8601. */
export interface Delivery {
  id: string
  endpoint: string
  transferId: string
  conversationId: string
  type: string
  state: DeliveryState
  /** The latest attempts, the oldest first. */
  attempts: DeliveryAttempt[]
  /** Attempts since it was queued or redelivered: its position in the retry schedule. */
  tries: number
  nextAttemptAt: string | null
  createdAt: string
  updatedAt: string
}

/** A delivery that this node has claimed and must attempt now. */
export interface ClaimedDelivery extends Delivery {
  body: string
  traceparent: string | null
  /** Whether this attempt only checks if a paused endpoint works again. It does not advance the retry schedule. */
  isProbe: boolean
}

/** The outcome of one attempt. */
export interface DeliveryResult {
  id: string
  /** The delivery's state after the attempt. */
  state: DeliveryState
  attempt: DeliveryAttempt
  /** When the next attempt is due while the delivery is pending, epoch ms by this node's clock; null otherwise. */
  nextAt: number | null
  isProbe?: boolean
  audit?: AuditDraft
}

/** `fresh`: deliveries that became due within the last minute; `backlog`: those that have been due for longer. */
export const deliveryLanes = ['fresh', 'backlog'] as const
export type DeliveryLane = (typeof deliveryLanes)[number]

/** Which deliveries to claim, and how many. */
export interface DeliveryClaim {
  endpoint: string
  lane: DeliveryLane
  /** Claims deliveries that are due at this time or before, epoch ms by this node's clock. */
  dueBy: number
  limit: number
}

export interface DeliverySelection {
  /** Only deliveries about transfers that the key may see. */
  visibleTo?: LimitedKey
  states?: readonly DeliveryState[]
  transferId?: string
  conversationId?: string
  endpoint?: string
  type?: string
  /** Created from `since` to before `until`, epoch ms. */
  since?: number
  until?: number
}
export interface DeliveryFilter extends DeliverySelection {
  limit: number
  cursor?: string
}

/** The outbox. Every method throws StoreUnavailable. */
export interface DeliveryStore {
  /**
   * Claims due deliveries for this node, only the oldest pending one of each transfer, so that its events arrive in order. A claim ends with
   * `recordDeliveryResult`, or when the node's lease expires. For a paused endpoint it claims at most one delivery, when a probe is due.
   */
  claimDeliveries(claim: DeliveryClaim): Promise<ClaimedDelivery[]>
  /** Records an attempt of a delivery that this node has claimed. A result that was recorded before, or without a claim, changes nothing. */
  recordDeliveryResult(result: DeliveryResult): Promise<EndpointTransition>
  /**
   * When the endpoint's next delivery, or the next probe of a paused endpoint, is due: epoch ms by this node's clock; undefined when there is
   * none.
   */
  findNextDeliveryAt(endpoint: string): Promise<number | undefined>
  /** @returns undefined when there is no delivery with this id */
  findDelivery(id: string): Promise<(Delivery & { body: string }) | undefined>
  /** The newest first. */
  listDeliveries(filter: DeliveryFilter): Promise<Page<Delivery>>
  /**
   * Queues a delivery again, whatever its state.
   * @returns undefined when there is no delivery with this id
   * @throws DeliveryUnderWay if a node has claimed it and has not recorded the result yet
   */
  redeliver(id: string): Promise<Delivery | undefined>
  /** Queues all selected deliveries again, as backlog. @returns how many */
  redeliverAll(selection: DeliverySelection): Promise<number>
  /**
   * Calls `listener` with a lane in which deliveries may have been queued, by this node or another one. If all listeners return true, because
   * this node claims what is due, other nodes are not notified.
   */
  onDeliveryQueued(listener: (lane: DeliveryLane) => unknown): void
}
