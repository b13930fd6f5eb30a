/** Which database a DATABASE_URL names, and how the ledger is opened in it (docs/architecture.md#ledger). */
import { v7 as uuid } from 'uuid'
import type { Ledger, LedgerOptions } from './contract/ledger.ts'
import type { Engine } from './engine/engine.ts'
import { createSqlLedger } from './sql-ledger.ts'

type OpenEngine = (url: string, nodeId: string, options: LedgerOptions) => Promise<Engine>

/** Only the engine that is needed is loaded, so that users of SQLite do not have a PostgreSQL client in memory. */
const engines: ReadonlyArray<{ pattern: RegExp; open: OpenEngine }> = [
  {
    pattern: /^sqlite:./,
    open: async (url, nodeId, options) =>
      (await import('./sqlite/sqlite-engine.ts')).openSqliteEngine(url.slice('sqlite:'.length), nodeId, options),
  },
  {
    pattern: /^postgres(ql)?:\/\/./,
    open: async (url, nodeId, options) => (await import('./postgres/postgres-engine.ts')).openPostgresEngine(url, nodeId, options),
  },
]

/**
 * Opens the ledger, migrates it and takes a lease in it.
 * @param url `sqlite:<path>` (`sqlite::memory:` for one that is not kept), `postgres://…` or `postgresql://…`
 * @throws Error that names DATABASE_URL, and never repeats it, when `url` is none of these; StoreUnavailable when the ledger cannot be opened
 */
export async function openLedger(url: string, options: LedgerOptions): Promise<Ledger> {
  const open = engines.find(({ pattern }) => pattern.test(url))?.open
  if (!open) throw new Error('DATABASE_URL must be sqlite:<path> or postgres://<user>:<password>@<host>/<database>')
  const nodeId = uuid()
  const engine = await open(url, nodeId, options)
  try {
    return await createSqlLedger(engine, nodeId, options)
  } catch (error) {
    await engine.close()
    throw error
  }
}
