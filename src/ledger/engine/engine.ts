/** What the ledger needs from a database: reads, transactions with audit entries, and a few words of its SQL dialect. */
import type { AuditDraft, ChainHead } from '../contract/audit.ts'
import type { QueryGenerator } from './query.ts'

/** An audit draft, or a function that makes one from the current last row of the chain. */
export type AuditRowDraft = AuditDraft | ((head: ChainHead) => AuditDraft)

/**
 * The work of one transaction. Drafts that it pushes to `auditDrafts` are committed with it as audit rows: chained in the same transaction, or
 * sealed into the chain within milliseconds (docs/architecture.md#audit-trail).
 */
export type Transaction<T> = (auditDrafts: AuditDraft[]) => QueryGenerator<T>

/** Where the SQL of the databases differs. */
export interface Dialect {
  /** The current time in epoch ms, by the clock that all nodes of the database share. */
  now: string
  /** The current time, ms, by a clock that all nodes of the database share and that cannot be set while they run, as far as there is one. */
  leaseNow: string
  /** Ends a SELECT whose rows will be changed: other transactions wait for these rows. */
  forUpdate: string
  /** Ends a SELECT whose rows will be changed: rows that another transaction holds are left out. */
  skipLocked: string
  /** A subquery with the elements of the JSON array of strings in a parameter, one a row. */
  jsonElements: (parameter: string) => string
  /** JSON text, such as a column or a parameter, so that `->` and `->>` can be applied to it. */
  json: (text: string) => string
  /** A subquery with the strings of a JSON array that `->` has found, one a row, in a column `value`. */
  jsonElementsOf: (array: string) => string
  /** Until the transaction ends, no other transaction gets past a lock of the same name. */
  lock: (names: string[]) => QueryGenerator<unknown>
  /** The same for one lock, without waiting. @returns whether it is free */
  tryLock: (name: string) => QueryGenerator<boolean>
}

/**
 * When a write must be on disk.
 * `now`: before its promise resolves, because a caller waits for it.
 * `soon`: before its promise resolves, but it may wait a little, so that several writes share one fsync.
 * `next`: its promise resolves after commit, without fsync; the next fsync makes it durable. For changes that are found out again after
 * a power cut, or that were reported to no one yet.
 * An engine may flush earlier.
 */
export type FlushTiming = 'now' | 'soon' | 'next'

/** A node as the ledger's table of nodes describes it. */
export interface NodeProcess {
  id: string
  host: string
  pid: number
}

/** A database that can hold the ledger. */
export interface Engine {
  readonly dialect: Dialect
  /** Whether the database has a clock of its own. Otherwise `now` is the node's. */
  readonly hasSharedClock: boolean
  /** Name of the audit chain that this node writes. */
  readonly chain: string
  /** @throws StoreUnavailable */
  read<T>(work: () => QueryGenerator<T>): Promise<T>
  /** The same for a read that may take long: nothing else waits for it. It sees everything that is committed when it begins. */
  readBeside<T>(work: () => QueryGenerator<T>): Promise<T>
  /** How many calls of `readBeside` make sense at once. */
  readonly readsAtOnce: number
  /**
   * Runs one transaction. The work may run more than once, but only one run is kept.
   * @param flush `now` unless given
   * @throws what the work throws, and then nothing was written; StoreUnavailable: nothing was written, as far as is known
   */
  write<T>(work: Transaction<T>, flush?: FlushTiming): Promise<T>
  /** Appends an entry to the chain. @throws StoreUnavailable */
  appendAudit(draft: AuditRowDraft): Promise<void>
  /** Puts every audit row into its chain that any node has committed before. @throws StoreUnavailable */
  sealAudit(): Promise<void>
  /** Whether a node is known to be dead although its lease has not expired. */
  isNodeDead: (node: NodeProcess) => boolean
  /** Removes overwritten data from the database's files, as far as the database offers it. @throws StoreUnavailable */
  purgeOverwritten(): Promise<void>
  /** Tells the other nodes that a delivery was queued, if possible. */
  notifyOtherNodes(): void
  /** Calls `listener` when another node may have queued a delivery. */
  onNotified(listener: () => void): void
  close(): Promise<void>
}
