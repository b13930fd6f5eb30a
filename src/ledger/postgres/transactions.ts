/** Reads and transactions on a pool of connections. Audit rows are committed with the change that they are about, and sealed afterwards. */
import type { Pool, PoolClient } from 'pg'
import { StoreUnavailable } from '../contract/errors.ts'
import type { Engine } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'
import { createConnectionQueue } from './connection-queue.ts'
import { toStoreUnavailable } from './connections.ts'
import { WrongExpectation } from './expectation.ts'
import { createSession, type PostgresSession, type SessionOptions } from './session.ts'

export interface Transactions {
  read: Engine['read']
  /**
   * Runs one transaction.
   * @param work called again if a result was not as it expected; then nothing of its first run was written
   * @throws StoreUnavailable, and what the work throws
   */
  write<T>(work: () => QueryGenerator<T>): Promise<T>
}

/** Whether a connection must not be used again after this failure, because it is not known what the server has executed and prepared on it. */
const endsConnection = (error: unknown): boolean => error instanceof StoreUnavailable

/** @param isPooled whether a pooler stands before the database: then reads are transactions too, because only those have time limits */
export function createTransactions(pool: Pool, isPooled: boolean): Transactions {
  /** How many transactions have failed of which it is not known whether they were committed, and replicated. */
  let uncertain = 0
  /** How many of these are known to be replicated if they were committed, because a later transaction is. */
  let certain = 0

  const queue = createConnectionQueue(pool.options.max)

  /** Waits in the queue: the pool itself would let everyone who waits longer than its time limit for opening a connection fail. */
  async function connect(): Promise<PoolClient> {
    await queue.enter()
    return pool.connect().catch((error: unknown) => {
      queue.leave(false)
      throw error
    })
  }

  /** Runs work on a connection. A connection is used again only after success, or after a refusal or a wrong expectation that was rolled back. */
  async function withSession<T>(options: Omit<SessionOptions, 'isPooled'>, work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const client = await connect().catch((error: unknown) => {
      throw toStoreUnavailable(error)
    })
    let isReusable = false
    try {
      const session = createSession(client, { isPooled, ...options })
      const value = await work(session).catch(async (error: unknown) => {
        if (!endsConnection(error))
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
      queue.leave(isReusable)
    }
  }

  const runTransaction = <T>(work: () => QueryGenerator<T>, options: Omit<SessionOptions, 'isPooled'>): Promise<T> =>
    withSession(options, async (session) => {
      session.begin()
      const value = await session.run(work())
      await session.commit()
      return value
    })

  /** After a failure, a repeat may find its change written and change nothing. It must wait until that change is replicated all the same. */
  async function runWrite<T>(work: () => QueryGenerator<T>, trustsExpectations: boolean): Promise<T> {
    const uncertainBefore = uncertain
    try {
      const value = await runTransaction(work, { trustsExpectations, shouldReplicate: certain < uncertainBefore })
      certain = Math.max(certain, uncertainBefore)
      return value
    } catch (error) {
      if (error instanceof StoreUnavailable) uncertain++
      throw error
    }
  }
  const reading = { trustsExpectations: false, shouldReplicate: false }

  return {
    read: (work) => (isPooled ? runTransaction(work, reading) : withSession(reading, (session) => session.run(work()))),
    write: (work) =>
      runWrite(work, true).catch((error: unknown) => {
        if (error instanceof WrongExpectation) return runWrite(work, false)
        throw error
      }),
  }
}
