/** Which database a backup is of, by its first bytes. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs'

const kinds = {
  SQLite: { start: 'SQLite format 3\0', name: 'a SQLite database' },
  PostgreSQL: { start: 'PGDMP', name: 'an archive of pg_dump' },
} as const
export type BackupKind = keyof typeof kinds

function readStart(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(kinds.SQLite.start.length)
    return bytes.toString('latin1', 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

/** Refuses a file that is no backup of the kind of ledger in DATABASE_URL. A file that does not exist is not judged. @throws Error */
export function requireBackupOf(expected: BackupKind, file: string): void {
  if (!existsSync(file)) return
  const start = readStart(file)
  if (start.startsWith(kinds[expected].start)) return
  const found = Object.values(kinds).find((kind) => start.startsWith(kind.start))
  throw new Error(
    `${file} is ${found?.name ?? 'no backup'}: a ledger in ${expected}, as DATABASE_URL says, is restored from ${kinds[expected].name}`,
  )
}
