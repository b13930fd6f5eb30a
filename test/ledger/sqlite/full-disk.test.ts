/** What is said of a SQLite ledger whose disk is full: that it cannot be written, for as long as no transfer can be. */
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

t.setTimeout(120_000)
const options = { skip: noSmallDisk, timeout: 60_000 }
/** How often a disk is asked about. */
const polls = 24

t.test(
  'given a disk that fills up, when a transfer cannot be written, then no check says that one can; when there is room again, then both can',
  options,
  async (t) => {
    const disk = createSmallDisk(t, 12)
    const ledger = await createOpener(t, `sqlite:${join(disk.folder, 'ledger.db')}`)()
    for (let transfer = 0; transfer < 100; transfer++) await openAccepted(ledger)
    await ledger.checkWritable()
    disk.fill()
    await t.rejects(async () => {
      // Room that the file already has is still used.
      for (;;) await openAccepted(ledger)
    }, StoreUnavailable)
    for (let poll = 0; poll < polls; poll++) await t.rejects(ledger.checkWritable(), StoreUnavailable)
    disk.free()
    await ledger.checkWritable()
    await openAccepted(ledger)
    t.ok(await isTrailSound(ledger))
  },
)

t.test('given a ledger that is checked often, then its file does not grow with the checks, and no row remains', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-check-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'ledger.db')
  const ledger = await createOpener(t, `sqlite:${path}`)()
  /** Sizes with the write-ahead log written back. */
  const measure = async (): Promise<number> => {
    await ledger.eraseConversation('none', { eraseRecord: (record) => record, eraseBody: (body) => body }, createDraft('measured'))
    return statSync(path).size
  }
  await ledger.checkWritable()
  const sizeBefore = await measure()
  for (let check = 0; check < 300; check++) await ledger.checkWritable()
  t.ok((await measure()) - sizeBefore <= 16_384, 'at most the room of the rows that the measurement itself has written')
})

t.test(
  'given a service whose disk is full, then /ready and the gauge say so at every poll; when there is room again, then both say that',
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
    for (let poll = 0; poll < polls; poll++) t.same([(await request('GET', '/ready')).status, await readGauge()], [503, '0'])
    disk.free()
    await waitFor(async () => (await request('GET', '/ready')).status === 200, 'readiness')
    t.same([await post(), await readGauge()], [202, '1'])
  },
)
