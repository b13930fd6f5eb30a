/**
 * How the tables speak to a database without knowing which: a piece of work is a generator that yields queries and is handed their answers.
 * SQLite runs it through at once, inside a group commit; PostgreSQL waits for each answer. So each statement and each decision stands once.
 */
import type { AuditDraft, ChainHead } from './ledger.ts'

export type Value = string | number | null
export type Values = Record<string, Value>
export type Row = Record<string, Value>

export interface Query {
  /** With named parameters (`:name`). */
  sql: string
  values: Values
}
export interface Answered {
  rows: Row[]
  /** Rows written. */
  changed: number
  /** The row number of the last of them, where the database tells it unasked. */
  rowNumber?: number
}
export type QueryGenerator<T> = Generator<Query, T, Answered>
/** What becomes an audit row, or makes one of the end of the chain that it is chained to. */
export type AuditRowDraft = AuditDraft | ((end: ChainHead) => AuditDraft)
/** A write: what is pushed to `trail` becomes audit rows of the same transaction. */
export type Transaction<T> = (trail: AuditRowDraft[]) => QueryGenerator<T>

export function* all(sql: string, values: Values = {}): QueryGenerator<Row[]> {
  return (yield { sql, values }).rows
}
export function* one(sql: string, values: Values = {}): QueryGenerator<Row | undefined> {
  return (yield { sql, values }).rows[0]
}
export function* run(sql: string, values: Values = {}): QueryGenerator<number> {
  return (yield { sql, values }).changed
}

/** Where the databases' SQL differs. */
export interface Dialect {
  /** The present time, epoch ms, by the clock that all nodes of the store share. */
  now: string
  /** Ends a selection of rows that are about to be changed: others wait for it … */
  forUpdate: string
  /** … or pass over its rows. */
  skipLocked: string
  /** The elements of the JSON array of strings in a parameter, as a list of rows. */
  elements: (parameter: string) => string
  /** Until the end of the transaction nobody else is between this and its own end with one of the same words. */
  exclusively: (words: string[]) => QueryGenerator<unknown>
}

/**
 * When a write is to be on disk. `now`: before it resolves, since somebody waits for it. `soon`: before it resolves, but it may wait a little
 * for others to share a flush of the disk. `next`: it resolves once it outlives this process, and the next flush takes it along; for what
 * is found out again should the power fail, or was told to nobody. An engine may flush sooner.
 */
export type Flush = 'now' | 'soon' | 'next'

/** A database under the ledger. */
export interface Engine {
  readonly dialect: Dialect
  /** The audit chain that is written here. */
  readonly chain: string
  /** @throws StoreUnavailable */
  read<T>(work: () => QueryGenerator<T>): Promise<T>
  /** One transaction, on disk when `flush` says (`now` unless said otherwise). @throws StaleRecord from the work; StoreUnavailable: nothing was kept, as far as is known */
  write<T>(work: Transaction<T>, flush?: Flush): Promise<T>
  /** Whether a node is known to be dead although its lease runs. */
  isDead: (node: { id: string; host: string; pid: number }) => boolean
  /** What was overwritten leaves the store's files as well, as far as the store can see to that. */
  shred(): Promise<void>
  /** Tells the other nodes that a delivery was queued, if it can. */
  announce(): void
  /** Called when another node announced one. */
  onAnnounced(listener: () => void): void
  close(): Promise<void>
}
