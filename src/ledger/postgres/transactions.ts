/** Reads and transactions on a pool of connections. */
import type { Pool } from 'pg'
import type { AuditEntry } from '../contract/audit.ts'
import { StaleRecord } from '../contract/errors.ts'
import type { AuditRowDraft, Engine, Transaction } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'
import type { AuditAppender } from './audit-appender.ts'
import { toStoreUnavailable } from './connections.ts'
import { createSession, type PostgresSession } from './session.ts'

export interface Transactions {
  read: Engine['read']
  /** @returns the work's value, and the audit entries that were written with it */
  write<T>(work: Transaction<T>): Promise<{ value: T; entries: AuditEntry[] }>
}

/** @param isPooled whether a pooler stands before the database: then reads are transactions too, because only those have time limits */
export function createTransactions(pool: Pool, audit: AuditAppender, isPooled: boolean): Transactions {
  /** Runs work on a connection. A connection is used again only after success, or after a refusal that was rolled back. */
  async function withSession<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw toStoreUnavailable(error)
    })
    let isReusable = false
    try {
      const session = createSession(client, isPooled)
      const value = await work(session).catch(async (error: unknown) => {
        if (error instanceof StaleRecord)
          isReusable = await session.control('ROLLBACK').then(
            () => true,
            () => false,
          )
        throw error
      })
      isReusable = true
      return value
    } finally {
      client.release(!isReusable)
    }
  }

  /** Sends BEGIN together with the first statement. If it fails, that statement fails too and reports the error. */
  async function runInTransaction<T>(session: PostgresSession, work: QueryGenerator<T>): Promise<T> {
    const begun = session.begin()
    begun.catch(() => {})
    const value = await session.run(work)
    await begun
    return value
  }

  return {
    read: (work) =>
      withSession(async (session) => {
        if (!isPooled) return session.run(work())
        const value = await runInTransaction(session, work())
        await session.control('COMMIT')
        return value
      }),
    write: (work) =>
      withSession(async (session) => {
        const drafts: AuditRowDraft[] = []
        const value = await runInTransaction(session, work(drafts))
        if (drafts.length > 0) return { value, entries: await audit.appendAndCommit(session, drafts) }
        await session.control('COMMIT')
        return { value, entries: [] }
      }),
  }
}
