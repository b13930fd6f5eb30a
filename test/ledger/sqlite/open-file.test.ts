import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openFile } from '../../../src/ledger/sqlite/file.ts'
import { StoreUnavailable } from '../../../src/ledger/ledger.ts'
import { aRecord } from '../../support/record.ts'
import { opener, type Test } from '../conformance.ts'
import { accepted, change, conversation, draft, opening, sound, taken, wholeAudit } from '../scene.ts'
import { startWriter } from './writer-process.ts'

async function folderFor(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-file-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A disk of one megabyte. */
const mountSmallDisk = (folder: string): boolean => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]).status === 0
function mountable(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-disk-'))
  const mounted = mountSmallDisk(folder)
  if (mounted) spawnSync('umount', ['-l', folder])
  rmdirSync(folder)
  return mounted
}

t.test('given a folder that is not there, when the ledger is opened, then it is made', async (t) => {
  const path = join(await folderFor(t), 'deep', 'down', 'ledger.db')
  await opener(t, `sqlite:${path}`)()
  t.ok(existsSync(path))
})

t.test('given a path that cannot be a ledger, when it is opened, then it says so', async (t) => {
  const folder = await folderFor(t)
  await writeFile(join(folder, 'text'), 'this is no database, whatever its name says'.repeat(50))
  for (const path of [folder, join(folder, 'text'), join(folder, 'text', 'ledger.db')])
    await t.rejects(opener(t, `sqlite:${path}`)(), StoreUnavailable)
})

t.test(
  'given a file of a newer version, when it is opened, then that is refused in plain words and the file is left as it was',
  async (t) => {
    const path = join(await folderFor(t), 'ledger.db')
    const open = opener(t, `sqlite:${path}`)
    await (await open()).note(draft('kept'))
    const file = new DatabaseSync(path)
    const version = file.prepare('PRAGMA user_version').get()?.['user_version']
    file.exec('PRAGMA user_version = 999')
    await t.rejects(open(), { name: 'StoreUnavailable', message: /written by a newer version \(999, this one knows \d+\)/ })
    t.match(file.prepare('PRAGMA user_version').get(), { user_version: 999 }, 'and not locked')
    file.exec(`PRAGMA user_version = ${String(version)}`)
    file.close()
    t.match(await wholeAudit(await open()), [{ status: 'kept' }])
  },
)

t.test('given a new file, when several processes open it at once, then all of them can write', { timeout: 60_000 }, async (t) => {
  const path = join(await folderFor(t), 'ledger.db')
  const writers = await Promise.all(Array.from({ length: 5 }, () => startWriter(t, path, 'once')))
  for (const writer of writers) writer.go()
  t.same(await Promise.all(writers.map(({ ended }) => ended)), [0, 0, 0, 0, 0])
  const ledger = await opener(t, `sqlite:${path}`)()
  t.equal((await wholeAudit(ledger)).length, 5)
  t.ok(await sound(ledger))
})

t.test('given a new file that another process is just turning into a ledger, when it is opened, then that is waited for', async (t) => {
  const path = join(await folderFor(t), 'ledger.db')
  const other = new DatabaseSync(path)
  other.exec('CREATE TABLE half (done); BEGIN IMMEDIATE')
  const opening = openFile(path)
  other.exec('ROLLBACK')
  other.close()
  const file = await opening
  t.match(file.prepare('PRAGMA journal_mode').get(), { journal_mode: 'wal' })
  file.close()
})

t.test('given more keys to forget than go in one write, when they are forgotten, then none is left', async (t) => {
  const ledger = await opener(t, 'sqlite::memory:')()
  const made = await Promise.all(
    Array.from({ length: 1_050 }, (_, place) => ledger.open(opening(aRecord({ conversationId: conversation() }), `key ${place}`))),
  )
  await Promise.all(made.map(taken).map((record) => ledger.record(change(record, 'rejected', {}, { status: 422, body: '{}' }))))
  await ledger.forgetKeys(Date.now() + 1_000)
  const again = await Promise.all(
    [0, 1_000, 1_049].map((place) => ledger.open(opening(aRecord({ conversationId: conversation() }), `key ${place}`))),
  )
  t.same(
    again.map(({ outcome }) => outcome),
    ['accepted', 'accepted', 'accepted'],
  )
})

t.test(
  'given a disk that is full, when transfers are written, then that is refused; when there is room again, then the ledger goes on by itself',
  { skip: mountable() ? false : 'a small disk can be mounted by root only' },
  async (t) => {
    const folder = await folderFor(t)
    mountSmallDisk(folder)
    t.teardown(() => spawnSync('umount', ['-l', folder]))
    const ledger = await opener(t, `sqlite:${join(folder, 'ledger.db')}`)()
    const first = await accepted(ledger)
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'ballast')}`, 'bs=1k'])
    const batch = await Promise.allSettled(
      Array.from({ length: 50 }, (_, place) => ledger.note({ ...draft(`lost ${place}`), detail: { filler: 'x'.repeat(2_000) } })),
    )
    t.ok(batch.every((one) => one.status === 'rejected' && one.reason instanceof StoreUnavailable))
    t.same(await ledger.transfer(first.id), first, 'it can be read')
    await rm(join(folder, 'ballast'))
    await ledger.record(change(first, 'executing'))
    const entries = await wholeAudit(ledger)
    t.same(
      entries.map(({ status }) => status),
      ['accepted', 'executing'],
    )
    t.ok(await sound(ledger))
  },
)
