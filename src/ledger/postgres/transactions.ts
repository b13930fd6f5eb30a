/** Reads and transactions on a pool of connections. Audit rows are committed with the change that they are about, and sealed afterwards. */
import type { Pool } from 'pg'
import { StoreUnavailable } from '../contract/errors.ts'
import type { Engine } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'
import { toStoreUnavailable } from './connections.ts'
import { createSession, type PostgresSession } from './session.ts'

export interface Transactions {
  read: Engine['read']
  /** Runs one transaction. @throws StoreUnavailable, and what the work throws */
  write<T>(work: QueryGenerator<T>): Promise<T>
}

/** @param isPooled whether a pooler stands before the database: then reads are transactions too, because only those have time limits */
export function createTransactions(pool: Pool, isPooled: boolean): Transactions {
  /** Runs work on a connection. A connection is used again only after success, or after a refusal that was rolled back. */
  async function withSession<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw toStoreUnavailable(error)
    })
    let isReusable = false
    try {
      const session = createSession(client, isPooled)
      const value = await work(session).catch(async (error: unknown) => {
        if (!(error instanceof StoreUnavailable))
          isReusable = await session.rollback().then(
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

  /** BEGIN is sent together with the first statements, and COMMIT with the last ones. */
  const runTransaction = <T>(work: QueryGenerator<T>): Promise<T> =>
    withSession(async (session) => {
      session.begin()
      const value = await session.run(work)
      await session.commit()
      return value
    })

  return {
    read: (work) => (isPooled ? runTransaction(work()) : withSession((session) => session.run(work()))),
    write: runTransaction,
  }
}
