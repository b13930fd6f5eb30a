/** A SQLite ledger on a full disk: every check reports that it cannot be written, for as long as no transfer can be written. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { createSmallDisk, noSmallDisk } from '../../support/small-disk.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener } from '../conformance.ts'
import { createDraft, isTrailSound, openAccepted } from '../fixtures.ts'

t.setTimeout(240_000)
const options = { skip: noSmallDisk, timeout: 240_000 }
/** How often each check is repeated while the disk is full. */
const checkCount = 24

t.test(
  'given a disk that fills up, when a transfer cannot be written, then every check fails, too; when there is room again, then both succeed',
  options,
  async (t) => {
    const disk = createSmallDisk(t, 12)
    const ledger = await createOpener(t, `sqlite:${join(disk.folder, 'ledger.db')}`)()
    for (let transfer = 0; transfer < 100; transfer++) await openAccepted(ledger)
    await ledger.checkWritable()
    disk.fill()
    await t.rejects(async () => {
      // The first writes may succeed, because the file has some free room of its own.
      for (;;) await openAccepted(ledger)
    }, StoreUnavailable)
    for (let check = 0; check < checkCount; check++) await t.rejects(ledger.checkWritable(), StoreUnavailable)
    disk.free()
    await ledger.checkWritable()
    await openAccepted(ledger)
    t.ok(await isTrailSound(ledger))
  },
)

t.test('given a ledger that is checked often, then its file does not grow with the checks', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-check-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'ledger.db')
  const ledger = await createOpener(t, `sqlite:${path}`)()
  /** The file's size in bytes, after the write-ahead log was written back. */
  const measure = async (): Promise<number> => {
    await ledger.eraseConversation(
      'none',
      { eraseRecord: (record) => record, eraseBulkTransfer: (record) => record, eraseBody: (body) => body },
      createDraft('measured'),
    )
    return statSync(path).size
  }
  await ledger.checkWritable()
  const sizeBefore = await measure()
  for (let check = 0; check < 300; check++) await ledger.checkWritable()
  t.ok((await measure()) - sizeBefore <= 16_384, 'the file grows at most by the rows that the measurement itself writes')
})

t.test(
  'given a service whose disk is full, then /ready and the gauge report it at every poll; when there is room again, then both report that the ledger works',
  options,
  async (t) => {
    const disk = createSmallDisk(t, 4)
    const { control, postTransfer, request, app } = await startTestSystem(t, {
      DATABASE_URL: `sqlite:${join(disk.folder, 'ledger.db')}`,
    })
    async function post(): Promise<number> {
      const { conversationId, queueId } = setUpIvrCall(control)
      return (await postTransfer({ conversationId, target: { type: 'queue', queueId } })).status
    }
    const readGauge = async (): Promise<string | undefined> => /^handoff_ledger_up (\d)$/m.exec(await app.metrics.scrape())?.[1]
    t.equal(await post(), 202)
    t.same([(await request('GET', '/ready')).status, await readGauge()], [200, '1'])
    disk.fill()
    await waitFor(async () => (await post()) === 503, 'a transfer that is refused')
    await waitFor(async () => (await request('GET', '/ready')).status === 503, 'the next check')
    for (let check = 0; check < checkCount; check++) t.same([(await request('GET', '/ready')).status, await readGauge()], [503, '0'])
    disk.free()
    await waitFor(async () => (await request('GET', '/ready')).status === 200, 'readiness')
    t.same([await post(), await readGauge()], [202, '1'])
  },
)

t.test(
  'given a disk with room for a transfer but not for its refusal, then its caller is not kept waiting until the deadline',
  options,
  async (t) => {
    const disk = createSmallDisk(t, 4)
    const { control, postTransfer } = await startTestSystem(t, { DATABASE_URL: `sqlite:${join(disk.folder, 'ledger.db')}` })
    const post = (queueId: string) =>
      postTransfer({ conversationId: setUpIvrCall(control).conversationId, target: { type: 'queue', queueId } })
    t.equal((await post(setUpIvrCall(control).queueId)).status, 202)
    for (let roomKb = 40; roomKb <= 120; roomKb += 8) {
      disk.fill(roomKb)
      const { body } = await post(randomUUID())
      t.ok(['STORE_UNAVAILABLE', 'TARGET_NOT_FOUND'].includes(body.code ?? ''), `${body.code} with ${roomKb} KB`)
      disk.free()
      await waitFor(async () => (await post(randomUUID())).body.code === 'TARGET_NOT_FOUND', 'a ledger that works again')
    }
  },
)
