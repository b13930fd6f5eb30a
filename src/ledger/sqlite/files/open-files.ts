/**
 * Whether the files that SQLite has open are still the ledger: at their path, and as SQLite has written them. A write into a file that
 * was deleted, replaced or overwritten is lost, and SQLite itself notices that late or never.
 */
import { renameSync, statSync, type BigIntStats } from 'node:fs'
import { StoreDamaged, StoreMisplaced, StoreUnavailable } from '../../contract/errors.ts'
import { createDatabaseCheck } from './database-check.ts'
import { holdFile, identityOf, type HeldFile } from './held-file.ts'
import { isLogIntact } from './log-check.ts'
import { isDamage } from './sqlite-error.ts'
import { readWalIndex } from './wal-index.ts'

/**
 * What becomes of the write-ahead log when the ledger is closed. `written back`: SQLite writes it into the database and deletes it. `kept`: it
 * stays for the next start. `set aside`: it is kept under another name, because it must not be written into the database that is there now.
 */
export type LogFate = 'written back' | 'kept' | 'set aside'

export interface OpenFiles {
  /**
   * Takes some 10 microseconds.
   * @throws StoreMisplaced while a file is gone; StoreDamaged when a file is not the ledger's any more, and from then on at every call
   */
  assertIntact(): void
  /** Turns the failure of a statement into the error to throw. If it shows that the files are damaged, `assertIntact` fails from then on. */
  toUnavailable(error: unknown): StoreUnavailable
  /** Must be called before SQLite closes the files. */
  decideLogFate(): LogFate
  /** Renames the log, so that SQLite neither uses nor deletes it. */
  setLogAside(): void
  /** Must be called after SQLite has closed the files. */
  release(): void
}

const recoverySteps =
  'Stop Handoff, put a backup of the ledger in its place, without a write-ahead log (-wal) that is not part of the backup, check it with "npm run audit:verify", and start Handoff'
/** The error for a database that was found damaged while it was being opened. */
export const createDamagedError = (path: string, reason: string): StoreDamaged =>
  new StoreDamaged(`${path} is damaged (${reason}). ${recoverySteps}`)

function readStats(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** How the files were found not to be the ledger's any more. */
type Damage = 'another file is in place' | 'overwritten' | 'reported by SQLite'

/** The open files with their descriptors, for the checks while the ledger is being opened. */
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
  let foundDamage: { damage: Damage; error: StoreDamaged } | undefined
  let isReleased = false

  /** @returns the error to throw: that of the damage that was found first */
  function recordDamage(damage: Damage, reason: string): StoreDamaged {
    foundDamage ??= { damage, error: new StoreDamaged(reason) }
    return foundDamage.error
  }
  const describeOverwritten = (file: string, detail = ''): string =>
    `${file} was overwritten or damaged while Handoff had it open${detail}, so nothing is read or written until Handoff is started again. ${recoverySteps}`
  const isInPlace = ({ identity }: HeldFile, stats: BigIntStats | undefined): stats is BigIntStats =>
    stats !== undefined && identityOf(stats) === identity

  /** @returns the state of a file that is still at its path. @throws StoreMisplaced when no file is there; StoreDamaged when another one is */
  function statInPlace(file: HeldFile): BigIntStats {
    const stats = readStats(file.path)
    if (isInPlace(file, stats)) return stats
    const reason = `${file.path} was deleted, moved or replaced while Handoff had it open, so nothing more is written. Stop Handoff, put the ledger's files back in place, and start it again`
    // A file that is gone may come back unchanged. A file in its place has other content.
    throw stats ? recordDamage('another file is in place', reason) : new StoreMisplaced(reason)
  }

  /** @throws StoreUnavailable, StoreDamaged; an error of the file system */
  function checkFiles(): void {
    const before = readWalIndex(index.descriptor)
    const [databaseStats] = files.map(statInPlace)
    if (databaseStats && !isDatabaseIntact(databaseStats, before)) throw recordDamage('overwritten', describeOverwritten(path))
    if (!isLogIntact(log.descriptor, index.descriptor, before)) throw recordDamage('overwritten', describeOverwritten(log.path))
  }

  function assertIntact(): void {
    if (isReleased) throw new StoreUnavailable('it is closed')
    if (foundDamage) throw foundDamage.error
    try {
      checkFiles()
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
      return isDamage(error)
        ? recordDamage('reported by SQLite', describeOverwritten(path, ` (${message})`))
        : new StoreUnavailable(message)
    },
    decideLogFate() {
      try {
        assertIntact()
      } catch {
        /* Only the damage that was recorded matters here. */
      }
      if (foundDamage?.damage === 'reported by SQLite') return 'kept'
      const isLogOurs = isInPlace(log, readStats(log.path))
      if (foundDamage?.damage === 'overwritten') return isLogOurs ? 'set aside' : 'kept'
      // The database that SQLite has open is intact, wherever it is now. But after writing back, SQLite deletes the log at the path, even if it is
      // another one.
      return foundDamage && !isLogOurs ? 'kept' : 'written back'
    },
    setLogAside() {
      try {
        renameSync(log.path, `${log.path}-set-aside-${Date.now()}`)
      } catch {
        /* The folder cannot be written. The error about the damage says what to do with the log. */
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
  decideLogFate: () => 'written back',
  setLogAside() {},
  release() {},
}
