/** `npm run restore`: puts a backup of the ledger in place. */
import type { RestoreReport } from '../ledger/backup/restore-report.ts'
import { readArguments } from './arguments.ts'
import { reportFailure } from './failure.ts'
import { readLedgerSettings, withLedger } from './with-ledger.ts'

const help = `npm run restore -- FILE             restore a backup into an empty ledger
npm run restore -- FILE --replace   replace the ledger in DATABASE_URL
npm run restore -- FILE --check     only check whether FILE is sound (SQLite)
npm run restore -- --in-place       the ledger in DATABASE_URL was set back by
                                    other means, such as a snapshot of its disk

Stop all nodes first. The next start sends no command for transfers that were
open when the backup was made, and pauses bulk transfers: they may have been
carried out since. Those that nobody can find out about become indeterminate.
--unsound restores a backup whose audit trail is not sound.
Needs AUDIT_KEY, DATABASE_URL if it is not the default, AUDIT_KEY_PREVIOUS if the
key was changed, and DATABASE_DIRECT_URL if DATABASE_URL leads to PgBouncer.
Exit code 0: done; 1: it is not.
`
const print = (text: string): void => void process.stdout.write(`${text}\n`)

function printReport({ rows, faults, openTransfers, newestEntryAt, replaced }: RestoreReport, isCheck: boolean): void {
  for (const { what } of faults) print(`NOT SOUND: ${what}`)
  print(`${rows} rows of the audit trail, the newest of ${newestEntryAt ?? 'never'}; ${openTransfers} transfers were open.`)
  if (isCheck) return print('The backup can be restored.')
  if (replaced !== undefined) print(`The ledger that was there is ${replaced} now.`)
  print('Restored. The next start holds back what was open: docs/backup.md#after-a-restore says what to do then.')
}

async function restore(file: string, { isCheck, replace, allowUnsound }: { isCheck: boolean; replace: boolean; allowUnsound: boolean }) {
  const { DATABASE_URL, DATABASE_DIRECT_URL = DATABASE_URL, AUDIT_KEY, AUDIT_KEY_PREVIOUS } = readLedgerSettings()
  const options = { auditKeys: [AUDIT_KEY, ...AUDIT_KEY_PREVIOUS], replace, allowUnsound }
  if (DATABASE_URL.startsWith('sqlite:')) {
    const { checkSqliteBackup, restoreSqlite } = await import('../ledger/backup/sqlite-restore.ts')
    const path = DATABASE_URL.slice('sqlite:'.length)
    return isCheck ? checkSqliteBackup(file, `${path}-check`, options) : restoreSqlite(file, path, options)
  }
  if (isCheck) throw new Error('--check is for SQLite: to check an archive of pg_dump, restore it into an empty database')
  return (await import('../ledger/backup/postgres-backup.ts')).restorePostgres(file, DATABASE_DIRECT_URL, options)
}

async function markInPlace(): Promise<void> {
  await withLedger(async (ledger) => {
    const [other] = await ledger.findOtherNodes()
    if (other) throw new Error(`a node runs on the ledger (process ${other.pid} on ${other.host}): stop all nodes first`)
    await ledger.markAsCopy()
  })
  print('The next start holds back what is open in the ledger: docs/backup.md#after-a-restore says what to do then.')
}

try {
  const { values, positionals } = readArguments({
    options: {
      replace: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      unsound: { type: 'boolean', default: false },
      'in-place': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [file] = positionals
  const isInPlace = values['in-place'] && file === undefined && !values.replace && !values.check && !values.unsound
  if (isInPlace) await markInPlace()
  else if (values.help || values['in-place'] || file === undefined || positionals.length > 1) {
    process[values.help ? 'stdout' : 'stderr'].write(help)
    process.exitCode = values.help ? 0 : 1
  } else printReport(await restore(file, { isCheck: values.check, replace: values.replace, allowUnsound: values.unsound }), values.check)
} catch (error) {
  reportFailure('restore', error)
}
