/** Random tampering with the audit trail of a SQLite file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { createOpener } from '../conformance.ts'
import { buildTrail, tryTamperings, type DirectAccess } from './tampering-run.ts'

t.setTimeout(300_000)

/** Another connection to the file. */
function createSqliteAccess(path: string): DirectAccess & { close(): void } {
  const database = new DatabaseSync(path, { timeout: 5_000 })
  // Nothing that is written here needs to survive a power cut.
  database.exec('PRAGMA synchronous = OFF')
  const runTransaction = (work: () => void): void => {
    database.exec('BEGIN IMMEDIATE')
    work()
    database.exec('COMMIT')
  }
  return {
    async run(statements) {
      runTransaction(() => {
        for (const [sql, ...values] of statements)
          database.prepare(sql).run(Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value])))
      })
    },
    async save() {
      database.exec('CREATE TEMP TABLE saved_audit AS SELECT * FROM audit; CREATE TEMP TABLE saved_heads AS SELECT * FROM audit_heads')
    },
    async restore() {
      runTransaction(() => {
        database.exec(
          'DELETE FROM audit; INSERT INTO audit SELECT * FROM saved_audit; DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM saved_heads',
        )
      })
    },
    close: () => database.close(),
  }
}

t.test(
  'given an audit trail in a file, when someone without the key changes it in one of many ways, then the verification names the changed row',
  { timeout: 240_000 },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-tampering-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'ledger.db')
    const ledger = await createOpener(t, `sqlite:${path}`)({ leaseMs: 600_000 })
    await buildTrail([ledger], 40)
    const tables = createSqliteAccess(path)
    t.teardown(() => tables.close())
    await tryTamperings(t, ledger, tables, 1_200)
  },
)
