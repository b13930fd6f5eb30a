/** `npm run backup` and `npm run restore` on SQLite (docs/backup.md). */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { Ledger } from '../../src/ledger/contract/ledger.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { runCommand, runNpmScript, type CommandResult } from '../commands/run-command.ts'
import { auditKey, isTrailSound, moveThrough, openAccepted } from '../ledger/fixtures.ts'

t.setTimeout(180_000)
type Test = Parameters<Parameters<typeof t.test>[0]>[0]

/** Runs a command's file, which starts sooner than npm does. */
const run = (command: 'backup' | 'restore', args: string[], path: string, key = auditKey): Promise<CommandResult> =>
  runCommand(process.execPath, [`src/commands/${command}.ts`, ...args], { AUDIT_KEY: key, DATABASE_URL: `sqlite:${path}` })

function createFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-backup-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}
const use = async <T>(path: string, work: (ledger: Ledger) => Promise<T>): Promise<T> => {
  const ledger = await openLedger(`sqlite:${path}`, { auditKey, leaseMs: 600_000 })
  try {
    return await work(ledger)
  } finally {
    await ledger.close()
  }
}

t.test(
  'given a ledger that is written all the time, when it is backed up and restored, then the restored one is sound and goes on',
  async (t) => {
    const folder = createFolder(t)
    const [path, file, restored] = ['handoff.db', 'backup.db', 'restored/handoff.db'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const ledger = await openLedger(`sqlite:${path}`, { auditKey, leaseMs: 600_000 })
    let isOver = false
    const before: string[] = []
    const writeOne = async (): Promise<void> => {
      const { id } = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
      if (!isOver) before.push(id)
    }
    for (let count = 0; count < 20; count++) await writeOne()
    const known = [...before]
    const left = await openAccepted(ledger)
    const writing = (async () => {
      while (!isOver) await writeOne()
    })()
    const backedUp = await runNpmScript('backup', [file], { AUDIT_KEY: auditKey, DATABASE_URL: `sqlite:${path}` })
    isOver = true
    await writing
    t.match(backedUp, { exitCode: 0, stdout: /^Backed the ledger up to .*backup\.db\.\n$/, stderr: '' })
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.strictSame(
      readdirSync(folder).filter((name) => name.startsWith('backup')),
      ['backup.db'],
      'it is one file',
    )
    t.match(await run('backup', [file], path), { exitCode: 1, stderr: /backup\.db exists already/ })

    t.match(await run('restore', [file], path), {
      exitCode: 1,
      stderr: /a node runs on the ledger in DATABASE_URL \(process \d+ on .*\): stop all nodes first/,
    })
    await ledger.close()
    t.match(await run('restore', [file], path), { exitCode: 1, stderr: /is not empty\. To replace it, add --replace/ })
    t.match(await run('restore', [file], restored), {
      exitCode: 0,
      stdout: /\d+ transfers were open\.\nRestored\. The next start holds back what was open/,
    })
    await use(restored, async (copy) => {
      t.ok(await isTrailSound(copy))
      t.equal(await copy.isCopy(), true, 'the next start holds back what was open')
      for (const id of [...known, left.id]) t.ok(await copy.findTransfer(id), 'what was written before the backup began is there')
      await moveThrough(copy, await openAccepted(copy), 'executing', 'initiated', 'picked_up')
      t.ok(await isTrailSound(copy), 'also after new transfers')
    })
  },
)

t.test('given a backup, when it is checked or replaces a ledger, then nothing is lost that was there', async (t) => {
  // The name of the file is part of the name of its folder, too.
  const folder = join(createFolder(t), 'handoff.db-files')
  mkdirSync(folder)
  const [path, file] = [join(folder, 'handoff.db'), join(folder, 'backup.db')]
  const first = await use(path, openAccepted)
  t.match(await run('backup', [file], path), { exitCode: 0 })
  const second = await use(path, openAccepted)
  t.match(await run('restore', [file, '--check'], path), {
    exitCode: 0,
    stdout: /1 transfers were open\.\nThe backup can be restored\.\n$/,
  })
  t.strictSame(readdirSync(folder).toSorted(), ['backup.db', 'handoff.db'])
  t.match(await run('restore', [file], path, 'S3cr3t-key-of-another-ledger'), { exitCode: 1, stderr: /not empty/ })
  const wrongKey = await run('restore', [file, '--replace'], path, 'S3cr3t-key-of-another-ledger')
  t.match(wrongKey, { exitCode: 1, stderr: /^restore: AUDIT_KEY: is not the key that the backup was written with\. .*AUDIT_KEY_PREVIOUS/ })
  t.notMatch(wrongKey.stderr, /S3cr3t/)
  await use(path, async (ledger) => t.ok(await ledger.findTransfer(second.id), 'a restore that is refused changes nothing'))

  const replaced = await run('restore', [file, '--replace'], path)
  t.match(replaced, { exitCode: 0, stdout: /The ledger that was there is (.*handoff\.db-replaced-\S+) now\./ })
  await use(path, async (ledger) =>
    t.match([await ledger.findTransfer(first.id), await ledger.findTransfer(second.id)], [{ id: first.id }, undefined]),
  )
  const old = String(/is (\S+-replaced-\S+) now/.exec(replaced.stdout)?.[1])
  await use(old, async (ledger) => t.ok(await ledger.findTransfer(second.id)))

  writeFileSync(path, 'no database at all, but long enough to be read as one'.repeat(100))
  t.match(await run('restore', [file], path), { exitCode: 1, stderr: /stop all nodes and add --replace/ })
  t.match(await run('restore', [file, '--replace'], path), { exitCode: 0 }, 'a damaged ledger can be replaced')
  t.match(await run('backup', [join(folder, 'x.db')], join(folder, 'missing.db')), { exitCode: 1, stderr: /there is no ledger at/ })
  t.notOk(existsSync(join(folder, 'missing.db')), 'and none was made')
})

t.test('given a database of another program, when it is restored or opened, then it is refused and stays as it is', async (t) => {
  const folder = createFolder(t)
  const [path, foreign] = [join(folder, 'handoff.db'), join(folder, 'foreign.db')]
  const database = new DatabaseSync(foreign)
  database.exec('CREATE TABLE notes (text TEXT)')
  database.close()
  const before = readFileSync(foreign)
  await use(path, async (ledger) => void (await openAccepted(ledger)))
  for (const args of [
    [foreign, '--check'],
    [foreign, '--replace'],
  ])
    t.match(await run('restore', args, path), { exitCode: 1, stderr: /not a ledger of Handoff/ }, args[1]!)
  await t.rejects(openLedger(`sqlite:${foreign}`, { auditKey }), { message: /not a ledger of Handoff/ })
  t.strictSame(readFileSync(foreign), before)
  t.equal(await use(path, async (ledger) => (await ledger.listTransfers({ limit: 10 })).items.length), 1, 'the ledger is still in place')
})

t.test('given a backup whose audit trail was changed, when it is restored, then it is refused unless that is asked for', async (t) => {
  const folder = createFolder(t)
  const [path, file, target] = [join(folder, 'handoff.db'), join(folder, 'backup.db'), join(folder, 'restored.db')]
  await use(path, async (ledger) => moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated'))
  t.match(await run('backup', [file], path), { exitCode: 0 })
  const bytes = readFileSync(file)
  const at = bytes.indexOf('"status":"initiated"')
  bytes.write('"status":"picked_up"', at)
  writeFileSync(file, bytes)
  t.match(await run('restore', [file], target), { exitCode: 1, stderr: /the backup is not sound: .* add --unsound/ })
  t.notOk(existsSync(target))
  t.match(await run('restore', [file, '--unsound'], target), { exitCode: 0, stdout: /^NOT SOUND: / })
})

t.test(
  'given a ledger that was set back in place, when restore --in-place is run, then the next start holds back what is open',
  async (t) => {
    const folder = createFolder(t)
    const path = join(folder, 'handoff.db')
    await use(path, openAccepted)
    await use(path, async (ledger) => t.equal(await ledger.isCopy(), false))
    t.match(await run('restore', ['--in-place'], path), { exitCode: 0, stdout: /The next start holds back what is open/ })
    await use(path, async (ledger) => t.equal(await ledger.isCopy(), true))
    t.match(await run('restore', ['--in-place', 'file'], path), { exitCode: 1, stderr: /npm run restore/ })
    copyFileSync(path, join(folder, 'copied.db'))
    await use(join(folder, 'copied.db'), async (ledger) => t.equal(await ledger.isCopy(), true))
  },
)
