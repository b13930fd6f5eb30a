/** `npm run backup` and `npm run restore` on PostgreSQL, where its own programs are installed (docs/backup.md). */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openLedger } from '../../src/ledger/open.ts'
import { runCommand, type CommandResult } from '../commands/run-command.ts'
import { auditKey, isTrailSound, moveThrough, openAccepted } from '../ledger/fixtures.ts'
import { startTestPostgres, type TestPostgres } from '../support/postgres.ts'

t.setTimeout(180_000)

const majorOf = (version: string): number => Number(/(\d+)(\.|\b)/.exec(version)?.[1])

/** Why the programs of this machine cannot back the server up; undefined if they can. */
async function findReasonToSkip(server: TestPostgres): Promise<string | undefined> {
  const [row] = await server.sql('SHOW server_version')
  const serverMajor = majorOf(String(row?.['server_version']))
  try {
    const dumpMajor = majorOf(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' }))
    return dumpMajor >= serverMajor ? undefined : `pg_dump ${dumpMajor} cannot read a server of version ${serverMajor}`
  } catch {
    return 'pg_dump is not installed'
  }
}
const started = await startTestPostgres()
const server = typeof started === 'string' ? undefined : started
const noServer = typeof started === 'string' ? started : false
t.teardown(() => server?.remove())
const reason = server ? await findReasonToSkip(server) : noServer

const run = (command: 'backup' | 'restore', args: string[], url: string): Promise<CommandResult> =>
  runCommand(process.execPath, [`src/commands/${command}.ts`, ...args], { AUDIT_KEY: auditKey, DATABASE_URL: url })

t.test(
  'given a ledger that is written all the time, when it is backed up and restored, then the restored one is sound and goes on',
  { skip: reason || false },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-backup-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'ledger.dump')
    const url = String(await server?.createDatabase())
    const ledger = await openLedger(url, { auditKey, leaseMs: 600_000 })
    t.teardown(() => ledger.close())
    const left = await openAccepted(ledger)
    let isOver = false
    const writing = (async () => {
      while (!isOver) await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
    })()
    const backedUp = await run('backup', [file], url)
    isOver = true
    await writing
    t.match(backedUp, { exitCode: 0, stderr: '' })
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.match(await run('restore', [file], url), { exitCode: 1, stderr: /a node runs on the ledger/ })
    await ledger.close()
    t.match(await run('restore', [file], url), { exitCode: 1, stderr: /is not empty/ })

    for (const [target, options] of [
      [String(await server?.createDatabase()), []],
      [url, ['--replace']],
    ] as const) {
      t.match(await run('restore', [file, ...options], target), { exitCode: 0, stdout: /\d+ transfers were open\.\nRestored\./ })
      const restored = await openLedger(target, { auditKey })
      t.teardown(() => restored.close())
      t.equal(await restored.isCopy(), true)
      t.ok(await isTrailSound(restored))
      t.match(await restored.findTransfer(left.id), { state: 'accepted' })
      await moveThrough(restored, await openAccepted(restored), 'executing', 'initiated', 'picked_up')
      t.ok(await isTrailSound(restored), 'also after new transfers')
      await restored.close()
    }

    const byHand = String(await server?.createDatabase())
    execFileSync('pg_restore', ['--no-owner', `--dbname=${byHand}`, file])
    const copy = await openLedger(byHand, { auditKey })
    t.teardown(() => copy.close())
    t.equal(await copy.isCopy(), true, 'a ledger that was restored by hand is known for a copy, too')
  },
)
