/** The audit trail: what an entry says, how it is stored, and how it is written, read and exported (docs/architecture.md#audit-trail). */
import type { Code, Stage } from '../../model/problems.ts'

/** An audit entry before it is appended to the chain. */
export interface AuditDraft {
  conversationId: string | null
  /** The transfer's id: the CRM and the audit trail call a transfer an action. */
  actionId: string | null
  /** A transfer's state, or another event: late_pickup, bounced, delivery_delivered, caller_refused … */
  status: string
  /** From the request to the platform's acceptance, ms. */
  latencyMs: number | null
  /** ISO 8601, by the platform's clock. */
  pickupTime: string | null
  /** Number of the transfer among those of its conversation, counted from 1. */
  depth: number | null
  stage: Stage | null
  code: Code | null
  /** Id of the caller's API key. */
  caller: string | null
  /** Further values. Never a phone number, a context value, a key, or what a caller wrote. */
  detail: Record<string, string | number | boolean | null>
  /** W3C trace id of the request that led to this entry. */
  traceId?: string | null
  /** Personal data, at most keyed hashes of phone numbers. It is stored beside the entry, so that it can be erased without breaking the chain. */
  personal?: Record<string, string> | null
  /**
   * What callers wrote, with possible phone numbers masked. It is stored like personal data, so that it can be erased, and is part of
   * `detail` in every entry that is read. It is never logged, because a log cannot be erased.
   */
  freeText?: Readonly<Record<string, string>>
}

/** An audit entry as it is exported and, without free text, logged. */
export interface AuditEntry extends Omit<AuditDraft, 'personal' | 'freeText'> {
  /** The row's number in the database; 0 while the row has no position in a chain. */
  seq: number
  /** ISO 8601. */
  timestamp: string
  /** Id of the node that wrote it. */
  node: string
  /** The chain it belongs to: 'main' in SQLite, one for each node in PostgreSQL. */
  chain: string
  /** Keyed hash of the personal data. The entry's own hash covers this hash, not the data. */
  sealed?: string
  /** Null when there is none, or when it was erased. */
  personal: Record<string, string> | null
  /** Keyed hash over the previous row of the chain and this one. */
  hash: string
}

/** The last row of a chain. */
export interface ChainHead {
  chain: string
  /** The row's position in its chain, counted from 1. It equals the number of rows in the chain. */
  position: number
  hash: string
}
/** The head of a chain as the ledger stores it, with a keyed hash that proves that the ledger wrote it. */
export interface SealedHead extends ChainHead {
  seal: string
}

/** An audit row with its columns as they are stored. Verification compares the columns with the entry. */
export interface StoredAuditRow extends ChainHead {
  seq: number
  /** Epoch ms. */
  at: number
  transferId: string | null
  conversationId: string | null
  /** The entry as JSON text, exactly as it was hashed. */
  entry: string
  /** Personal data as JSON text. */
  personal: string | null
}

/** Which entries to export, by their time in epoch ms: from `since` to before `until`. */
export interface AuditFilter {
  since: number
  until: number
  conversationId?: string
}

/** Reads the audit trail as it is stored, for verification. Every method throws StoreUnavailable. */
export interface AuditTrailReader {
  /** Every chain that has rows or a stored head. `head` is null if it is missing. */
  listAuditChains(): Promise<Array<{ chain: string; head: SealedHead | null }>>
  /** How many rows are committed but not in a chain yet, and how many of those were not written by the ledger. */
  countUnsealedAudit(): Promise<{ rows: number; forged: number }>
  /** The rows of a chain by position, page by page. */
  readStoredAudit(chain: string): AsyncIterable<StoredAuditRow[]>
  /** @returns undefined when the chain has no row at this position */
  findStoredAuditRow(chain: string, position: number): Promise<StoredAuditRow | undefined>
  /** The rows about a conversation, in no particular order; those that are in no chain yet have position 0. */
  findStoredAuditRows(conversationId: string): Promise<StoredAuditRow[]>
}

/** Writes and reads audit entries. Every method throws StoreUnavailable. */
export interface AuditStore extends AuditTrailReader {
  /** Appends an entry that belongs to no change of a transfer. */
  appendAudit(draft: AuditDraft): Promise<void>
  /**
   * Which key the chains were written with. `current`: AUDIT_KEY, at least one of the chains that were written last, or there is none yet.
   * `previous`: one of the keys before it. `unknown`: none of these.
   */
  matchAuditKey(): Promise<'current' | 'previous' | 'unknown'>
  /** Appends an entry that AUDIT_KEY was changed, and a checkpoint, by which the new key vouches for what was written with the keys before it. */
  recordKeyChange(): Promise<void>
  /** ISO 8601 of the newest entry; null: there is none. */
  findNewestAuditTime(): Promise<string | null>
  /** Appends a signed checkpoint to this node's chain. */
  writeCheckpoint(): Promise<void>
  /** The entries about a transfer, in the order in which they were written, including those that are in no chain yet. */
  findAuditEntries(transferId: string): Promise<AuditEntry[]>
  /**
   * Entries in the order of their time, page by page, so that memory stays constant. The entries of one chain keep their order.
   * While several nodes write, entries of the last seconds may still be added.
   */
  exportAudit(filter: AuditFilter): AsyncIterable<AuditEntry[]>
}
