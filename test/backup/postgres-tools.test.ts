/** Where PostgreSQL's own programs are missing or too old, the commands say exactly what to run. */
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runCommand } from '../commands/run-command.ts'

t.test('given no pg_dump, or one that is too old, when a ledger is backed up, then the command to run elsewhere is named', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-tools-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'ledger.dump')
  const runBackup = () =>
    runCommand(process.execPath, ['src/commands/backup.ts', file], {
      AUDIT_KEY: 'S3cr3t-audit-key-of-the-test',
      DATABASE_URL: 'postgres://handoff:S3cr3t%20@127.0.0.1:1/calls',
      PATH: folder,
    })
  const command = `pg_dump --format=custom --no-owner --no-privileges --dbname=postgres://handoff@127.0.0.1:1/calls --file=${file}`
  const missing = await runBackup()
  t.match(missing, { exitCode: 1, stderr: /pg_dump is not installed here\./ })
  t.ok(missing.stderr.includes(command), missing.stderr)
  writeFileSync(
    join(folder, 'pg_dump'),
    '#!/bin/sh\n[ "$PGPASSWORD" = "S3cr3t " ] && echo "aborting because of server version mismatch" >&2\nexit 1\n',
  )
  chmodSync(join(folder, 'pg_dump'), 0o755)
  const old = await runBackup()
  t.match(old, { exitCode: 1, stderr: /pg_dump here is older than the server/ })
  t.ok(old.stderr.includes(command), old.stderr)
  t.notMatch(missing.stderr + old.stderr, /S3cr3t/)
  t.notOk(existsSync(file))
})
