/** Backups that cannot be written, and files that cannot be restored: nothing is left behind, and the message says what is wrong. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { backUpSqlite } from '../../src/ledger/backup/sqlite-backup.ts'
import { requireBackupOf } from '../../src/ledger/backup/backup-kind.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { runCommand } from '../commands/run-command.ts'
import { auditKey, moveThrough, openAccepted } from '../ledger/fixtures.ts'
import { createSmallDisk, noSmallDisk } from '../support/small-disk.ts'

t.setTimeout(180_000)
type Test = Parameters<Parameters<typeof t.test>[0]>[0]

function createFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-backup-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

async function createLedger(path: string, transfers = 1): Promise<void> {
  const ledger = await openLedger(`sqlite:${path}`, { auditKey })
  const moveOne = async () => moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
  await Promise.all(Array.from({ length: transfers }, moveOne))
  await ledger.close()
}

t.test('given a full disk, when a ledger is backed up onto it, then nothing is left there', { skip: noSmallDisk }, async (t) => {
  const path = join(createFolder(t), 'handoff.db')
  await createLedger(path, 300)
  const disk = createSmallDisk(t, 1)
  disk.fill(64)
  await t.rejects(backUpSqlite(path, join(disk.folder, 'backup.db')))
  t.strictSame(readdirSync(disk.folder), ['filler'])
})

t.test('given a file of another kind, when it is restored, then the message names both kinds, and nothing is changed', async (t) => {
  const folder = createFolder(t)
  const [path, archive, text] = [join(folder, 'handoff.db'), join(folder, 'ledger.dump'), join(folder, 'notes')]
  await createLedger(path)
  writeFileSync(archive, 'PGDMP\x01\x10')
  writeFileSync(text, '')
  const restore = (file: string, url: string) =>
    runCommand(process.execPath, ['src/commands/restore.ts', file], { AUDIT_KEY: auditKey, DATABASE_URL: url })

  t.match(await restore(archive, `sqlite:${join(folder, 'new.db')}`), {
    exitCode: 1,
    stderr: /ledger\.dump is an archive of pg_dump: a ledger in SQLite, as DATABASE_URL says, is restored from a SQLite database/,
  })
  t.match(await restore(path, 'postgres://postgres@127.0.0.1:9/handoff'), {
    exitCode: 1,
    stderr: /handoff\.db is a SQLite database: a ledger in PostgreSQL, as DATABASE_URL says, is restored from an archive of pg_dump/,
  })
  t.match(await restore(text, `sqlite:${join(folder, 'new.db')}`), { exitCode: 1, stderr: /notes is no backup/ })
  t.strictSame(readdirSync(folder).toSorted(), ['handoff.db', 'ledger.dump', 'notes'])
  t.doesNotThrow(() => requireBackupOf('SQLite', path))
  t.doesNotThrow(() => requireBackupOf('PostgreSQL', archive))
})
