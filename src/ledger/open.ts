/** Which ledger a DATABASE_URL means (design §11). */
import type { Ledger, LedgerOptions } from './ledger.ts'

/** Loaded when it is wanted: the embedded ledger's users have no use for a PostgreSQL client in memory. */
const backends: ReadonlyArray<[RegExp, (url: string, options: LedgerOptions) => Promise<Ledger>]> = [
  [/^sqlite:./, async (url, options) => (await import('./sqlite/sqlite-ledger.ts')).openSqliteLedger(url.slice('sqlite:'.length), options)],
  [/^postgres(ql)?:\/\/./, async (url, options) => (await import('./postgres/postgres-ledger.ts')).openPostgresLedger(url, options)],
]

/**
 * Opens the ledger that an address names: `sqlite:<path>` (`sqlite::memory:` for one that is forgotten), `postgres://…` or `postgresql://…`.
 * @throws Error naming DATABASE_URL, and never repeating it, when it is neither; StoreUnavailable when it cannot be opened
 */
export async function openLedger(url: string, options: LedgerOptions): Promise<Ledger> {
  const open = backends.find(([form]) => form.test(url))?.[1]
  if (!open) throw new Error('DATABASE_URL must be sqlite:<path> or postgres://<user>:<password>@<host>/<database>')
  return open(url, options)
}
