/** Appends audit rows inside SQLite transactions. All processes write the same chain, so its last row is read again in every transaction. */
import type { AuditDraft, AuditEntry } from '../contract/audit.ts'
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
  /** Called after the commit. */
  endTransaction(): void
}

/**
 * @param onSetBack called when the chain ends before the position that was committed last, which is given first; returns the entry about it,
 *   which is appended before the others
 */
export function createAuditAppender(
  session: SqliteSession,
  writer: AuditWriter,
  onSetBack: (knownPosition: number, position: number) => AuditDraft,
): AuditAppender {
  let last: LastRow | undefined
  let updateHead: Query | undefined
  let committedPosition = 0
  /** The entry about it, until it is committed; once for all tries to write it. */
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
