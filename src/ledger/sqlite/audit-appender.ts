/** Appends audit rows inside SQLite transactions. All processes write the same chain, so its last row is read again in every transaction. */
import type { AuditDraft, AuditEntry } from '../contract/audit.ts'
import type { AuditRowDraft } from '../engine/engine.ts'
import type { Query } from '../engine/query.ts'
import type { AuditWriter, LastRow } from '../tables/audit-writer.ts'
import type { SqliteSession } from './session.ts'

export interface AuditAppender {
  /** Forgets the last row, because another process may have written the chain since the last transaction. */
  beginTransaction(): void
  /** Inserts rows for the drafts. @returns their entries */
  append(drafts: AuditRowDraft[]): AuditEntry[]
  /** Writes the chain's new head, once for all rows of the transaction. */
  writeHead(): void
  /** Remembers how far the chain reaches. Must be called after the commit. */
  endTransaction(): void
}

/**
 * @param onSetBack called with the position that was committed last and the chain's last position, when the chain ends before the former.
 *   Returns the entry about this, which is appended before the others
 */
export function createAuditAppender(
  session: SqliteSession,
  writer: AuditWriter,
  onSetBack: (knownPosition: number, position: number) => AuditDraft,
): AuditAppender {
  /** The chain's last row; undefined until the transaction has read it. */
  let last: LastRow | undefined
  let updateHead: Query | undefined
  let committedPosition = 0
  /** The entry about a chain that was set back, until it is committed. Every try appends the same one, so that the alert is logged once. */
  let setBack: AuditDraft | undefined
  return {
    beginTransaction() {
      last = undefined
      updateHead = undefined
    },
    append(drafts) {
      if (drafts.length === 0) return []
      const reports: AuditDraft[] = []
      if (!last) {
        last = writer.parseLast(session.query(writer.lastRowQuery))
        if (last.position < committedPosition) reports.push((setBack ??= onSetBack(committedPosition, last.position)))
      }
      const chained = writer.chainRows([...reports, ...drafts], last)
      const entries = chained.inserts.map(({ query, toEntry }) => toEntry(session.query(query)))
      last = chained.last
      updateHead = chained.updateHead
      return entries
    },
    writeHead() {
      if (updateHead) session.query(updateHead)
    },
    endTransaction() {
      if (!last) return
      committedPosition = last.position
      setBack = undefined
    },
  }
}
