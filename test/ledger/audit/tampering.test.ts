import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { opener } from '../conformance.ts'
import { buildTrail, tried, type Backdoor } from './tampering-scene.ts'

t.setTimeout(300_000)

/** Another connection to the file, as anybody who can write it has. */
function sqliteBackdoor(path: string): Backdoor & { close(): void } {
  const database = new DatabaseSync(path, { timeout: 5_000 })
  // What is put back need not survive anything.
  database.exec('PRAGMA synchronous = OFF')
  const inOne = (work: () => void): void => {
    database.exec('BEGIN IMMEDIATE')
    work()
    database.exec('COMMIT')
  }
  return {
    async run(statements) {
      inOne(() => {
        for (const [sql, ...values] of statements)
          database.prepare(sql).run(Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value])))
      })
    },
    async keep() {
      database.exec('CREATE TEMP TABLE kept_audit AS SELECT * FROM audit; CREATE TEMP TABLE kept_heads AS SELECT * FROM audit_heads')
    },
    async putBack() {
      inOne(() => {
        database.exec(
          'DELETE FROM audit; INSERT INTO audit SELECT * FROM kept_audit; DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept_heads',
        )
      })
    },
    close: () => database.close(),
  }
}

t.test(
  'given a trail in a file, when somebody without the key changes it in any of many ways, then that is found, at its row',
  { timeout: 240_000 },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-tampering-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'ledger.db')
    const ledger = await opener(t, `sqlite:${path}`)({ leaseMs: 600_000 })
    await buildTrail([ledger], 40)
    const backdoor = sqliteBackdoor(path)
    t.teardown(() => backdoor.close())
    await tried(t, ledger, backdoor, 1_200)
  },
)
