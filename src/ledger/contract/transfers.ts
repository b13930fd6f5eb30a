/** Transfers: how one is opened, changed, found and counted (docs/architecture.md#ledger). */
import type { Code } from '../../model/problems.ts'
import type { State } from '../../model/states.ts'
import type { NormalizedTargetOf } from '../../model/target.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { LimitedKey } from './api-keys.ts'
import type { AuditDraft } from './audit.ts'
import type { CrmEvent } from './deliveries.ts'
import type { IdempotencyKeyUse, StoredResponse } from './idempotency.ts'
import type { Page } from './page.ts'

/** A requested transfer that is not in the ledger yet. */
export interface NewTransfer {
  record: TransferRecord
  /**
   * Hash of conversation, target and mode. A request without a key counts as a repeat of a transfer with the same identity that is open, or
   * that has created a callback which the request asks for, too.
   */
  identity: string
  /** The callbacks among the targets of the request. Absent: none. */
  callbacks?: ReadonlyArray<NormalizedTargetOf<'callback'>>
  key?: IdempotencyKeyUse
  audit: AuditDraft
  /** Whether the conversation has probably had no transfer, and its key no use: then the ledger need not wait for what it finds. */
  isProbablyFirst?: boolean
}

/**
 * The result of opening a transfer.
 * `accepted`: it is in the ledger. `replayed`: its key has a stored response. `running`: the transfer of its key has no response yet.
 * `reused`: its key belongs to another request. `same`: it has no key, and is a repeat of a transfer of the same identity.
 * `locked`: another transfer of the conversation is under way.
 */
export type OpenResult =
  | { outcome: 'accepted'; record: TransferRecord }
  | { outcome: 'replayed'; response: StoredResponse; transferId: string }
  | { outcome: 'running'; record: TransferRecord }
  | { outcome: 'reused'; transferId: string }
  | { outcome: 'same'; record: TransferRecord }
  | { outcome: 'locked'; record: TransferRecord }

/**
 * One change of a record. The row, its audit entries, its webhooks and the response to its key are written in one transaction.
 * The record must differ from the stored one: an equal record counts as a repeated write, and nothing is written.
 */
export interface Change {
  record: TransferRecord
  /** The stored record's state. */
  from: State
  audit?: AuditDraft
  /** Audit entries that follow `audit`. */
  additionalAudit?: readonly AuditDraft[]
  events?: readonly CrmEvent[]
  /** The response to store for the transfer's key. `release`: nothing was done and a retry may help, so the key may be used again. */
  response?: StoredResponse | 'release'
}

export interface TransferFilter {
  /** Only transfers that the key may see. */
  visibleTo?: LimitedKey
  conversationId?: string
  /** In any of these states. */
  states?: readonly State[]
  reason?: string
  /** The queue that was chosen, or the one that was asked for while none is chosen. Not found: transfers of version 0.1.0. */
  queueId?: string
  code?: Code
  /** Id of the API key that requested the transfer. Not found: transfers of version 0.1.0. */
  requestedBy?: string
  /** Created from `since` to before `until`, epoch ms. */
  since?: number
  until?: number
  limit: number
  cursor?: string
}

/** Percentiles by nearest rank; null when there are no values. */
export interface Percentiles {
  count: number
  p50: number | null
  p95: number | null
  p99: number | null
}
export interface TransferSummary {
  total: number
  byState: Record<string, number>
  byCode: Record<string, number>
  /**
   * The share that was picked up, from 0 to 1, of the transfers that the platform accepted and that ended as picked_up, timeout, abandoned or
   * failed; null when there are none.
   */
  pickupRate: number | null
  latencyMs: Percentiles
  pickupMs: Percentiles
}

/** What a summary can be divided by; `caller` is the id of the API key that requested the transfer. */
export const groupings = ['queue', 'reason', 'code', 'caller'] as const
export type Grouping = (typeof groupings)[number]

/** The transfers of a summary that have one value in common. */
export interface TransferGroup extends Pick<TransferSummary, 'total' | 'byState' | 'byCode' | 'pickupRate'> {
  /** Null: the transfers have none. */
  value: string | null
}

/** The transfers and their idempotency keys. Every method throws StoreUnavailable. */
export interface TransferStore {
  /**
   * Writes a transfer as `accepted`, reserves its key and locks its conversation, in one transaction. If it may not be opened, the result
   * says why. The accepted record's depth and path continue those of the last transfer that moved the conversation's call.
   */
  openTransfer(transfer: NewTransfer): Promise<OpenResult>
  /**
   * Writes a change of a transfer that this node owns. A change whose record is already stored counts as written. The fence is the stored
   * one, or one more if the transfer is to move its call again (`locksAgain` in src/model/states.ts).
   * @param others changes of other transfers, whoever owns them; each is written if the transfer's state is still `from`
   * @throws StaleRecord when the stored state, owner or fence differ; ConversationLocked when the transfer is about to move the call again
   *   while another transfer may move it. In both cases no change is written
   */
  writeChange(change: Change, others?: Change[]): Promise<void>
  /**
   * Changes a transfer as it is stored at this moment, whoever owns it. Its fence grows, so that nothing that was decided before is written
   * afterwards.
   * @param decide gets the stored record, and may be called more than once. The owner of the record that it returns becomes the owner. When it
   *   returns undefined, nothing is written
   * @returns the transfer as it is stored afterwards; undefined if there is none
   * @throws what `decide` throws, and then nothing is written
   */
  updateTransfer(id: string, decide: (stored: TransferRecord) => Change | undefined): Promise<TransferRecord | undefined>

  /** @returns undefined when there is no transfer with this id */
  findTransfer(id: string): Promise<TransferRecord | undefined>
  /** The response that is stored for the transfer's key; undefined: the request had no key, or the key has no response yet. */
  findStoredResponse(transferId: string): Promise<StoredResponse | undefined>
  /** The newest first. */
  listTransfers(filter: TransferFilter): Promise<Page<TransferRecord>>
  /** The conversation's transfers that are not over, the oldest first. */
  findOpenTransfers(conversationId: string): Promise<TransferRecord[]>
  /** The newest transfer that moved the conversation's call. The next transfer continues its depth and path. */
  findLastMoved(conversationId: string): Promise<TransferRecord | undefined>
  /** Counts the transfers that were created from `since` to before `until` (epoch ms); with a limited key, those that it may see. */
  summarize(since: number, until: number, visibleTo?: LimitedKey): Promise<TransferSummary>
  /** Divides the transfers that `summarize` counts into groups, and returns the largest ones: at most `limit`, in descending order. */
  summarizeGroups(groupBy: Grouping, limit: number, since: number, until: number, visibleTo?: LimitedKey): Promise<TransferGroup[]>

  /** Deletes idempotency keys that were first used before `usedBefore` (epoch ms) and whose transfer is over. */
  deleteOldIdempotencyKeys(usedBefore: number): Promise<void>
  /**
   * Deletes at most `limit` transfers that are over and were created before `createdBefore` (epoch ms), with their deliveries and keys.
   * Their audit entries stay.
   * @returns how many
   */
  deleteOldTransfers(createdBefore: number, limit: number): Promise<number>
}
