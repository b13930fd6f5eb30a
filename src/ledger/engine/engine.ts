/** What the ledger needs from a database: reads, transactions with audit entries, and the SQL in which the databases differ. */
import type { AuditDraft, ChainHead } from '../contract/audit.ts'
import type { QueryGenerator } from './query.ts'

/** An audit draft, or a function that creates one from the current last row of the chain. */
export type AuditRowDraft = AuditDraft | ((head: ChainHead) => AuditDraft)

/**
 * The work of one transaction. The drafts that the work pushes to `auditDrafts` are committed in the same transaction as audit rows. SQLite
 * also chains these rows there; PostgreSQL seals them into the chain within milliseconds (docs/architecture.md#audit-trail).
 */
export type Transaction<T> = (auditDrafts: AuditDraft[]) => QueryGenerator<T>

/** Where the SQL of the databases differs. */
export interface Dialect {
  /** The current time in epoch ms, by the clock that all nodes of the database share. */
  now: string
  /** The current time for leases, ms, the same for all nodes: the machine's uptime on SQLite, because it cannot be set; `now` on PostgreSQL. */
  leaseNow: string
  /** Ends a SELECT whose rows will be changed: other transactions wait for these rows. */
  forUpdate: string
  /** Ends a SELECT whose rows will be changed: rows that another transaction has locked are left out. */
  skipLocked: string
  /** A subquery with the elements of the JSON array of strings in a parameter, one element in each row. */
  jsonElements: (parameter: string) => string
  /** Turns an SQL expression with JSON text, such as a column or a parameter, into one that `->` and `->>` can be applied to. */
  json: (text: string) => string
  /** A subquery with the strings of a JSON array that `->` has found, one string in each row, in a column `value`. */
  jsonElementsOf: (array: string) => string
  /** Waits until these locks are free, and holds them until the transaction ends. */
  lock: (names: string[]) => QueryGenerator<unknown>
  /** Takes one lock if it is free, without waiting. @returns whether it was free */
  tryLock: (name: string) => QueryGenerator<boolean>
}

/**
 * When a write must be on disk.
 * `now`: before its promise resolves, because a caller waits for it.
 * `soon`: before its promise resolves, but it may wait a little, so that several writes share one fsync.
 * `next`: its promise resolves after commit, without fsync; the next fsync makes it durable. For changes that Handoff finds
 * out again after a power cut, or has not reported to anyone yet.
 * An engine may flush earlier.
 */
export type FlushTiming = 'now' | 'soon' | 'next'

/** A node as the ledger's table of nodes describes it. */
export interface NodeProcess {
  id: string
  host: string
  pid: number
}

/** Where the ledger lies. The place is also stored in it: a copy has the place of what it was copied from. */
export interface Place {
  /** The place where it lies now. */
  readonly current: string
  /** Reads the place that is stored. */
  find(): QueryGenerator<string>
  store(place: string): QueryGenerator<void>
}

/** A database that can hold the ledger. */
export interface Engine {
  readonly dialect: Dialect
  /** Whether the database has a clock of its own. Otherwise `now` is the node's. */
  readonly hasSharedClock: boolean
  readonly place: Place
  /** Name of the audit chain that this node writes. */
  readonly chain: string
  /** @throws StoreUnavailable */
  read<T>(work: () => QueryGenerator<T>): Promise<T>
  /** Like `read`, for a read that may take long: nothing else waits for it. It sees everything that was committed when it began. */
  readLong<T>(work: () => QueryGenerator<T>): Promise<T>
  /** How many calls of `readLong` can usefully run at once. */
  readonly maxLongReads: number
  /**
   * Runs one transaction. The work may run more than once, but only one run is kept.
   * @param flush `now` by default
   * @throws what the work throws, and then nothing was written; StoreUnavailable: nothing was written, as far as is known
   */
  write<T>(work: Transaction<T>, flush?: FlushTiming): Promise<T>
  /** Appends an entry to the chain. @throws StoreUnavailable */
  appendAudit(draft: AuditRowDraft): Promise<void>
  /** Moves every audit row that any node has committed so far into its chain. @throws StoreUnavailable */
  sealAudit(): Promise<void>
  /** Whether a node is known to be dead although its lease has not expired. */
  isNodeDead: (node: NodeProcess) => boolean
  /** Reads the whole database and returns what the database itself finds damaged, at most ten findings. @throws StoreUnavailable */
  findDamage(): Promise<string[]>
  /** Removes overwritten data from the database's files, as far as the database offers it. @throws StoreUnavailable */
  purgeOverwritten(): Promise<void>
  /** Tells the other nodes that a delivery was queued, if possible. */
  notifyOtherNodes(): void
  /** From now on, calls `listener` whenever another node may have queued a delivery. */
  onNotified(listener: () => void): void
  /** From now on, calls `listener` whenever this node has appended entries to the audit trail, or another node may have. */
  onAppended(listener: () => void): void
  close(): Promise<void>
}
