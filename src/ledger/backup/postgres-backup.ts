/** Backs a ledger in PostgreSQL up and restores it, with PostgreSQL's own programs (docs/backup.md#postgresql). */
import pg from 'pg'
import { createClientConfig, toStoreUnavailable } from '../postgres/connections.ts'
import { requireBackupOf } from './backup-kind.ts'
import { writeWhole } from './files.ts'
import { runPostgresTool } from './postgres-tools.ts'
import { checkRestored, requireFreeTarget, type RestoreOptions, type RestoreReport } from './restore-report.ts'

/** The restored objects belong to the user who restores them, whatever roles the other server has. */
const portable = ['--no-owner', '--no-privileges']

/**
 * Backs a ledger up. `pg_dump` reads in one snapshot, so the backup is of one moment, and nodes go on writing.
 * @param url of the database itself, not of a pooler
 * @param file must not exist yet
 * @throws Error, and then there is no `file`
 */
export const backUpPostgres = (url: string, file: string): Promise<void> =>
  writeWhole(file, (partial) =>
    runPostgresTool('pg_dump', ['--format=custom', ...portable, `--file=${partial}`], url).catch((error: Error) => {
      throw new Error(error.message.replaceAll(partial, file), { cause: error })
    }),
  )

/** Whether the database has tables of a ledger. @throws StoreUnavailable */
async function hasLedger(url: string): Promise<boolean> {
  const client = new pg.Client(createClientConfig(url))
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ found: boolean }>("SELECT to_regclass('ledger_version') IS NOT NULL AS found")
    return rows[0]?.found === true
  } catch (error) {
    throw toStoreUnavailable(error)
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * Restores a ledger, in one transaction.
 * @param url of the database itself, not of a pooler
 * @throws Error. The ledger is as it was, unless the backup was restored and is not sound
 */
export async function restorePostgres(file: string, url: string, options: RestoreOptions): Promise<RestoreReport> {
  requireBackupOf('PostgreSQL', file)
  const isReplacing = await hasLedger(url)
  if (isReplacing) await requireFreeTarget(url, options)
  const clean = isReplacing ? ['--clean', '--if-exists'] : []
  await runPostgresTool('pg_restore', ['--single-transaction', '--exit-on-error', ...portable, ...clean, file], url)
  return checkRestored(url, options)
}
