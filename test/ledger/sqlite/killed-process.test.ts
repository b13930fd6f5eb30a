/** What a SQLite ledger still has after the process that wrote it was killed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { isFinal } from '../../../src/model/states.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener } from '../conformance.ts'
import { isTrailSound, readAllPages, readWholeAudit } from '../fixtures.ts'
import { startWriterProcess } from './writer-process.ts'

const killCount = 5
/** The states that the writer writes for each transfer. */
const writtenStates = ['accepted', 'executing', 'initiated', 'picked_up']

t.test(
  'given a process that is killed while it writes, when the ledger is opened again, then every acknowledged write is there and none is there in part',
  { timeout: 240_000 },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-killed-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'ledger.db')
    let acknowledged = 0

    for (let kill = 0; kill < killCount; kill++) {
      const writer = await startWriterProcess(t, path, 'until killed')
      writer.go()
      // Each process is killed after another number of writes.
      await waitFor(() => writer.lines.length > 40 + 37 * kill, 'writes under way')
      writer.kill()
      t.equal(await writer.exitCode, null)

      const ledger = await createOpener(t, `sqlite:${path}`)()
      const entries = await readWholeAudit(ledger)
      t.ok(await isTrailSound(ledger), 'the audit chain is sound')
      const entriesByTransfer = Map.groupBy(entries, ({ actionId }) => actionId)
      const records = await readAllPages((cursor) => ledger.listTransfers({ limit: 500, ...(cursor && { cursor }) }))
      const transfers = new Map(records.map((record) => [record.id, record]))
      const lost = writer.lines.filter((line) => {
        const [id = '', state = ''] = line.split(' ')
        return writtenStates.indexOf(transfers.get(id)?.state ?? '') < writtenStates.indexOf(state)
      })
      t.same(lost, [], 'no acknowledged write is lost')
      const incomplete = records.filter(({ id, state }) => {
        const statuses = entriesByTransfer.get(id)?.map(({ status }) => status)
        return JSON.stringify(statuses) !== JSON.stringify(writtenStates.slice(0, writtenStates.indexOf(state) + 1))
      })
      t.same(incomplete, [], 'each transfer has exactly its audit entries')
      acknowledged += writer.lines.length

      const claimed = await ledger.claimTransfers(1_000)
      t.same(
        claimed.map(({ id }) => id).toSorted(),
        records
          .filter(({ state }) => !isFinal(state))
          .map(({ id }) => id)
          .toSorted(),
        'open transfers can be claimed at once, because the process is known to be dead',
      )
      await ledger.close()
    }
    t.comment(`${killCount} kills, ${acknowledged} acknowledged writes`)
  },
)
