/** The embedded ledger: Node's own SQLite, nothing to install, every acknowledged write on disk (engine.md). */
import { setTimeout } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { createSqlLedger } from '../sql-ledger.ts'
import { StoreUnavailable, type AuditEntry, type Ledger, type LedgerOptions } from '../ledger.ts'
import { openFile } from './file.ts'
import { groupCommit } from './group-commit.ts'
import { processes } from './processes.ts'
import { session } from './session.ts'
import type { Dialect, AuditRowDraft, Engine, Query } from '../steps.ts'
import { auditTable, type Tail } from '../tables/audit.ts'

/** A reader in the way is waited for so often and so long, ms. */
const shredTries = 20
const shredPauseMs = 100
/** All processes write one chain. */
const chain = 'main'
/** One writer at a time, by the file's own lock: nothing needs to be held back for others. */
const dialect: Dialect = {
  now: ':now',
  forUpdate: '',
  skipLocked: '',
  elements: (parameter) => `SELECT value FROM json_each(:${parameter})`,
  *exclusively() {},
}

/**
 * Opens the ledger in a file (or `:memory:`), migrates it and takes a lease in it.
 * @throws StoreUnavailable when the file cannot be opened or written
 */
export async function openSqliteLedger(path: string, options: LedgerOptions): Promise<Ledger> {
  const { auditKey, onAudit = () => {}, clock = Date.now } = options
  const node = uuid()
  const database = await openFile(path)
  const connection = session(database, clock)
  const audit = auditTable({ key: auditKey, chain, node, clock, tellsRowNumbers: true })
  /** The end of the chain within a transaction, read when the first row is to be chained to it: other processes write the same chain. */
  let tail: Tail | undefined
  let head: Query | undefined
  const commits = groupCommit(database, {
    begins() {
      tail = undefined
      head = undefined
    },
    ends() {
      if (head) connection.ask(head)
    },
    changes: () => connection.ask({ sql: 'SELECT total_changes() AS changes', values: {} }).rows[0]?.['changes'],
  })
  function append(drafts: AuditRowDraft[]): AuditEntry[] {
    if (drafts.length === 0) return []
    const chained = audit.chain(drafts, (tail ??= connection.run(audit.tail())))
    const entries = chained.rows.map(({ query, entry }) => entry(connection.ask(query)))
    tail = chained.tail
    head = chained.head
    return entries
  }
  processes.enter(node)

  const engine: Engine = {
    dialect,
    chain,
    async read(work) {
      try {
        return connection.run(work())
      } catch (error) {
        throw new StoreUnavailable((error as Error).message)
      }
    },
    async write(work, flush) {
      const { value, entries } = await commits.write(() => {
        const trail: AuditRowDraft[] = []
        return { value: connection.run(work(trail)), entries: append(trail) }
      }, flush)
      commits.onceOnDisk(() => {
        for (const entry of entries) onAudit(entry)
      })
      return value
    },
    async shred() {
      // Freed cells are zeroed as they are freed (sqlite/file.ts); what is left are the log's older pages.
      commits.flush()
      for (let tries = 0; tries < shredTries; tries++) {
        const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
        if (busy === 0) return
        await setTimeout(shredPauseMs)
      }
      throw new StoreUnavailable('another process reads it; what was erased is out of the ledger, but not yet out of its file: erase again')
    },
    isDead: processes.isDead,
    announce() {},
    onAnnounced() {},
    async close() {
      processes.leave(node)
      commits.flush()
      if (database.isOpen) database.close()
    },
  }
  return createSqlLedger(engine, node, options).catch(async (error: unknown) => {
    await engine.close()
    throw error
  })
}
