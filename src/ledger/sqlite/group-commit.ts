/**
 * Group commit for node:sqlite (docs/decisions/0001-own-ledger.md): writes of one turn of the event loop share one transaction, and are
 * acknowledged after its commit. When one of them is refused, the transaction is rolled back and all run again, each in its own savepoint.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { StoreUnavailable } from '../contract/errors.ts'
import type { FlushTiming } from '../engine/engine.ts'
import { runSeparately, runTogether, type Acknowledgement, type PendingWrite } from './batch.ts'
import { createDurability } from './durability.ts'

/** How long a write that no caller waits for is held back so that others share its commit, ms: each flush blocks the event loop. */
const soonMs = 30

/** Functions that are called before, during and after each transaction. */
export interface TransactionHooks {
  /** Called before each transaction, and again before its writes are acknowledged. @throws when what is written now would be lost */
  assertIntact(): void
  /** Turns the failure of a transaction into the error that its writes are rejected with. */
  toUnavailable(error: unknown): StoreUnavailable
  onBegin(): void
  beforeCommit(): void
  afterCommit(): void
  /** @returns a number that grows with each change of the database */
  countChanges(): unknown
}

export interface GroupCommit {
  /**
   * Runs a write. It may run twice; then the first run was rolled back.
   * @returns the work's value, once it is committed and on disk as `flush` says
   * @throws what the work throws, and then nothing of it was written; StoreUnavailable: nothing of the batch was written
   */
  write<T>(work: () => T, flush?: FlushTiming): Promise<T>
  /** Calls back once everything committed so far is on disk. */
  onceOnDisk(listener: () => void): void
  /** Commits all waiting writes at once. */
  commitNow(): void
}

export function createGroupCommit(database: Pick<DatabaseSync, 'exec' | 'isTransaction'>, hooks: TransactionHooks): GroupCommit {
  const durability = createDurability(database)
  let pending: PendingWrite[] = []
  let commitScheduled: NodeJS.Immediate | undefined
  let soonTimer: NodeJS.Timeout | undefined

  const rollBack = (): void => {
    if (database.isTransaction) database.exec('ROLLBACK')
  }

  /**
   * Runs a batch and commits it. If `run` returns undefined, nothing is committed, and the next transaction begins with a rollback.
   * @throws what a hook, SQLite or `run` throws, and then nothing was written
   */
  function runTransaction<A extends Acknowledgement[] | undefined>(
    batch: PendingWrite[],
    shouldFlush: boolean,
    run: (batch: PendingWrite[]) => A,
  ): A {
    hooks.assertIntact()
    rollBack()
    durability.setFlush(shouldFlush)
    database.exec('BEGIN IMMEDIATE')
    hooks.onBegin()
    const countsChanges = shouldFlush && durability.hasUnflushed()
    const changesBefore = countsChanges ? hooks.countChanges() : undefined
    const acknowledgements = run(batch)
    if (!acknowledgements) return acknowledgements
    hooks.beforeCommit()
    const hasChanges = countsChanges && hooks.countChanges() !== changesBefore
    database.exec('COMMIT')
    hooks.afterCommit()
    durability.recordCommit(shouldFlush, hasChanges)
    hooks.assertIntact()
    return acknowledgements
  }

  function rejectAll(batch: PendingWrite[], error: unknown): Acknowledgement[] {
    try {
      rollBack()
    } catch {
      /* The file cannot be used. The batch is rejected, and the next batch rolls back first. */
    }
    const unavailable = hooks.toUnavailable(error)
    return batch.map(
      ({ reject }) =>
        () =>
          reject(unavailable),
    )
  }

  function commit(batch: PendingWrite[]): void {
    if (batch.length === 0) return
    const shouldFlush = batch.some(({ flush }) => flush !== 'next')
    let acknowledgements: Acknowledgement[]
    try {
      acknowledgements =
        runTransaction(batch, shouldFlush, runTogether) ?? runTransaction(batch, shouldFlush, (writes) => runSeparately(database, writes))
    } catch (error) {
      acknowledgements = rejectAll(batch, error)
    }
    for (const acknowledge of acknowledgements) acknowledge()
  }

  function takeAll(): PendingWrite[] {
    clearTimeout(soonTimer)
    soonTimer = undefined
    const batch = pending
    pending = []
    return batch
  }

  /** Takes the writes to commit now. If none of them needs a flush now, those that may wait for one are left, so that the commit needs none. */
  function takeBatch(): PendingWrite[] {
    if (!soonTimer || pending.some(({ flush }) => flush === 'now')) return takeAll()
    const batch = pending.filter(({ flush }) => flush === 'next')
    pending = pending.filter(({ flush }) => flush === 'soon')
    return batch
  }

  return {
    write<T>(work: () => T, flush: FlushTiming = 'now'): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        pending.push({ work, flush, resolve, reject })
        if (flush !== 'soon')
          commitScheduled ??= setImmediate(() => {
            commitScheduled = undefined
            commit(takeBatch())
          })
        else if (!commitScheduled) soonTimer ??= setTimeout(() => commit(takeAll()), soonMs)
      })
    },
    onceOnDisk: (listener) => durability.onceOnDisk(listener),
    commitNow() {
      if (commitScheduled) clearImmediate(commitScheduled)
      commitScheduled = undefined
      commit(takeAll())
    },
  }
}
