/** A SQLite ledger that is set back to an older state through SQLite itself while Handoff has it open, as `.restore` does. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { setBackStatus } from '../../../src/ledger/audit/set-back.ts'
import { openLedger } from '../../../src/ledger/open.ts'
import { createOpener } from '../conformance.ts'
import { auditKey, isTrailSound, openAccepted, readWholeAudit } from '../fixtures.ts'

t.test(
  'given an open ledger, when it is restored to an older state, then it stays usable, and the audit trail and the log report the restore once',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-set-back-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const [path, copy] = [join(folder, 'ledger.db'), join(folder, 'copy')]
    const url = `sqlite:${path}`
    const closedLedger = await openLedger(url, { auditKey })
    for (let transfer = 0; transfer < 5; transfer++) await openAccepted(closedLedger)
    await closedLedger.close()
    copyFileSync(path, copy)

    const errors: string[] = []
    const ledger = await createOpener(t, url)({ log: { warn() {}, error: (_fields, message) => void errors.push(message) } })
    for (let transfer = 0; transfer < 5; transfer++) await openAccepted(ledger)
    const older = new DatabaseSync(copy)
    await backup(older, path)
    older.close()
    t.same(errors, [])

    for (let transfer = 0; transfer < 3; transfer++) await openAccepted(ledger)
    t.match(errors, [/set back to an older state/])
    t.equal(errors.length, 1)
    const entries = await readWholeAudit(ledger)
    t.same(
      entries.map(({ status }) => status),
      [...Array<string>(5).fill('accepted'), setBackStatus, ...Array<string>(3).fill('accepted')],
    )
    t.match(entries[5]?.detail, { knownPosition: 10, position: 5 })
    t.ok(await isTrailSound(ledger))
  },
)
