/** Checks an existing ledger in a few milliseconds before it is used, because a damaged one must not be written to. */
import { fstatSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { StoreDamaged } from '../../contract/errors.ts'
import { readPagesInLog } from './log-check.ts'
import { createDamagedError, type NewlyOpenFiles } from './open-files.ts'
import { readWalIndex } from './wal-index.ts'

/** A database up to this size is checked as a whole. That takes about 2 ms a megabyte, or ten times as long on a slow disk. */
const wholeCheckBytes = 8 * 1024 * 1024
/** SQLite never writes the page at this offset, where its locks are (sqlite.org/fileformat2.html, section 1.4). */
const lockByteOffset = 0x4000_0000

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Refuses a write-ahead log without a database: SQLite would delete the log, and with it writes that were acknowledged. @throws StoreDamaged */
export function assertLogHasDatabase(path: string): void {
  if (sizeOf(`${path}-wal`) > 0 && sizeOf(path) === 0)
    throw new StoreDamaged(
      `there is a write-ahead log, ${path}-wal, but its database ${path} is missing or empty. Put both back in place, or move the log away to begin with an empty ledger`,
    )
}

/**
 * Whether a page is neither in the file nor in the log. That is the case when the file was replaced by an older copy, but the log was not; SQLite
 * would write that log into the copy. Pages that were never used can be missing, too.
 */
function hasMissingPages({ database, log, index }: NewlyOpenFiles): boolean {
  const walIndex = readWalIndex(index.descriptor)
  // SQLite itself compares the file with the number of pages in its header.
  if (!walIndex || walIndex.lastFrame === 0) return false
  const { pageSize, pageCount } = walIndex
  const pages = readPagesInLog(log.descriptor, walIndex).add(lockByteOffset / pageSize + 1)
  const filePages = Math.floor(fstatSync(database.descriptor).size / pageSize)
  for (let page = filePages + 1; page <= pageCount; page++) if (!pages.has(page)) return true
  return false
}

/**
 * Writes the log back into the database after SQLite has recovered it. A recovery does not know how much of the log was written back before, so
 * later checks could not tell whether another program has written into the database.
 */
export function finishRecovery(connection: DatabaseSync, { index }: NewlyOpenFiles): void {
  if (!readWalIndex(index.descriptor)?.isCheckpointing) return
  try {
    connection.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()
  } catch {
    /* For example, the disk is full. SQLite writes the log back again later. */
  }
}

/**
 * Checks a small database as a whole, and a large one if it does not fit its write-ahead log.
 * @throws StoreDamaged; an error of SQLite
 */
export function assertSound(connection: DatabaseSync, files: NewlyOpenFiles): void {
  const { size } = fstatSync(files.database.descriptor)
  if (size > wholeCheckBytes && !hasMissingPages(files)) return
  const { integrity_check: result } = connection.prepare('PRAGMA integrity_check(1)').get() as { integrity_check: string }
  if (result !== 'ok') throw createDamagedError(files.database.path, result)
}
