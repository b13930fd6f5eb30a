/** What the result codes of SQLite mean for the ledger (sqlite.org/rescode.html). */

/** SQLite's primary result codes for a file that is damaged: SQLITE_CORRUPT and SQLITE_NOTADB. */
const damageCodes: ReadonlySet<number> = new Set([11, 26])
/** The extended ones: SQLITE_IOERR_SHORT_READ, because a page that must be there is not, and SQLITE_IOERR_CORRUPTFS. */
const extendedDamageCodes: ReadonlySet<number> = new Set([522, 8458])
/** SQLITE_BUSY and SQLITE_LOCKED. */
const busyCodes: ReadonlySet<number> = new Set([5, 6])

/** @returns SQLite's extended result code; undefined when the error is not SQLite's */
function extendedCode(error: unknown): number | undefined {
  const { code, errcode } = error as { code?: string; errcode?: number }
  return code === 'ERR_SQLITE_ERROR' ? (errcode ?? 1) : undefined
}

/** @returns SQLite's primary result code; undefined when the error is not SQLite's */
export function resultCode(error: unknown): number | undefined {
  const code = extendedCode(error)
  return code === undefined ? undefined : code & 0xff
}

/** Whether SQLite has found that the file is damaged. Another statement, which reads other pages, may still succeed. */
export const isDamage = (error: unknown): boolean =>
  damageCodes.has(resultCode(error) ?? 0) || extendedDamageCodes.has(extendedCode(error) ?? 0)

/** Whether another process holds a lock that the statement needs. */
export const isBusy = (error: unknown): boolean => busyCodes.has(resultCode(error) ?? 0)
