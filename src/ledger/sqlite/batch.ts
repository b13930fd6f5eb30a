/** How the writes of one batch share a transaction: all together, or, when one of them is refused, each in its own savepoint. */
import type { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../contract/errors.ts'
import type { FlushTiming } from '../engine/engine.ts'
import { resultCode } from './files/sqlite-error.ts'

/** A write that waits for its commit. */
export interface PendingWrite {
  flush: FlushTiming
  work: () => unknown
  resolve: (value: never) => void
  reject: (error: unknown) => void
}

/** Settles the promise of one write, after the commit. */
export type Acknowledgement = () => void

/** SQLite's primary result codes after which only the statement failed, and the transaction is intact: the written values do not fit the tables. */
const statementErrorCodes: ReadonlySet<number> = new Set([18 /* too big */, 19 /* constraint */, 20 /* mismatch */, 25 /* range */])

/** Whether the error concerns this write only: the work refused, or its values do not fit. Other errors concern the file. */
function isRefusal(error: unknown): boolean {
  const code = resultCode(error)
  return code === undefined || statementErrorCodes.has(code)
}

/** Runs all writes. @returns the acknowledgements; undefined when one write was refused, and then all must be rolled back */
export function runTogether(batch: readonly PendingWrite[]): Acknowledgement[] | undefined {
  try {
    return batch.map(({ work, resolve }) => {
      const value = work() as never
      return () => resolve(value)
    })
  } catch (error) {
    if (isRefusal(error)) return undefined
    throw error
  }
}

/** Runs each write in its own savepoint, so that a refused one undoes nothing else. This is slower, because SQLite keeps copies of changed pages. */
export const runSeparately = (database: Pick<DatabaseSync, 'exec'>, batch: readonly PendingWrite[]): Acknowledgement[] =>
  batch.map(({ work, resolve, reject }) => {
    let value: never
    database.exec('SAVEPOINT one')
    try {
      value = work() as never
    } catch (error) {
      // After an error of the file, nothing in the transaction can be trusted.
      if (!isRefusal(error)) throw error
      database.exec('ROLLBACK TO one; RELEASE one')
      const reason = resultCode(error) === undefined ? error : new StoreUnavailable((error as Error).message)
      return () => reject(reason)
    }
    database.exec('RELEASE one')
    return () => resolve(value)
  })
