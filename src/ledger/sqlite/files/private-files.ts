/** The ledger holds phone numbers, so its files and the folders that are created for them are for their owner only. */
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

const fileMode = 0o600
const folderMode = 0o700

/** `mkdir -p`. The recursive option of `mkdirSync` never returns where the system says that an existing folder does not exist, as in /proc. */
export function createFolders(path: string): void {
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
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', fileMode))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Takes the rights of other users away from the files of an existing ledger, where they are ours to change. */
export function narrowModes(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const stats = statSync(file, { throwIfNoEntry: false })
    try {
      if (stats?.isFile() && (stats.mode & 0o777 & ~fileMode) !== 0) chmodSync(file, fileMode)
    } catch {
      /* It belongs to another user, who decides; or it has just been deleted by the last process that closed it. */
    }
  }
}

/** The rights of other users, and the bits that only folders with a purpose of their own have, such as /tmp. */
const foreignRights = 0o077
const specialBits = 0o7000

/** Whether a folder holds nothing but the ledger's files: the database, and what SQLite and Handoff put beside it. */
function holdsOnly(folder: string, database: string): boolean {
  try {
    return readdirSync(folder).every((name) => name.startsWith(database))
  } catch {
    return false
  }
}
function narrow(folder: string): boolean {
  try {
    chmodSync(folder, folderMode)
    return true
  } catch {
    return false
  }
}

/**
 * Takes the rights of other users away from the folder of an open ledger if it holds nothing else. Any other folder is left as it is: others
 * may need it.
 * @returns what the operator should know; undefined when no other user can use the folder
 */
export function protectFolder(path: string): string | undefined {
  const folder = resolve(dirname(path))
  const database = basename(path)
  const { mode, uid } = statSync(folder)
  const isOurs = uid === (process.getuid?.() ?? uid)
  // This process may be in another user's folder because of its group.
  if ((mode & (isOurs ? foreignRights : foreignRights & 0o007)) === 0) return undefined
  const octal = (mode & 0o7777).toString(8)
  if (!isOurs)
    return `${folder}, the folder of the ledger, belongs to another user, and everyone can use it (mode ${octal}). Its owner should run "chmod o= ${folder}"`
  if (!holdsOnly(folder, database))
    return `${folder} can be used by other users (mode ${octal}), and it holds other files, so it is left as it is. Give the ledger a folder of its own: stop Handoff, run "mkdir -m 700 ${join(folder, 'ledger')}", move ${database}* into it, and set DATABASE_URL`
  if ((mode & specialBits) !== 0 || !narrow(folder))
    return `${folder}, the folder of the ledger, can be used by other users (mode ${octal}). Run "chmod 700 ${folder}" if it is for the ledger only`
  return `${folder} could be used by other users (mode ${octal}). It holds only the ledger, so only its owner can use it from now on (mode 700)`
}
