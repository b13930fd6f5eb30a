/** Opens, checks and migrates the SQLite file, in WAL mode (docs/decisions/0001-own-ledger.md). Several processes may open it at once. */
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { StoreDamaged, StoreUnavailable } from '../contract/errors.ts'
import type { LedgerLog } from '../contract/ledger.ts'
import { createMigrations, createNewerVersionError, sqliteColumnTypes } from '../engine/migrations.ts'
import { monotonicMs } from '../../model/clock.ts'
import { placeOfFile, readApplicationId } from './files/file-place.ts'
import { createDamagedError, noFiles, rememberOpenFiles, type LogFate, type OpenFiles } from './files/open-files.ts'
import { createFolders, createPrivateFile, makeFilesPrivate, protectFolder } from './files/private-files.ts'
import { isBusy, isDamage } from './files/sqlite-error.ts'
import { assertLogHasDatabase, assertSound, finishRecovery } from './files/start-check.ts'

/** How long to wait for other processes that are opening the same file, ms. */
const openTimeoutMs = 10_000
/** How long a write waits for the lock of another process, ms. The event loop is blocked meanwhile. */
const lockTimeoutMs = 2_000
const migrations = createMigrations(sqliteColumnTypes)

export interface OpenedFile {
  database: DatabaseSync
  files: OpenFiles
  /** Closes the database. Its write-ahead log is written back and deleted, unless the files are damaged (`LogFate`). */
  close: () => void
}

/** Refuses a database that is not empty and not a ledger, before anything in it is changed. @throws StoreUnavailable */
function assertLedger(database: DatabaseSync): void {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all()
    .map(({ name }) => name)
  if (tables.length > 0 && !['nodes', 'transfers'].every((name) => tables.includes(name)))
    throw new StoreUnavailable('the SQLite database is of another program: it is not a ledger of Handoff')
}

function migrate(database: DatabaseSync, path: string): void {
  database.exec('BEGIN IMMEDIATE')
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length) throw createNewerVersionError(version, migrations.length)
  for (const migration of migrations.slice(version)) database.exec(migration)
  if (version < migrations.length) database.exec(`PRAGMA user_version = ${migrations.length}`)
  // A new ledger, or one of a version that stored no place.
  if (readApplicationId(database) === 0) database.exec(`PRAGMA application_id = ${placeOfFile(path)}`)
  database.exec('COMMIT')
}

/**
 * Opens a second connection, which cannot write. When the last connection is closed, SQLite writes the log into the database, whatever file that
 * is by then. If this connection is the last one, it does not.
 */
function openReader(path: string): DatabaseSync {
  const reader = new DatabaseSync(path, { readOnly: true, timeout: lockTimeoutMs })
  // SQLite does not open the files before the first read.
  reader.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get()
  return reader
}

function openOnce(path: string): OpenedFile {
  const database = new DatabaseSync(path, { timeout: lockTimeoutMs })
  let reader: DatabaseSync | undefined
  let files = noFiles
  let isOpen = true

  function close(fate: LogFate): void {
    if (!isOpen) return
    isOpen = false
    if (fate === 'set aside') files.setLogAside()
    for (const connection of fate === 'written back' ? [reader, database] : [database, reader]) connection?.close()
    files.release()
  }
  try {
    assertLedger(database)
    // secure_delete overwrites deleted content with zeros: an erased phone number must not remain in a page's free space.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    if (path !== ':memory:') {
      reader = openReader(path)
      const opened = rememberOpenFiles(path)
      files = opened
      assertSound(database, opened)
      finishRecovery(database, opened)
    }
    migrate(database, path)
    return { database, files, close: () => close(files.decideLogFate()) }
  } catch (error) {
    const isDamaged = error instanceof StoreDamaged || isDamage(error)
    close(isDamaged ? 'kept' : 'written back')
    throw isDamage(error) ? createDamagedError(path, (error as Error).message) : error
  }
}

/**
 * Opens a file, and creates its folder and tables if they are missing. Only the owner may read and write the file.
 * @param log is warned if other users can use its folder
 * @throws StoreUnavailable when it cannot be opened, or was written by a newer version; StoreDamaged
 */
export async function openFile(path: string, log?: LedgerLog): Promise<OpenedFile> {
  for (const giveUpAt = monotonicMs() + openTimeoutMs; ;) {
    try {
      if (path === ':memory:') return openOnce(path)
      createFolders(dirname(path))
      assertLogHasDatabase(path)
      createPrivateFile(path)
      makeFilesPrivate(path)
      const opened = openOnce(path)
      const warning = protectFolder(path)
      if (warning !== undefined) log?.warn({}, warning)
      return opened
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error
      // Two processes that both switch a new file to WAL are refused at once, whatever the timeout; so try again.
      if (!isBusy(error) || monotonicMs() > giveUpAt) throw new StoreUnavailable((error as Error).message)
      // The pause is random, so that the two do not meet again.
      await setTimeout(20 + Math.random() * 30)
    }
  }
}
