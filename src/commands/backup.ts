/** `npm run backup`: copies the ledger while it is in use, as it is at one moment. */
import { readArguments } from './arguments.ts'
import { reportFailure } from './failure.ts'
import { readLedgerSettings } from './with-ledger.ts'

const help = `npm run backup -- FILE      back the ledger up, while nodes run

SQLite: FILE is a database of its own. PostgreSQL: FILE is an archive of pg_dump,
which must be installed, in the server's version or a newer one.
FILE appears once it is complete, for its owner only. It holds phone numbers and
context values, like the ledger. It does not hold AUDIT_KEY, without which it
cannot be used: keep that elsewhere.
Needs AUDIT_KEY, DATABASE_URL if it is not the default, and DATABASE_DIRECT_URL
if DATABASE_URL leads to PgBouncer.
Exit code 0: FILE is the backup; 1: there is none.
`

try {
  const { values, positionals } = readArguments({ options: { help: { type: 'boolean', default: false } }, allowPositionals: true })
  const [file] = positionals
  if (values.help || file === undefined || positionals.length > 1) {
    process[values.help ? 'stdout' : 'stderr'].write(help)
    process.exitCode = values.help ? 0 : 1
  } else {
    const { DATABASE_URL, DATABASE_DIRECT_URL = DATABASE_URL } = readLedgerSettings()
    if (DATABASE_URL.startsWith('sqlite:'))
      await (await import('../ledger/backup/sqlite-backup.ts')).backUpSqlite(DATABASE_URL.slice('sqlite:'.length), file)
    else await (await import('../ledger/backup/postgres-backup.ts')).backUpPostgres(DATABASE_DIRECT_URL, file)
    process.stdout.write(`Backed the ledger up to ${file}.\n`)
  }
} catch (error) {
  reportFailure('backup', error)
}
