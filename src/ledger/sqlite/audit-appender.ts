/** Appends audit rows inside SQLite transactions. All processes write the same chain, so its last row is read again in every transaction. */
import type { AuditEntry } from '../contract/audit.ts'
import type { AuditRowDraft } from '../engine/engine.ts'
import type { Query } from '../engine/query.ts'
import type { AuditWriter, LastRow } from '../tables/audit-writer.ts'
import type { SqliteSession } from './session.ts'

export interface AuditAppender {
  /** Forgets the last row: another process may have written the chain since the last transaction. */
  beginTransaction(): void
  /** Inserts rows for the drafts. @returns their entries */
  append(drafts: AuditRowDraft[]): AuditEntry[]
  /** Writes the chain's new head, once for all rows of the transaction. */
  writeHead(): void
}

export function createAuditAppender(session: SqliteSession, writer: AuditWriter): AuditAppender {
  let last: LastRow | undefined
  let updateHead: Query | undefined
  return {
    beginTransaction() {
      last = undefined
      updateHead = undefined
    },
    append(drafts) {
      if (drafts.length === 0) return []
      const chained = writer.chainRows(drafts, (last ??= writer.parseLast(session.query(writer.lastRowQuery))))
      const entries = chained.inserts.map(({ query, toEntry }) => toEntry(session.query(query)))
      last = chained.last
      updateHead = chained.updateHead
      return entries
    },
    writeHead() {
      if (updateHead) session.query(updateHead)
    },
  }
}
