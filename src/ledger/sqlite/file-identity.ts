/** Whether the files that SQLite has open are still the ones at the ledger's path. What is written to a file that was deleted or replaced is lost. */
import { statSync } from 'node:fs'
import { StoreUnavailable } from '../contract/errors.ts'

/** The database, its write-ahead log, and the index of that log. SQLite keeps all three open. */
const suffixes = ['', '-wal', '-shm']

export interface OpenFiles {
  /** Costs a few microseconds. @throws StoreUnavailable when one of the files is no longer at its path */
  assertInPlace(): void
}

/** The device and the number of the file that a path leads to; undefined when there is none. */
function identify(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    return stats && `${stats.dev}:${stats.ino}`
  } catch {
    return undefined
  }
}

/** Remembers which files are at the path now, right after SQLite has opened them. @param path a file path, or `:memory:` */
export function rememberOpenFiles(path: string): OpenFiles {
  const files = path === ':memory:' ? [] : suffixes.map((suffix) => ({ path: path + suffix, identity: identify(path + suffix) }))
  return {
    assertInPlace() {
      for (const file of files)
        if (identify(file.path) !== file.identity)
          throw new StoreUnavailable(
            `${file.path} was deleted, moved or replaced while Handoff had it open, so nothing more is written. Stop Handoff, put the ledger's files back in place, and start it again`,
          )
    },
  }
}
