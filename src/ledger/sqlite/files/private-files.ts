/** Keeps other users away from the ledger's files and from the folders that are created for them, because the ledger holds phone numbers. */
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

const fileMode = 0o600
const folderMode = 0o700

/**
 * Creates a folder and its parents where they are missing. The recursive option of `mkdirSync` never returns where the system says that an
 * existing folder does not exist, as in /proc.
 */
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

/**
 * Creates an empty file for SQLite, which gives the same mode to the files that it adds. An existing file is not even opened: closing it would
 * release SQLite's locks.
 */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', fileMode))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Takes the rights of other users away from the files of an existing ledger, as far as this process may. */
export function makeFilesPrivate(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const stats = statSync(file, { throwIfNoEntry: false })
    try {
      if (stats?.isFile() && (stats.mode & 0o777 & ~fileMode) !== 0) chmodSync(file, fileMode)
    } catch {
      /* The file belongs to another user, who decides; or the last process that closed it has just deleted it. */
    }
  }
}

/** The rights of the folder's group and of all other users. */
const groupAndOtherRights = 0o077
const otherRights = 0o007
/** Bits that only shared folders have, such as /tmp: such a folder is not made private. */
const specialBits = 0o7000

/** Whether a folder holds nothing but the ledger's files: the database, and what SQLite and Handoff put beside it. */
function holdsOnly(folder: string, database: string): boolean {
  try {
    return readdirSync(folder).every((name) => name.startsWith(database))
  } catch {
    return false
  }
}
/** @returns false when this process may not change the folder */
function makeFolderPrivate(folder: string): boolean {
  try {
    chmodSync(folder, folderMode)
    return true
  } catch {
    return false
  }
}

/**
 * Takes the rights of other users away from the folder of an open ledger, unless it holds other files: then other users may need it.
 * @returns what the operator should know; undefined when no other user can use the folder
 */
export function protectFolder(path: string): string | undefined {
  const folder = resolve(dirname(path))
  const database = basename(path)
  const { mode, uid } = statSync(folder)
  const isOurs = uid === (process.getuid?.() ?? uid)
  // In another user's folder, the rights of the group may be what lets this process in.
  if ((mode & (isOurs ? groupAndOtherRights : otherRights)) === 0) return undefined
  const octal = (mode & 0o7777).toString(8)
  if (!isOurs)
    return `${folder}, the folder of the ledger, belongs to another user, and everyone can use it (mode ${octal}). Its owner should run "chmod o= ${folder}"`
  if (!holdsOnly(folder, database))
    return `${folder} can be used by other users (mode ${octal}), and it holds other files, so it is left as it is. Give the ledger a folder of its own: stop Handoff, run "mkdir -m 700 ${join(folder, 'ledger')}", move ${database}* into it, and set DATABASE_URL`
  if ((mode & specialBits) !== 0 || !makeFolderPrivate(folder))
    return `${folder}, the folder of the ledger, can be used by other users (mode ${octal}). Run "chmod 700 ${folder}" if it is for the ledger only`
  return `${folder} could be used by other users (mode ${octal}). It holds only the ledger, so only its owner can use it from now on (mode 700)`
}
