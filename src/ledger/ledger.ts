/** The ledger: what was asked, what became of it, what the CRM was told. The interface that every store must fulfil (design §11). */
import type { Code, Stage } from '../problems.ts'
import type { TransferRecord } from '../transfers/transfer.ts'
import type { State } from '../states.ts'

/** Somebody else has moved the record on, or taken it over: what was meant to be written was not. */
export class StaleRecord extends Error {
  constructor(transferId: string) {
    super(`transfer ${transferId} was moved on or taken over by another node`)
    this.name = 'StaleRecord'
  }
}

/** The store could not be read or written; nothing of the change was kept. */
export class StoreUnavailable extends Error {
  constructor(why: string) {
    super(`the ledger is not available: ${why}`)
    this.name = 'StoreUnavailable'
  }
}

/** An audit row before it is chained; the names of the first six are the trade's (design §9). */
export interface AuditDraft {
  conversationId: string | null
  actionId: string | null
  /** A transfer's state, or what happened: late_pickup, bounced, delivery_delivered, caller_refused … */
  status: string
  latencyMs: number | null
  pickupTime: string | null
  depth: number | null
  stage: Stage | null
  code: Code | null
  caller: string | null
  /** Flat facts worth keeping. Never a phone number, a context value or a key. */
  detail: Record<string, string | number | boolean | null>
}
export interface AuditEntry extends AuditDraft {
  seq: number
  timestamp: string
  node: string
  /** The chain it belongs to: 'main' in SQLite, one for each node in PostgreSQL. */
  chain: string
  /** Keyed hash over the row before it in its chain and this one. */
  hash: string
}

/** The answer that later requests with the same idempotency key get. */
export interface Answer {
  status: number
  body: string
}

export interface KeyUse {
  caller: string
  key: string
  /** Hash of the canonical request. */
  fingerprint: string
}

export interface Opening {
  record: TransferRecord
  /** Hash of conversation, target and mode: a request without a key is the open transfer of the same identity. */
  identity: string
  key?: KeyUse
  audit: AuditDraft
}
export type Opened =
  | { outcome: 'accepted'; record: TransferRecord }
  | { outcome: 'replayed'; answer: Answer; transferId: string }
  | { outcome: 'running'; record: TransferRecord }
  | { outcome: 'reused'; transferId: string }
  | { outcome: 'same'; record: TransferRecord }
  | { outcome: 'locked'; record: TransferRecord }

export interface CrmEvent {
  /** The webhook-id: constant over all attempts. */
  id: string
  type: string
  /** The bytes that are signed and sent. */
  body: string
}

/**
 * One change of a record, written as a whole or not at all: the row, its audit entry, its webhook, the answer to its key.
 * The record must differ from the one before: one that does not is taken for a repetition, and nothing is written.
 */
export interface Change {
  record: TransferRecord
  from: State
  audit?: AuditDraft
  event?: CrmEvent
  /** `release`: nothing was done and a retry may help, so the key may be used again. */
  answer?: Answer | 'release'
}

export const deliveryStates = ['pending', 'delivered', 'exhausted', 'refused'] as const
export type DeliveryState = (typeof deliveryStates)[number]
export interface DeliveryAttempt {
  at: string
  status: number | null
  error: string | null
  durationMs: number
}
export interface Delivery {
  id: string
  transferId: string
  type: string
  state: DeliveryState
  attempts: DeliveryAttempt[]
  /** Attempts since it was queued or redelivered: the place in the schedule. */
  tries: number
  nextAttemptAt: string | null
  createdAt: string
  updatedAt: string
}
export interface DueDelivery extends Delivery {
  conversationId: string
  body: string
}
export interface DeliveryResult {
  id: string
  state: DeliveryState
  attempt: DeliveryAttempt
  /** Epoch ms of the next attempt, while pending. */
  nextAt: number | null
  audit?: AuditDraft
}

export interface ApiKey {
  id: string
  /** SHA-256 of the whole key, hex. */
  hash: string
  scopes: string[]
  /** Queues that the key may transfer to; null: all. */
  queues: string[] | null
  label: string
  createdAt: string
  revokedAt: string | null
}

export interface TransferFilter {
  conversationId?: string
  state?: State
  /** Epoch ms. */
  since?: number
  until?: number
  limit: number
  cursor?: string
}
export interface DeliveryFilter {
  state?: DeliveryState
  transferId?: string
  limit: number
  cursor?: string
}
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export interface Percentiles {
  count: number
  p50: number | null
  p95: number | null
  p99: number | null
}
export interface Summary {
  total: number
  byState: Record<string, number>
  byCode: Record<string, number>
  /** Picked up, of those that ended after the platform had accepted them; null where there is none. */
  pickupRate: number | null
  latencyMs: Percentiles
  pickupMs: Percentiles
}

export interface LedgerOptions {
  /** Key of the audit chain. */
  auditKey: string
  /** Told of every audit row once it is on disk. */
  onAudit?: (entry: AuditEntry) => void
  /** How long a silent process keeps its work, ms. */
  leaseMs?: number
  /** Epoch ms. */
  clock?: () => number
}

export interface Lease {
  /** By this node's own clock, which never outlasts what the others see. */
  holds(): boolean
}

export interface Ledger {
  /** Who this process is: the owner that its writes carry. */
  readonly node: string
  /** Commits `accepted` with the key and the lock on the conversation, or says why not. Depth and path come from the conversation's history. */
  open(opening: Opening): Promise<Opened>
  /** Writes a change; one that is there already, word for word, counts as written. @throws StaleRecord when state, owner or fence are not what they were. `others` of other owners are written where their state still holds. */
  record(change: Change, others?: Change[]): Promise<void>
  /** Writes a change whoever owns the record, where its state still holds. False: it does not. */
  overrule(change: Change): Promise<boolean>
  /** Writes an audit entry that belongs to no change. */
  note(audit: AuditDraft): Promise<void>

  transfer(id: string): Promise<TransferRecord | undefined>
  transfers(filter: TransferFilter): Promise<Page<TransferRecord>>
  /** Those of a conversation that are not final. */
  openTransfers(conversationId: string): Promise<TransferRecord[]>
  /** The newest transfer of a conversation that moved it: its depth and path are where the next one starts. */
  lastMoved(conversationId: string): Promise<TransferRecord | undefined>
  summary(since: number, until: number): Promise<Summary>
  auditOf(transferId: string): Promise<AuditEntry[]>
  /** Audit entries in the order of time, and so of each chain, page by page: memory stays constant. Where several nodes write, the last seconds may still grow. */
  audit(since: number, until: number): AsyncIterable<AuditEntry[]>

  /** Takes over transfers whose owner is gone; their fencing number has grown. */
  claim(limit: number): Promise<TransferRecord[]>
  /** Prolongs this node's lease. False: it had run out, its work may be others' by now; the node has joined anew, with a new term. */
  renew(): Promise<boolean>
  /** The present term of the lease. Once it has run out it never holds again, even if the node has joined anew: nothing may be sent on it. */
  lease(): Lease
  /** Open transfers of this node, accepted or executing, that were created before `before` (epoch ms): a write whose fate was unclear may have left them. */
  strays(before: number): Promise<TransferRecord[]>

  /** Deliveries due by `now` (epoch ms, by this node's clock), the oldest of each transfer only; this node's until settled. */
  dueDeliveries(now: number, limit: number): Promise<DueDelivery[]>
  /** Notes an attempt. One that is noted already, or whose delivery another node has taken over, changes nothing. */
  settleDelivery(result: DeliveryResult): Promise<void>
  /** Epoch ms, by this node's clock, when the next delivery falls due. */
  nextDeliveryAt(): Promise<number | undefined>
  deliveries(filter: DeliveryFilter): Promise<Page<Delivery>>
  /** Queues a delivery again, whatever its state; one that is being sent just now is not sent a second time beside it. */
  redeliver(id: string): Promise<Delivery | undefined>
  /** Called whenever a delivery was queued. */
  onDelivery(listener: () => void): void

  addKey(key: ApiKey): Promise<void>
  keys(): Promise<ApiKey[]>
  revokeKey(id: string): Promise<boolean>

  /** Forgets idempotency keys of final transfers that are older than their time (design §2: 72 h). */
  forgetKeys(before: number): Promise<void>
  /** Forgets final transfers created before `before` (epoch ms) with their deliveries and keys, at most `limit` of them; the audit trail stays. How many. */
  prune(before: number, limit: number): Promise<number>
  /** Proves that the store can be written. @throws StoreUnavailable */
  probe(): Promise<void>
  close(): Promise<void>
}
