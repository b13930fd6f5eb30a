/** What a SQLite ledger still has after a power cut, and what was logged or sent to the CRM before it. */
import { copyFile, mkdtemp, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import { openLedger } from '../../../src/ledger/open.ts'
import { createOpener } from '../conformance.ts'
import { auditKey, claimDueBy, createChange, createNewTransfer, isTrailSound, openAccepted, readStatuses } from '../fixtures.ts'

t.test(
  'given a power cut right after the caller got a response, then the ledger knows that a command may have been sent, and neither the log nor the CRM has seen more than the file holds',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-power-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'ledger.db')
    const reported: AuditEntry[] = []
    const ledger = await openLedger(`sqlite:${path}`, { auditKey, onAudit: (entry) => void reported.push(entry) })
    t.teardown(() => ledger.close())
    const loggedStatuses = () => reported.filter(({ actionId }) => actionId === accepted.id).map(({ status }) => status)

    const accepted = await openAccepted(ledger, {}, 'key')
    t.same(loggedStatuses(), [], 'an entry is logged only once its row is on disk')
    const executing = createChange(accepted, 'executing')
    await ledger.writeChange(executing)
    t.same(loggedStatuses(), ['accepted', 'executing'])
    // The last flush ends here. Whatever follows in the write-ahead log is lost with the power.
    const { size: flushedSize } = await stat(`${path}-wal`)
    await ledger.writeChange(createChange(executing.record, 'initiated', { initiatedAt: Date.now() }, { status: 202, body: '{}' }))
    t.ok((await stat(`${path}-wal`)).size > flushedSize)
    t.same(loggedStatuses(), ['accepted', 'executing'])

    const copy = join(folder, 'after.db')
    await copyFile(path, copy)
    await copyFile(`${path}-wal`, `${copy}-wal`)
    await truncate(`${copy}-wal`, flushedSize)
    const recovered = await createOpener(t, `sqlite:${copy}`)()
    t.match(
      await recovered.findTransfer(accepted.id),
      { state: 'executing' },
      'a read of the conversation can show whether the call was moved',
    )
    t.same(await readStatuses(recovered, accepted.id), ['accepted', 'executing'])
    t.match(
      await recovered.openTransfer(createNewTransfer(accepted, 'key')),
      { outcome: 'running' },
      'a repeated request does not move the call again',
    )
    t.same(await recovered.claimDeliveries(claimDueBy(Date.now() + 1_000, 10)), [])
    t.ok(await isTrailSound(recovered))

    t.equal((await ledger.claimDeliveries(claimDueBy(Date.now() + 1_000, 10))).length, 1, 'the CRM event can be claimed')
    t.same(loggedStatuses(), ['accepted', 'executing', 'initiated'], 'after the change is on disk')
  },
)
