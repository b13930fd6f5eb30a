/** Copies a SQLite ledger while it is in use, as it is at one moment (docs/backup.md#sqlite). */
import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { writeWhole } from './files.ts'

/** How long to wait for another process that opens the file, ms. */
const lockTimeoutMs = 10_000

/**
 * Writes what a database holds into an empty file. `VACUUM INTO` reads in one transaction, so writers go on meanwhile and the copy is of one
 * moment. Unlike a copy page by page, it reads every row, so damage is found now and not at the restore; and it leaves out freed pages, in
 * which erased data may still be.
 * @throws Error
 */
export function copyDatabase(from: string, to: string): void {
  if (!existsSync(from) || statSync(from).size === 0) throw new Error(`there is no ledger at ${from}`)
  const database = new DatabaseSync(from, { readOnly: true, timeout: lockTimeoutMs })
  try {
    database.prepare('VACUUM INTO ?').run(to)
  } finally {
    database.close()
  }
}

/** Checks that a file holds a ledger and is not damaged. @returns its size, bytes. @throws Error */
function checkCopy(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    if (!database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'transfers'").get()) throw new Error('it holds no ledger')
    const { integrity_check: finding } = database.prepare('PRAGMA integrity_check(1)').get() as { integrity_check: string }
    if (finding !== 'ok') throw new Error(`the copy is damaged: ${finding}`)
    return statSync(path).size
  } finally {
    database.close()
  }
}

/**
 * Backs a ledger up.
 * @param path of the ledger
 * @param file must not exist yet
 * @returns the size of the backup, bytes
 * @throws Error, and then there is no `file`
 */
export const backUpSqlite = (path: string, file: string): Promise<number> =>
  writeWhole(file, (partial) => {
    copyDatabase(path, partial)
    return checkCopy(partial)
  })
