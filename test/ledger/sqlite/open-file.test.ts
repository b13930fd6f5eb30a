/** How a SQLite file is opened, by one process or several, with which permissions, and how it survives a full disk and many deletions. */
import { chmodSync, existsSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import { openFile } from '../../../src/ledger/sqlite/open-file.ts'
import { createSmallDisk, noSmallDisk } from '../../support/small-disk.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import {
  createChange,
  createConversationId,
  createDraft,
  expectAccepted,
  isTrailSound,
  openAccepted,
  readWholeAudit,
  requestTransfer,
} from '../fixtures.ts'
import { startWriterProcess } from './writer-process.ts'

async function createFolder(t: TapTest): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-file-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

t.test('given a folder that does not exist, when the ledger is opened, then it is created', async (t) => {
  const path = join(await createFolder(t), 'deep', 'down', 'ledger.db')
  await createOpener(t, `sqlite:${path}`)()
  t.ok(existsSync(path))
})

/** The permission bits, as in `chmod`. */
const readMode = (path: string): string => (statSync(path).mode & 0o777).toString(8)
const ledgerFiles = (path: string): string[] => [path, `${path}-wal`, `${path}-shm`]

t.test('given a new ledger, when it is opened, then its files and the folders created for it are for their owner only', async (t) => {
  const umask = process.umask(0o022)
  t.teardown(() => process.umask(umask))
  const folder = await createFolder(t)
  chmodSync(folder, 0o755)
  const path = join(folder, 'deep', 'down', 'ledger.db')
  await openAccepted(await createOpener(t, `sqlite:${path}`)())
  t.same(ledgerFiles(path).map(readMode), ['600', '600', '600'])
  t.same([join(folder, 'deep'), join(folder, 'deep', 'down')].map(readMode), ['700', '700'])
  t.equal(readMode(folder), '755', 'the mode of an existing folder is not changed')
})

t.test(
  'given a ledger that others can read, as earlier versions made it, when it is opened, then only its owner can read it',
  async (t) => {
    const path = join(await createFolder(t), 'ledger.db')
    const open = createOpener(t, `sqlite:${path}`)
    const accepted = await openAccepted(await open())
    for (const file of ledgerFiles(path)) chmodSync(file, 0o644)
    const ledger = await open()
    t.same(ledgerFiles(path).map(readMode), ['600', '600', '600'])
    t.same(await ledger.findTransfer(accepted.id), accepted)
  },
)

t.test('given a folder that cannot be created, as in /proc, when the ledger is opened there, then opening fails', async (t) => {
  await t.rejects(createOpener(t, 'sqlite:/proc/1/none/deep/ledger.db')(), StoreUnavailable)
})

t.test('given a path that cannot be a ledger, when it is opened, then opening fails', async (t) => {
  const folder = await createFolder(t)
  await writeFile(join(folder, 'text'), 'this is not a database, whatever its name says'.repeat(50))
  for (const path of [folder, join(folder, 'text', 'ledger.db')]) await t.rejects(createOpener(t, `sqlite:${path}`)(), StoreUnavailable)
  await t.rejects(createOpener(t, `sqlite:${join(folder, 'text')}`)(), { name: 'StoreDamaged', message: /file is not a database/ })
})

t.test(
  'given a file of a newer version, when it is opened, then the error names both versions and the file is left unchanged',
  async (t) => {
    const path = join(await createFolder(t), 'ledger.db')
    const open = createOpener(t, `sqlite:${path}`)
    await (await open()).appendAudit(createDraft('kept'))
    const file = new DatabaseSync(path)
    const version = file.prepare('PRAGMA user_version').get()?.['user_version']
    file.exec('PRAGMA user_version = 999')
    await t.rejects(open(), { name: 'StoreUnavailable', message: /written by a newer version \(999, this one knows \d+\)/ })
    t.match(file.prepare('PRAGMA user_version').get(), { user_version: 999 }, 'the file is unchanged and not locked')
    file.exec(`PRAGMA user_version = ${String(version)}`)
    file.close()
    t.match(await readWholeAudit(await open()), [{ status: 'kept' }])
  },
)

t.test('given a new file, when several processes open it at once, then all of them can write', { timeout: 240_000 }, async (t) => {
  const path = join(await createFolder(t), 'ledger.db')
  const writers = await Promise.all(Array.from({ length: 5 }, () => startWriterProcess(t, path, 'once')))
  for (const writer of writers) writer.go()
  t.same(await Promise.all(writers.map(({ exitCode }) => exitCode)), [0, 0, 0, 0, 0])
  const ledger = await createOpener(t, `sqlite:${path}`)()
  t.equal((await readWholeAudit(ledger)).length, 5)
  t.ok(await isTrailSound(ledger))
})

t.test('given a new file that another process has locked, when it is opened, then it waits for the lock', async (t) => {
  const path = join(await createFolder(t), 'ledger.db')
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE; CREATE TABLE half (done)')
  const opening = openFile(path)
  other.exec('ROLLBACK')
  other.close()
  const { database: file, close } = await opening
  t.match(file.prepare('PRAGMA journal_mode').get(), { journal_mode: 'wal' })
  close()
})

t.test('given more old keys than one transaction deletes, when they are deleted, then none is left', async (t) => {
  const ledger = await createOpener(t, 'sqlite::memory:')()
  const results = await Promise.all(
    Array.from({ length: 1_050 }, (_, index) => requestTransfer(ledger, createConversationId(), `key ${index}`)),
  )
  await Promise.all(
    results.map(expectAccepted).map((record) => ledger.writeChange(createChange(record, 'rejected', {}, { status: 422, body: '{}' }))),
  )
  await ledger.deleteOldIdempotencyKeys(Date.now() + 1_000)
  const repeated = await Promise.all([0, 1_000, 1_049].map((index) => requestTransfer(ledger, createConversationId(), `key ${index}`)))
  t.same(
    repeated.map(({ outcome }) => outcome),
    ['accepted', 'accepted', 'accepted'],
  )
})

t.test(
  'given a full disk, when entries are written, then they are rejected; when there is room again, then the open ledger can write again',
  { skip: noSmallDisk },
  async (t) => {
    const disk = createSmallDisk(t, 1)
    const ledger = await createOpener(t, `sqlite:${join(disk.folder, 'ledger.db')}`)()
    const accepted = await openAccepted(ledger)
    disk.fill()
    const batch = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        ledger.appendAudit({ ...createDraft(`lost ${index}`), detail: { filler: 'x'.repeat(2_000) } }),
      ),
    )
    t.ok(batch.every((result) => result.status === 'rejected' && result.reason instanceof StoreUnavailable))
    t.same(await ledger.findTransfer(accepted.id), accepted, 'the ledger can still be read')
    disk.free()
    await ledger.writeChange(createChange(accepted, 'executing'))
    const entries = await readWholeAudit(ledger)
    t.same(
      entries.map(({ status }) => status),
      ['accepted', 'executing'],
    )
    t.ok(await isTrailSound(ledger))
  },
)
