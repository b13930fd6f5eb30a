/** Puts a backup of a SQLite ledger in place, after it was checked (docs/backup.md#restore). */
import { existsSync, statSync } from 'node:fs'
import { epochMs } from '../../model/clock.ts'
import { StoreUnavailable } from '../contract/errors.ts'
import { requireBackupOf } from './backup-kind.ts'
import { createPartialFile, finishFile, removeDatabase, setAside } from './files.ts'
import { checkRestored, requireFreeTarget, type RestoreOptions, type RestoreReport } from './restore-report.ts'
import { copyDatabase } from './sqlite-backup.ts'

/** A ledger that cannot be opened, because it is damaged or of a newer version, may be replaced: often that is why a backup is restored. */
async function requireFreeFile(path: string, options: RestoreOptions): Promise<void> {
  if (!existsSync(path) || statSync(path).size === 0) return
  await requireFreeTarget(`sqlite:${path}`, options).catch((error: unknown) => {
    if (!(error instanceof StoreUnavailable)) throw error
    if (!options.replace) throw new Error(`${error.message}. To replace it, stop all nodes and add --replace`)
  })
}

/** Copies a backup to a file of its own, and checks that. @returns the path of the copy. @throws Error, and then there is no copy */
async function copyAndCheck(file: string, beside: string, options: RestoreOptions): Promise<{ partial: string; report: RestoreReport }> {
  requireBackupOf('SQLite', file)
  const partial = createPartialFile(beside)
  try {
    copyDatabase(file, partial)
    return { partial, report: await checkRestored(`sqlite:${partial}`, options) }
  } catch (error) {
    removeDatabase(partial)
    throw error
  }
}

/** Checks a backup as a restore does, and leaves everything as it is. @throws Error */
export async function checkSqliteBackup(file: string, beside: string, options: RestoreOptions): Promise<RestoreReport> {
  const { partial, report } = await copyAndCheck(file, beside, options)
  removeDatabase(partial)
  return report
}

/**
 * Restores a ledger. One that it replaces is kept, beside the new one.
 * @param file the backup; any copy of a ledger that was made as a whole
 * @param path where the ledger is to be
 * @throws Error, and then the ledger at `path` is as it was
 */
export async function restoreSqlite(file: string, path: string, options: RestoreOptions): Promise<RestoreReport> {
  await requireFreeFile(path, options)
  const { partial, report } = await copyAndCheck(file, path, options)
  const replaced = setAside(path, `-replaced-${new Date(epochMs()).toISOString().replaceAll(':', '')}`)
  finishFile(partial, path)
  return { ...report, ...(replaced !== undefined && { replaced }) }
}
