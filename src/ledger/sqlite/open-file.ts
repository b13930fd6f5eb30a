/** Opens and migrates the SQLite file, in WAL mode and with a full sync at each commit (docs/decisions/0001-own-ledger.md). Several processes may open it at once. */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { StoreUnavailable } from '../contract/errors.ts'
import { createMigrations, createNewerVersionError, sqliteColumnTypes } from '../engine/migrations.ts'
import { monotonicMs } from '../../model/clock.ts'

/** How long to wait for other processes that are opening the same file, ms. */
const openTimeoutMs = 10_000
/** How long a write waits for the lock of another process, ms. The event loop is blocked meanwhile. */
const lockTimeoutMs = 2_000
/** SQLITE_BUSY and SQLITE_LOCKED. */
const busyCodes: ReadonlySet<number> = new Set([5, 6])
const migrations = createMigrations(sqliteColumnTypes)

function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length) throw createNewerVersionError(version, migrations.length)
  for (const migration of migrations.slice(version)) database.exec(migration)
  if (version < migrations.length) database.exec(`PRAGMA user_version = ${migrations.length}`)
  database.exec('COMMIT')
}

/** The ledger holds phone numbers, so its files and the folders that are created for them are for their owner only. */
const fileMode = 0o600
const folderMode = 0o700

/** `mkdir -p`. The recursive option of `mkdirSync` never returns where the system says that an existing folder does not exist, as in /proc. */
function createFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })) return
  const parent = dirname(path)
  if (parent !== path) createFolders(parent)
  try {
    mkdirSync(path, { mode: folderMode })
  } catch (error) {
    // Another process has created it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Creates an empty file for SQLite, which gives the same mode to the files beside it. An existing file is not even opened: closing it would release SQLite's locks. */
function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', fileMode))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Takes the rights of other users away from the files of an existing ledger, where they are ours to change. */
function narrowModes(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const stats = statSync(file, { throwIfNoEntry: false })
    try {
      if (stats?.isFile() && (stats.mode & 0o777 & ~fileMode) !== 0) chmodSync(file, fileMode)
    } catch {
      /* It belongs to another user, who decides; or it has just been deleted by the last process that closed it. */
    }
  }
}

function openOnce(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: lockTimeoutMs })
  try {
    // secure_delete overwrites deleted content with zeros: an erased phone number must not remain in a page's free space.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    migrate(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Opens a file, and creates its folder and tables if they are missing. Only the owner may read and write the file.
 * @throws StoreUnavailable when it cannot be opened, or was written by a newer version
 */
export async function openFile(path: string): Promise<DatabaseSync> {
  for (const giveUpAt = monotonicMs() + openTimeoutMs; ;) {
    try {
      if (path === ':memory:') return openOnce(path)
      createFolders(dirname(path))
      createPrivateFile(path)
      narrowModes(path)
      return openOnce(path)
    } catch (error) {
      // Two processes that both switch a new file to WAL are refused at once, whatever the timeout; so try again.
      const isBusy = busyCodes.has(((error as { errcode?: number }).errcode ?? 0) & 0xff)
      if (!isBusy || monotonicMs() > giveUpAt) throw new StoreUnavailable((error as Error).message)
      await setTimeout(20 + Math.random() * 30)
    }
  }
}
