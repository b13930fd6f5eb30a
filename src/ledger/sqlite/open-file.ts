/** The SQLite file: opened and migrated (engine.md: WAL, synchronous FULL), by as many processes at once as there are. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { StoreUnavailable } from '../ledger.ts'
import { migrations, newer, sqliteWords } from '../migrations.ts'

/** How long an opening waits for other processes that are opening the file too, ms. */
const openingMs = 10_000
/** How long a write waits for another process's, ms: the event loop stands still meanwhile. */
const busyMs = 2_000
const busyCodes: readonly number[] = [5 /* busy */, 6 /* locked */]
const steps = migrations(sqliteWords)

function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > steps.length) throw newer(version, steps.length)
  for (const step of steps.slice(version)) database.exec(step)
  if (version < steps.length) database.exec(`PRAGMA user_version = ${steps.length}`)
  database.exec('COMMIT')
}

function attempt(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: busyMs })
  try {
    // What is overwritten is zeroed: an erased number must not be found in a page's free space.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    migrate(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opens a file, makes its folder and tables where they are missing. @throws StoreUnavailable when it cannot be opened, or was written by a newer version */
export async function openFile(path: string): Promise<DatabaseSync> {
  for (const end = Date.now() + openingMs; ;) {
    try {
      if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
      return attempt(path)
    } catch (error) {
      // Two processes that both turn a new file to WAL are refused at once, whatever the timeout.
      if (!busyCodes.includes(((error as { errcode?: number }).errcode ?? 0) & 0xff) || Date.now() > end)
        throw new StoreUnavailable((error as Error).message)
      await setTimeout(20 + Math.random() * 30)
    }
  }
}
