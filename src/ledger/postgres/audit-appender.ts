/** Appends audit rows and commits. Only this node writes its chain, so the last row stays in memory and one transaction extends the chain at a time. */
import type { AuditEntry } from '../contract/audit.ts'
import type { AuditRowDraft } from '../engine/engine.ts'
import { emptyChain, type AuditWriter, type LastRow } from '../tables/audit-writer.ts'
import type { PostgresSession } from './session.ts'

export interface AuditAppender {
  /** Appends rows for the drafts and commits the session's transaction, in one round trip. @returns the entries. @throws StoreUnavailable */
  appendAndCommit(session: PostgresSession, drafts: AuditRowDraft[]): Promise<AuditEntry[]>
}

export function createAuditAppender(writer: AuditWriter): AuditAppender {
  /** Undefined after a failed commit, which may have extended the chain. */
  let last: LastRow | undefined = emptyChain
  let lastAppend: Promise<unknown> = Promise.resolve()

  async function append(session: PostgresSession, drafts: AuditRowDraft[]): Promise<AuditEntry[]> {
    const from = last ?? (await session.run(writer.readLast()))
    last = undefined
    const chained = writer.chainRows(drafts, from)
    const inserted = chained.inserts.map(async ({ query, toEntry }) => toEntry(await session.query(query)))
    const [entries] = await Promise.all([Promise.all(inserted), session.query(chained.updateHead), session.control('COMMIT')])
    last = chained.last
    return entries
  }

  return {
    appendAndCommit(session, drafts) {
      const entries = lastAppend.then(() => append(session, drafts))
      lastAppend = entries.catch(() => {})
      return entries
    },
  }
}
