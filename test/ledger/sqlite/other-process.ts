/** A process that uses the file of an open ledger as operators, backups and other nodes may: `other-process.ts <path> <rounds>`. */
import { spawnSync } from 'node:child_process'
import { chmodSync, utimesSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'

const [, , path = '', rounds] = process.argv
const open = (): DatabaseSync => new DatabaseSync(path, { timeout: 5_000 })
let database = open()
const fill = (rows: number, end: 'COMMIT' | 'ROLLBACK'): void =>
  database.exec(`BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS other (data);
    INSERT INTO other WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT randomblob(3000) FROM n; ${end}`)

const actions: Array<() => unknown> = [
  ...['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'].map((mode) => () => database.prepare(`PRAGMA wal_checkpoint(${mode})`).get()),
  () => fill(400, 'COMMIT'),
  () => fill(1_500, 'ROLLBACK'),
  () => database.exec('DELETE FROM other'),
  () => database.exec('VACUUM'),
  async () => {
    database.exec('BEGIN')
    database.prepare('SELECT count(*) FROM audit').get()
    await setTimeout(20)
    database.exec('COMMIT')
  },
  () => {
    database.close()
    database = open()
  },
  // By another process, because a process that closes a file loses all its locks on it.
  () => spawnSync('cp', [path, `${path}-copy`]),
  () => utimesSync(path, new Date(), new Date()),
  () => chmodSync(path, 0o600),
]
for (let round = 0; round < Number(rounds); round++)
  for (const action of actions) {
    try {
      await action()
    } catch (error) {
      // The ledger has the lock.
      if (!/locked/.test((error as Error).message)) throw error
      if (database.isTransaction) database.exec('ROLLBACK')
    }
    await setTimeout(5)
  }
database.close()
