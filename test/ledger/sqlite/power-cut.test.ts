import { copyFile, mkdtemp, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openSqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts'
import type { AuditEntry } from '../../../src/ledger/ledger.ts'
import { opener } from '../conformance.ts'
import { accepted, auditKey, change, dueBy, opening, sound, statuses } from '../scene.ts'

t.test(
  'given a power cut right after a caller was answered, then what was sent to the platform is known, and nobody else was told of more than the file holds',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-power-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'ledger.db')
    const told: AuditEntry[] = []
    const ledger = await openSqliteLedger(path, { auditKey, onAudit: (entry) => void told.push(entry) })
    t.teardown(() => ledger.close())
    const logged = () => told.filter(({ actionId }) => actionId === record.id).map(({ status }) => status)

    const record = await accepted(ledger, {}, 'key')
    t.same(logged(), [], 'a line in the log vouches for a row on disk: not yet')
    const executing = change(record, 'executing')
    await ledger.record(executing)
    t.same(logged(), ['accepted', 'executing'])
    /** What the last flush has put on disk; what is behind it in the log is lost with the power. */
    const { size } = await stat(`${path}-wal`)
    await ledger.record(change(executing.record, 'initiated', { initiatedAt: Date.now() }, { status: 202, body: '{}' }))
    t.ok((await stat(`${path}-wal`)).size > size)
    t.same(logged(), ['accepted', 'executing'])

    const copy = join(folder, 'after.db')
    await copyFile(path, copy)
    await copyFile(`${path}-wal`, `${copy}-wal`)
    await truncate(`${copy}-wal`, size)
    const after = await opener(t, `sqlite:${copy}`)()
    t.match(await after.transfer(record.id), { state: 'executing' }, 'a look at the call finds out the rest')
    t.same(await statuses(after, record.id), ['accepted', 'executing'])
    t.match(await after.open(opening(record, 'key')), { outcome: 'running' }, 'a repeated request moves nothing')
    t.same(await after.dueDeliveries(dueBy(Date.now() + 1_000, 10)), [])
    t.ok(await sound(after))

    t.equal((await ledger.dueDeliveries(dueBy(Date.now() + 1_000, 10))).length, 1, 'the CRM is told')
    t.same(logged(), ['accepted', 'executing', 'initiated'], 'once it is on disk')
  },
)
