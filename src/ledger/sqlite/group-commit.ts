/**
 * Group commit for node:sqlite (engine.md): writes that arrive in one turn of the event loop share one transaction, each in its own
 * savepoint, and are acknowledged only after the commit.
 */
import type { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../ledger.ts'

interface Waiting {
  work: () => unknown
  done: (value: never) => void
  failed: (error: unknown) => void
}

/** What nobody waits for waits so long for others to share its commit, ms: each commit is a flush of the disk, and the event loop stands still for it. */
const patienceMs = 10

/** SQLite's primary result codes after which the transaction is sound but for the one statement: what was written does not fit the tables. */
const misfits: ReadonlySet<number> = new Set([18 /* too big */, 19 /* constraint */, 20 /* mismatch */, 25 /* range */])

/** What SQLite says went wrong: a primary result code; undefined when the error is not SQLite's. */
const resultCode = (error: unknown): number | undefined => {
  const { code, errcode } = error as { code?: string; errcode?: number }
  return code === 'ERR_SQLITE_ERROR' ? (errcode ?? 1) & 0xff : undefined
}

export function groupCommit(database: Pick<DatabaseSync, 'exec' | 'isTransaction'>) {
  let waiting: Waiting[] = []
  let scheduled: NodeJS.Immediate | undefined
  let patient: NodeJS.Timeout | undefined

  const attempt = ({ work, done, failed }: Waiting): (() => void) => {
    let value: never
    database.exec('SAVEPOINT one')
    try {
      value = work() as never
    } catch (error) {
      const code = resultCode(error)
      // After trouble with the file nothing in the transaction can be trusted; after a refusal of ours, or of one row, the rest of it can.
      if (code !== undefined && !misfits.has(code)) throw error
      database.exec('ROLLBACK TO one; RELEASE one')
      const reason = code === undefined ? error : new StoreUnavailable((error as Error).message)
      return () => failed(reason)
    }
    database.exec('RELEASE one')
    return () => done(value)
  }

  const rollBack = (): void => {
    if (database.isTransaction) database.exec('ROLLBACK')
  }

  function commit(): void {
    scheduled = undefined
    clearTimeout(patient)
    patient = undefined
    const batch = waiting
    waiting = []
    let acknowledgements: Array<() => void>
    try {
      // Left by a batch whose own roll-back failed.
      rollBack()
      database.exec('BEGIN IMMEDIATE')
      acknowledgements = batch.map(attempt)
      database.exec('COMMIT')
    } catch (error) {
      try {
        rollBack()
      } catch {
        /* the store is gone; the batch is refused below, and the next one tries again */
      }
      const unavailable = new StoreUnavailable((error as Error).message)
      acknowledgements = batch.map(
        ({ failed }) =>
          () =>
            failed(unavailable),
      )
    }
    for (const acknowledge of acknowledgements) acknowledge()
  }

  return {
    /**
     * Resolves with the work's value once it is on disk.
     * @param urgent somebody waits for it
     * @throws what the work throws, when nothing of it was kept; StoreUnavailable when nothing of the batch was
     */
    write<T>(work: () => T, urgent = true): Promise<T> {
      return new Promise<T>((done, failed) => {
        waiting.push({ work, done, failed })
        if (urgent) scheduled ??= setImmediate(commit)
        else if (!scheduled) patient ??= setTimeout(commit, patienceMs)
      })
    },
    /** Commits what waits, at once. */
    flush(): void {
      if (scheduled) clearImmediate(scheduled)
      if (waiting.length > 0) commit()
    },
  }
}
