/** How a backup appears under its name: whole and on disk, or not at all. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { createFolders, createPrivateFile } from '../sqlite/files/private-files.ts'

/** The database file, and what SQLite puts beside it. */
const databaseFiles = (path: string): string[] => [path, `${path}-wal`, `${path}-shm`]

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

/** Renames a database with everything that belongs to it. @returns the new path; undefined: there was none */
export function setAside(path: string, suffix: string): string | undefined {
  const found = databaseFiles(path).filter((file) => existsSync(file))
  for (const file of found) renameSync(file, file.replace(basename(path), `${basename(path)}${suffix}`))
  return found.length > 0 ? `${path}${suffix}` : undefined
}
