/**
 * Whether the files that SQLite has open are still the ledger: at their path, and as SQLite has written them. What is written into a file that
 * was deleted, replaced or overwritten is lost, and SQLite itself notices that late or never.
 */
import { renameSync, statSync, type BigIntStats } from 'node:fs'
import { StoreDamaged, StoreUnavailable } from '../../contract/errors.ts'
import { createDatabaseCheck } from './database-check.ts'
import { holdFile, identityOf, type HeldFile } from './held-file.ts'
import { isLogIntact } from './log-check.ts'
import { isDamage } from './sqlite-error.ts'
import { readWalIndex } from './wal-index.ts'

/**
 * What becomes of the write-ahead log when the ledger is closed: SQLite writes it back into the database and deletes it; it is kept for the
 * next start; or it is kept under another name, because it must not be written into the database that is there now.
 */
export type LogFate = 'written back' | 'kept' | 'set aside'

export interface OpenFiles {
  /** Costs some 10 microseconds. @throws StoreUnavailable while a file is gone; StoreDamaged, from then on always, when one is not the ledger's any more */
  assertIntact(): void
  /** What the failure of a statement means. After damage every further check fails. */
  toUnavailable(error: unknown): StoreUnavailable
  /** To be asked before the ledger is closed. */
  findLogFate(): LogFate
  setLogAside(): void
  /** Must be called after SQLite has closed the files. */
  release(): void
}

const wayOut =
  'Stop Handoff, put a backup of the ledger in its place, without a write-ahead log (-wal) that is not part of the backup, check it with "npm run audit:verify", and start Handoff'
export const damagedBeforeOpening = (path: string, reason: string): StoreDamaged =>
  new StoreDamaged(`${path} is damaged (${reason}). ${wayOut}`)

function readStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** How the files were found not to be the ledger's any more. */
type Damage = 'another file is in place' | 'overwritten' | 'reported by SQLite'

/** Files that can be asked about more than their state, while the ledger is being opened. */
export interface NewlyOpenFiles extends OpenFiles {
  database: HeldFile
  log: HeldFile
  index: HeldFile
}

/**
 * Remembers the files that are at the path now, right after SQLite has opened them.
 * @throws the error of the file system when one is missing
 */
export function rememberOpenFiles(path: string): NewlyOpenFiles {
  const [database, log, index] = [holdFile(path), holdFile(`${path}-wal`), holdFile(`${path}-shm`)]
  const files = [database, log, index]
  const isDatabaseIntact = createDatabaseCheck(database.descriptor, log.descriptor, index.descriptor)
  let found: { damage: Damage; error: StoreDamaged } | undefined
  let isReleased = false

  function condemn(damage: Damage, reason: string): StoreDamaged {
    found ??= { damage, error: new StoreDamaged(reason) }
    return found.error
  }
  const describeOverwritten = (file: string, detail = ''): string =>
    `${file} was overwritten or damaged while Handoff had it open${detail}, so nothing is read or written until Handoff is started again. ${wayOut}`
  const isInPlace = ({ identity }: HeldFile, stats: BigIntStats | undefined): stats is BigIntStats =>
    stats !== undefined && identityOf(stats) === identity

  /** @returns the file's state @throws StoreUnavailable, StoreDamaged */
  function findInPlace(file: HeldFile): BigIntStats {
    const stats = readStats(file.path)
    if (isInPlace(file, stats)) return stats
    const reason = `${file.path} was deleted, moved or replaced while Handoff had it open, so nothing more is written. Stop Handoff, put the ledger's files back in place, and start it again`
    // A file that is gone may come back as it was. Another one in its place has another content.
    throw stats ? condemn('another file is in place', reason) : new StoreUnavailable(reason)
  }

  /** @throws StoreUnavailable, StoreDamaged; an error of the file system */
  function findDamage(): void {
    const before = readWalIndex(index.descriptor)
    const [databaseStats] = files.map(findInPlace)
    if (databaseStats && !isDatabaseIntact(databaseStats, before)) throw condemn('overwritten', describeOverwritten(path))
    if (!isLogIntact(log.descriptor, index.descriptor, before)) throw condemn('overwritten', describeOverwritten(log.path))
  }

  function assertIntact(): void {
    if (isReleased) throw new StoreUnavailable('it is closed')
    if (found) throw found.error
    try {
      findDamage()
    } catch (error) {
      throw error instanceof StoreUnavailable ? error : new StoreUnavailable((error as Error).message)
    }
  }

  return {
    database,
    log,
    index,
    assertIntact,
    toUnavailable(error) {
      if (error instanceof StoreUnavailable) return error
      const { message } = error as Error
      try {
        assertIntact()
      } catch (reason) {
        return reason as StoreUnavailable
      }
      return isDamage(error) ? condemn('reported by SQLite', describeOverwritten(path, ` (${message})`)) : new StoreUnavailable(message)
    },
    findLogFate() {
      try {
        assertIntact()
      } catch {
        /* It is closed all the same. */
      }
      if (found?.damage === 'reported by SQLite') return 'kept'
      const isLogOurs = isInPlace(log, readStats(log.path))
      if (found?.damage === 'overwritten') return isLogOurs ? 'set aside' : 'kept'
      // The database that SQLite has open is intact, wherever it is now. But SQLite deletes whatever log is at the path.
      return found && !isLogOurs ? 'kept' : 'written back'
    },
    setLogAside() {
      try {
        renameSync(log.path, `${log.path}-set-aside-${Date.now()}`)
      } catch {
        /* The folder cannot be written. The way out that was logged says what to do with the log. */
      }
    },
    release() {
      isReleased = true
      for (const file of files) file.release()
    },
  }
}

/** For a database in memory. */
export const noFiles: OpenFiles = {
  assertIntact() {},
  toUnavailable: (error) => (error instanceof StoreUnavailable ? error : new StoreUnavailable((error as Error).message)),
  findLogFate: () => 'written back',
  setLogAside() {},
  release() {},
}
