/** The ledger: what was asked, what became of it, what the CRM was told. The interface that every store must fulfil (design §11). */
import type { Code, Stage } from '../model/problems.ts'
import type { TransferRecord } from '../model/transfer.ts'
import type { State } from '../model/states.ts'

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

/** Nothing is erased while the pipeline still needs it. */
export class StillOpen extends Error {
  constructor(transferId: string, state: State) {
    super(`transfer ${transferId} is not over (${state}); erase its conversation when it is`)
    this.name = 'StillOpen'
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
  /** W3C trace id of the request that it goes back to. */
  traceId?: string | null
  /** What tells of a person, keyed hashes of numbers at most: it can be erased without breaking the chain. */
  personal?: Record<string, string> | null
}
export interface AuditEntry extends Omit<AuditDraft, 'personal'> {
  seq: number
  timestamp: string
  node: string
  /** The chain it belongs to: 'main' in SQLite, one for each node in PostgreSQL. */
  chain: string
  /** Keyed hash of what is personal, which the row's own hash covers in its place. */
  sealed?: string
  /** Null where there is nothing, or nothing any more. */
  personal: Record<string, string> | null
  /** Keyed hash over the row before it in its chain and this one. */
  hash: string
}
/** The end of a chain of audit rows: how many it has, and the hash of the last. */
export interface ChainHead {
  chain: string
  place: number
  hash: string
}
/** A row of the audit trail as it is stored, for those who verify it. */
export interface StoredAuditRow extends ChainHead {
  seq: number
  at: number
  transferId: string | null
  conversationId: string | null
  entry: string
  personal: string | null
}
export interface SealedHead extends ChainHead {
  seal: string
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
  /** Which of the CRM's endpoints is told. */
  endpoint: string
  traceparent?: string | null
}

/**
 * One change of a record, written as a whole or not at all: the row, its audit entry, its webhooks, the answer to its key.
 * The record must differ from the one before: one that does not is taken for a repetition, and nothing is written.
 */
export interface Change {
  record: TransferRecord
  from: State
  audit?: AuditDraft
  /** What else the trail is to say of it. */
  further?: readonly AuditDraft[]
  events?: readonly CrmEvent[]
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
  endpoint: string
  transferId: string
  conversationId: string
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
  body: string
  traceparent: string | null
  /** Tries whether a paused endpoint is back: an attempt that costs no place in the schedule. */
  probe: boolean
}
export interface DeliveryResult {
  id: string
  state: DeliveryState
  attempt: DeliveryAttempt
  /** Epoch ms of the next attempt, while pending. */
  nextAt: number | null
  probe?: boolean
  audit?: AuditDraft
}
/** What of an endpoint's queue is asked for: what fell due just now, or what has been waiting for long. */
export const deliveryLanes = ['fresh', 'backlog'] as const
export type DeliveryLane = (typeof deliveryLanes)[number]
export interface DueQuery {
  endpoint: string
  lane: DeliveryLane
  /** Epoch ms, by this node's clock. */
  now: number
  limit: number
}
/** An endpoint that fails for so long and so often is paused, and probed. */
export interface PausePolicy {
  failingMs: number
  failures: number
  probeEveryMs: number
}
export interface EndpointHealth {
  id: string
  /** Since when every attempt has failed; null: the last one did not. */
  failingSince: string | null
  failures: number
  pausedAt: string | null
  nextProbeAt: string | null
  pending: number
  /** When the oldest of these was queued. */
  oldestPendingAt: string | null
}
export interface Enrolment {
  /** Deliveries that the new endpoint took over. */
  adopted: number
  /** Endpoints that are not configured and still have deliveries waiting. */
  former: string[]
}
/** What an attempt changed for its endpoint. */
export type EndpointTransition = 'paused' | 'resumed' | undefined

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
export interface DeliverySelection {
  states?: readonly DeliveryState[]
  transferId?: string
  conversationId?: string
  endpoint?: string
  type?: string
  /** Epoch ms of their creation. */
  since?: number
  until?: number
}
export interface DeliveryFilter extends DeliverySelection {
  limit: number
  cursor?: string
}
/** What of the audit trail is asked for; times in epoch ms. */
export interface AuditSpan {
  since: number
  until: number
  conversationId?: string
}
/** How many rows of each table something personal was taken out of. */
export interface Erased {
  transfers: number
  deliveries: number
  auditRows: number
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
  patience?: PausePolicy
}

/** What is left of a record, and of a webhook's body, once everything personal is out. */
export interface Erasure {
  record: (record: TransferRecord) => TransferRecord
  body: (body: string) => string
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
  /** What the transfer's key is answered from now on; undefined: it came without one, or has no answer that stays. */
  answerOf(transferId: string): Promise<Answer | undefined>
  transfers(filter: TransferFilter): Promise<Page<TransferRecord>>
  /** Those of a conversation that are not final. */
  openTransfers(conversationId: string): Promise<TransferRecord[]>
  /** The newest transfer of a conversation that moved it: its depth and path are where the next one starts. */
  lastMoved(conversationId: string): Promise<TransferRecord | undefined>
  summary(since: number, until: number): Promise<Summary>
  auditOf(transferId: string): Promise<AuditEntry[]>
  /** Audit entries in the order of time, and so of each chain, page by page: memory stays constant. Where several nodes write, the last seconds may still grow. */
  audit(span: AuditSpan): AsyncIterable<AuditEntry[]>
  /** Writes a signed checkpoint of this node's chain. */
  checkpoint(): Promise<void>
  /** The rows of a chain as they are stored, by place, page by page. */
  storedAudit(chain: string): AsyncIterable<StoredAuditRow[]>
  storedAuditAt(chain: string, place: number): Promise<StoredAuditRow | undefined>
  storedAuditOf(conversationId: string): Promise<StoredAuditRow[]>
  /** Every chain, with what the store keeps as its end; null: it keeps nothing. */
  auditChains(): Promise<Array<{ chain: string; head: SealedHead | null }>>
  /** Takes what is personal out of a conversation's transfers, stored answers, webhooks and audit rows; `audit` says so in the trail, with how many. @throws StillOpen */
  erase(conversationId: string, without: Erasure, audit: AuditDraft): Promise<Erased>

  /** Takes over transfers whose owner is gone; their fencing number has grown. */
  claim(limit: number): Promise<TransferRecord[]>
  /** Prolongs this node's lease. False: it had run out, its work may be others' by now; the node has joined anew, with a new term. */
  renew(): Promise<boolean>
  /** The present term of the lease. Once it has run out it never holds again, even if the node has joined anew: nothing may be sent on it. */
  lease(): Lease
  /** Open transfers of this node, accepted or executing, that were created before `before` (epoch ms): a write whose fate was unclear may have left them. */
  strays(before: number): Promise<TransferRecord[]>

  /** Deliveries that are due, the oldest of each transfer only; this node's until settled. Of a paused endpoint one, when it is to be probed. */
  dueDeliveries(query: DueQuery): Promise<DueDelivery[]>
  /** Notes an attempt, and what it tells of the endpoint. One that is noted already, or whose delivery another node has taken over, changes nothing. */
  settleDelivery(result: DeliveryResult): Promise<EndpointTransition>
  /** Epoch ms, by this node's clock, when the endpoint's next delivery falls due; of a paused one, when it is to be probed. */
  nextDeliveryAt(endpoint: string): Promise<number | undefined>
  /** How each endpoint that ever failed, or that has something pending, does. */
  endpoints(): Promise<EndpointHealth[]>
  /** Makes the configured endpoints known. Where one is new and what waits is for one that is gone, its address was changed: the new one takes it over. */
  enrolEndpoints(ids: readonly string[]): Promise<Enrolment>
  delivery(id: string): Promise<(Delivery & { body: string }) | undefined>
  deliveries(filter: DeliveryFilter): Promise<Page<Delivery>>
  /** Queues a delivery again, whatever its state; one that is being sent just now is not sent a second time beside it. */
  redeliver(id: string): Promise<Delivery | undefined>
  /** Queues all of a selection again, behind what is fresh. How many. */
  redeliverAll(selection: DeliverySelection): Promise<number>
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
