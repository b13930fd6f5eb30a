/** A file that is overwritten while the ledger is open: the ledger notices before it acknowledges anything, and stays unusable until the next start. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { StoreDamaged } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { openLedger } from '../../../src/ledger/open.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { auditKey, createChange, isTrailSound, openAccepted } from '../fixtures.ts'

t.setTimeout(240_000)
/** How often an operation is repeated on a ledger that is damaged. */
const repeatCount = 12

/** Runs a program, as an operator would: a copy in this process would also release the locks of SQLite. */
function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program}: ${stderr}`)
}

interface OldLedger {
  path: string
  /** A copy of the database from before the last transfers. */
  olderCopy: string
}

async function writeTransfers(ledger: Ledger, count: number): Promise<void> {
  for (let transfer = 0; transfer < count; transfer++) await openAccepted(ledger)
}

/** Creates a ledger with 40 transfers that is not open, and a copy from when it had 20. */
async function createOldLedger(t: TapTest): Promise<OldLedger> {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-overwritten-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [path, olderCopy] = [join(folder, 'ledger.db'), join(folder, 'older-copy')]
  for (const isCopied of [true, false]) {
    const ledger = await openLedger(`sqlite:${path}`, { auditKey })
    await writeTransfers(ledger, 20)
    await ledger.close()
    if (isCopied) copyFileSync(path, olderCopy)
  }
  return { path, olderCopy }
}

/** Changes that an operator may make to the files of an open ledger. */
const interferences: Record<string, (ledger: OldLedger) => void> = {
  'an older copy is copied over its file': ({ path, olderCopy }) => run('cp', olderCopy, path),
  'an older copy is copied over its file, with its time': ({ path, olderCopy }) => run('cp', '-p', olderCopy, path),
  'its file is emptied': ({ path }) => run('truncate', '-s', '0', path),
  'its file is cut off': ({ path }) => run('truncate', '-s', '8192', path),
  'the header of its file is overwritten': ({ path }) => run('dd', 'if=/dev/zero', `of=${path}`, 'bs=64', 'count=1', 'conv=notrunc'),
  'its write-ahead log is emptied': ({ path }) => run('truncate', '-s', '0', `${path}-wal`),
  'the end of its write-ahead log is cut off': ({ path }) => run('truncate', '-s', '-1', `${path}-wal`),
  'the header of its write-ahead log is overwritten': ({ path }) =>
    run('dd', 'if=/dev/zero', `of=${path}-wal`, 'bs=32', 'count=1', 'conv=notrunc'),
  'its write-ahead log is overwritten with zeros': ({ path }) =>
    run('dd', 'if=/dev/zero', `of=${path}-wal`, 'bs=4096', `count=${Math.ceil(statSync(`${path}-wal`).size / 4096)}`, 'conv=notrunc'),
}

for (const [interference, interfere] of Object.entries(interferences)) {
  t.test(
    `given a service, when ${interference}, then it takes no transfer and is not ready until it is started again, and says what to do`,
    async (t) => {
      const old = await createOldLedger(t)
      const { control, postTransfer, request, logLines } = await startTestSystem(
        t,
        { DATABASE_URL: `sqlite:${old.path}` },
        {},
        { leaseMs: 1_000 },
      )
      const post = () => {
        const { conversationId, queueId } = setUpIvrCall(control)
        return postTransfer({ conversationId, target: { type: 'queue', queueId } })
      }
      await waitFor(async () => (await post()).status === 202, 'a transfer')
      interfere(old)
      for (let repeat = 0; repeat < repeatCount; repeat++)
        t.match(await post(), { status: 503, body: { code: 'STORE_UNAVAILABLE', retryable: true } })
      const ready = await waitFor(async () => {
        const response = await request<{ reasons?: string[] }>('GET', '/ready')
        return response.status === 503 && response
      }, '/ready to be 503')
      t.match(ready.body, { status: 'not_ready', ledger: 'not available', platform: 'ready' })
      t.match(ready.body.reasons, [/the ledger's file was overwritten or damaged.*until it is started again.*log/i])
      t.notMatch(JSON.stringify(ready.body), old.path, 'the response, which needs no key, does not have the path')
      t.equal((await request('GET', '/health')).status, 200)
      const line = await waitFor(
        () => logLines.find((each) => each['log.level'] === 'error' && String(each['reason']).includes(old.path)),
        'the error in the log',
      )
      t.match(line, { alert: true, message: 'the ledger is damaged: transfers are refused until Handoff is started again' })
      t.match(line['reason'], /was overwritten or damaged while Handoff had it open.*Stop Handoff.*put a backup/s)
    },
  )
}

t.test('given an idle service, when the file of its ledger is overwritten, then an alert is logged', async (t) => {
  const { path, olderCopy } = await createOldLedger(t)
  const { logLines } = await startTestSystem(t, { DATABASE_URL: `sqlite:${path}` }, {}, { leaseMs: 1_000 })
  run('cp', olderCopy, path)
  t.ok(await waitFor(() => logLines.find((each) => each['alert'] === true), 'the alert'))
})

t.test('given a ledger whose file was overwritten, when the former file is put back, then the ledger stays unusable', async (t) => {
  const { path, olderCopy } = await createOldLedger(t)
  const ledger = await createOpener(t, `sqlite:${path}`)()
  const accepted = await openAccepted(ledger)
  copyFileSync(path, `${path}.as-it-was`)
  run('cp', olderCopy, path)
  await t.rejects(ledger.writeChange(createChange(accepted, 'executing')), StoreDamaged)
  run('cp', `${path}.as-it-was`, path)
  for (let repeat = 0; repeat < repeatCount; repeat++) {
    await t.rejects(ledger.checkWritable(), StoreDamaged)
    await t.rejects(ledger.writeChange(createChange(accepted, 'executing')), StoreDamaged)
    await t.rejects(ledger.findTransfer(accepted.id), StoreDamaged)
    await t.rejects(ledger.listTransfers({ limit: 10 }), StoreDamaged)
  }
})

t.test('given an overwritten page in the middle of the file, when SQLite notices it, then the ledger stays unusable', async (t) => {
  const { path } = await createOldLedger(t)
  const filling = await openLedger(`sqlite:${path}`, { auditKey })
  await writeTransfers(filling, 200)
  await filling.close()
  const ledger = await createOpener(t, `sqlite:${path}`)()
  run('dd', 'if=/dev/zero', `of=${path}`, 'bs=4096', 'seek=2', 'count=80', 'conv=notrunc')
  await t.rejects(async () => {
    for (;;) {
      await ledger.listTransfers({ limit: 100 })
      await openAccepted(ledger)
    }
  }, StoreDamaged)
  for (let repeat = 0; repeat < repeatCount; repeat++) await t.rejects(ledger.checkWritable(), StoreDamaged)
})

t.test(
  'given a backup that is copied over the file, when Handoff stops, then the backup is left as it is, and the next start uses it',
  async (t) => {
    const { path, olderCopy } = await createOldLedger(t)
    const ledger = await openLedger(`sqlite:${path}`, { auditKey })
    const lost = await openAccepted(ledger)
    run('cp', olderCopy, path)
    await ledger.close()
    t.ok(readFileSync(path).equals(readFileSync(olderCopy)))
    t.notOk(existsSync(`${path}-wal`), 'the write-ahead log does not belong to the backup')
    t.match(
      readdirSync(join(path, '..')).filter((name) => /-wal/.test(name)),
      [/^ledger\.db-wal-set-aside-\d+$/],
      'the write-ahead log is kept under another name',
    )
    const restored = await createOpener(t, `sqlite:${path}`)()
    t.equal(await restored.findTransfer(lost.id), undefined)
    t.ok(await isTrailSound(restored))
  },
)

t.test(
  'given an older file beside a write-ahead log that is not its own, when the ledger is opened, then opening fails and the files are unchanged',
  async (t) => {
    const { path, olderCopy } = await createOldLedger(t)
    const ledger = await openLedger(`sqlite:${path}`, { auditKey })
    // More than one write-ahead log full, so that the file itself has grown.
    await writeTransfers(ledger, 500)
    const killed = join(path, '..', 'killed.db')
    copyFileSync(olderCopy, killed)
    copyFileSync(`${path}-wal`, `${killed}-wal`)
    await ledger.close()
    const files = [killed, `${killed}-wal`]
    const before = files.map((file) => readFileSync(file))
    await t.rejects(openLedger(`sqlite:${killed}`, { auditKey }), { name: 'StoreDamaged', message: /damaged/ })
    t.ok(files.every((file, index) => readFileSync(file).equals(before[index] ?? Buffer.alloc(0))))
  },
)

t.test(
  'given a write-ahead log whose database is empty or missing, when the ledger is opened, then opening fails and the log is kept',
  async (t) => {
    const { path } = await createOldLedger(t)
    const ledger = await openLedger(`sqlite:${path}`, { auditKey })
    await writeTransfers(ledger, 1)
    for (const name of ['empty.db', 'missing.db']) {
      const copy = join(path, '..', name)
      copyFileSync(`${path}-wal`, `${copy}-wal`)
      if (name === 'empty.db') run('touch', copy)
      await t.rejects(openLedger(`sqlite:${copy}`, { auditKey }), { name: 'StoreDamaged', message: /write-ahead log/ })
      t.ok(statSync(`${copy}-wal`).size > 0)
    }
    await ledger.close()
  },
)

t.test('given a damaged file, when the ledger is opened, then opening fails and the error says what to do', async (t) => {
  const { path } = await createOldLedger(t)
  run('dd', 'if=/dev/zero', `of=${path}`, 'bs=4096', 'seek=3', 'count=4', 'conv=notrunc')
  await t.rejects(openLedger(`sqlite:${path}`, { auditKey }), { name: 'StoreDamaged', message: /damaged.*put a backup/s })
})
