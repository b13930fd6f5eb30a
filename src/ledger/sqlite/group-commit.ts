/**
 * Group commit for node:sqlite (engine.md): writes that arrive in one turn of the event loop share one transaction, and are acknowledged
 * only after the commit. Where one of them is refused they are done again, each in its own savepoint: a work may run twice, and what it did the first time is undone. A commit of which nothing need be on disk yet does not flush: it outlives
 * this process all the same, and in a write-ahead log the next flush is one of everything before it (sqlite.org/pragma.html#pragma_synchronous).
 */
import type { DatabaseSync } from 'node:sqlite'
import { StoreUnavailable } from '../ledger.ts'
import type { Flush } from '../steps.ts'

interface Waiting {
  flush: Flush
  work: () => unknown
  done: (value: never) => void
  failed: (error: unknown) => void
}

/** What nobody waits for waits so long for others to share its commit, ms: each commit is a flush of the disk, and the event loop stands still for it. */
const patienceMs = 30

/** SQLite's primary result codes after which the transaction is sound but for the one statement: what was written does not fit the tables. */
const misfits: ReadonlySet<number> = new Set([18 /* too big */, 19 /* constraint */, 20 /* mismatch */, 25 /* range */])

/** What SQLite says went wrong: a primary result code; undefined when the error is not SQLite's. */
const resultCode = (error: unknown): number | undefined => {
  const { code, errcode } = error as { code?: string; errcode?: number }
  return code === 'ERR_SQLITE_ERROR' ? (errcode ?? 1) & 0xff : undefined
}

/** What goes around the works of a transaction, inside it. */
export interface Frame {
  begins(): void
  ends(): void
  /** Grows with each change: a commit without one flushes nothing. */
  changes(): unknown
}

export function groupCommit(database: Pick<DatabaseSync, 'exec' | 'isTransaction'>, frame: Frame) {
  let waiting: Waiting[] = []
  let untold: Array<() => void> = []
  /** Something is committed that may not be on disk. */
  let ahead = false
  let flushing: boolean | undefined
  let scheduled: NodeJS.Immediate | undefined
  let patient: NodeJS.Timeout | undefined

  const refusedBy = (error: unknown): boolean => {
    const code = resultCode(error)
    return code === undefined || misfits.has(code)
  }

  /** All in one. Undefined: one was refused, and all are to be undone. */
  const together = (batch: Waiting[]): Array<() => void> | undefined => {
    try {
      return batch.map(({ work, done }) => {
        const value = work() as never
        return () => done(value)
      })
    } catch (error) {
      if (refusedBy(error)) return undefined
      throw error
    }
  }

  /** Each in its own savepoint, for which SQLite copies every page before it is changed: a refusal undoes nothing else. */
  const apart = (batch: Waiting[]): Array<() => void> =>
    batch.map(({ work, done, failed }) => {
      let value: never
      database.exec('SAVEPOINT one')
      try {
        value = work() as never
      } catch (error) {
        // After trouble with the file nothing in the transaction can be trusted.
        if (!refusedBy(error)) throw error
        database.exec('ROLLBACK TO one; RELEASE one')
        const reason = resultCode(error) === undefined ? error : new StoreUnavailable((error as Error).message)
        return () => failed(reason)
      }
      database.exec('RELEASE one')
      return () => done(value)
    })

  const rollBack = (): void => {
    if (database.isTransaction) database.exec('ROLLBACK')
  }

  /** Takes what is to be written now: what may wait for others does not make a commit flush that need not. */
  function taken(): Waiting[] {
    scheduled = undefined
    const all = waiting
    if (patient && all.every(({ flush }) => flush !== 'now')) {
      waiting = all.filter(({ flush }) => flush === 'soon')
      return all.filter(({ flush }) => flush === 'next')
    }
    clearTimeout(patient)
    patient = undefined
    waiting = []
    return all
  }

  function flushAtCommit(flush: boolean): void {
    if (flushing !== flush) database.exec(`PRAGMA synchronous = ${flush ? 'FULL' : 'NORMAL'}`)
    flushing = flush
  }

  function onDisk(): void {
    ahead = false
    const told = untold
    untold = []
    for (const tell of told) tell()
  }

  /** @returns how each is acknowledged; what `run` leaves undone is left to the next to roll back. @throws when nothing was kept */
  function transaction<A extends Array<() => void> | undefined>(batch: Waiting[], flush: boolean, run: (batch: Waiting[]) => A): A {
    rollBack()
    flushAtCommit(flush)
    database.exec('BEGIN IMMEDIATE')
    frame.begins()
    const before = flush && ahead ? frame.changes() : undefined
    const acknowledgements = run(batch)
    if (!acknowledgements) return acknowledgements
    frame.ends()
    const flushed = before !== undefined && frame.changes() !== before
    database.exec('COMMIT')
    if (!flush) ahead = true
    else if (flushed) onDisk()
    return acknowledgements
  }

  function commit(batch: Waiting[]): void {
    const flush = batch.some((one) => one.flush !== 'next')
    let acknowledgements: Array<() => void>
    try {
      acknowledgements = transaction(batch, flush, together) ?? transaction(batch, flush, apart)
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

  function inTime(): void {
    patient = undefined
    commit(taken())
  }

  return {
    /**
     * Resolves with the work's value once it is committed, and on disk as `flush` says.
     * @throws what the work throws, when nothing of it was kept; StoreUnavailable when nothing of the batch was
     */
    write<T>(work: () => T, flush: Flush = 'now'): Promise<T> {
      return new Promise<T>((done, failed) => {
        waiting.push({ work, flush, done, failed })
        if (flush !== 'soon') scheduled ??= setImmediate(() => commit(taken()))
        else if (!scheduled) patient ??= setTimeout(inTime, patienceMs)
      })
    },
    /** Calls back once all that is committed by now is on disk; where it is already, at once. */
    onceOnDisk(tell: () => void): void {
      if (ahead) untold.push(tell)
      else tell()
    },
    /** Commits what waits, at once. */
    flush(): void {
      if (scheduled) clearImmediate(scheduled)
      clearTimeout(patient)
      patient = undefined
      if (waiting.length > 0) commit(taken())
    },
  }
}
