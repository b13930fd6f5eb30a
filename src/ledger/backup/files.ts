/** How a backup appears under its name: whole and on disk, or not at all. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createFolders, createPrivateFile } from '../sqlite/files/private-files.ts'

/** The database file, and what SQLite puts beside it. */
const databaseFiles = (path: string): string[] => [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]

function flush(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Creates an empty file beside `path`, for its owner only, in place of one that an earlier try has left. @returns its path */
export function createPartialFile(path: string): string {
  const partial = `${path}.partial`
  createFolders(dirname(path))
  removeDatabase(partial)
  createPrivateFile(partial)
  return partial
}

export function removeDatabase(path: string): void {
  for (const file of databaseFiles(path)) rmSync(file, { force: true })
}

/** Gives a finished file its name. @throws Error if there is a file of that name */
export function finishFile(partial: string, path: string): void {
  if (existsSync(path)) throw new Error(`${path} exists already`)
  flush(partial)
  renameSync(partial, path)
  flush(dirname(path))
}

/**
 * Writes a new file, which appears under its name once it is complete.
 * @param write writes into the empty file of this path
 * @throws Error, what `write` throws among others, and then there is no `file`
 */
export async function writeWhole<T>(file: string, write: (partial: string) => T | Promise<T>): Promise<T> {
  if (existsSync(file)) throw new Error(`${file} exists already: name a new file`)
  const partial = createPartialFile(file)
  try {
    const written = await write(partial)
    finishFile(partial, file)
    return written
  } catch (error) {
    removeDatabase(partial)
    throw error
  }
}

/** Renames a database with everything that belongs to it. @returns the new path; undefined: there was none */
export function setAside(path: string, suffix: string): string | undefined {
  const found = databaseFiles(path).filter((file) => existsSync(file))
  for (const file of found) renameSync(file, `${path}${suffix}${file.slice(path.length)}`)
  return found.length > 0 ? `${path}${suffix}` : undefined
}
