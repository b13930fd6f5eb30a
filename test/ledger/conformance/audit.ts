/** Behaviors of the audit trail: order, export by time, and chains that verify. */
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { DeclareBehavior } from '../conformance.ts'
import { auditKey, createDraft, isTrailSound, moveThrough, openAccepted, readStatuses, readWholeAudit } from '../fixtures.ts'

export function testAudit(given: DeclareBehavior): void {
  given(
    'changes and other events, when they are written, then the audit trail has them in order, and each is reported after it is written',
    async (t, open) => {
      const reported: AuditEntry[] = []
      const ledger = await open({ onAudit: (entry) => reported.push(entry) })
      const initiated = await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated')
      await ledger.appendAudit({
        ...createDraft('caller_refused'),
        code: 'FORBIDDEN',
        detail: { route: '/v1/transfers', tries: 2, known: false, nothing: null },
      })
      await moveThrough(ledger, initiated, 'picked_up')
      t.same(await readStatuses(ledger, initiated.id), ['accepted', 'executing', 'initiated', 'picked_up'])
      const entries = await readWholeAudit(ledger)
      t.same(
        entries.map(({ status }) => status),
        ['accepted', 'executing', 'initiated', 'caller_refused', 'picked_up'],
      )
      t.match(entries[3], { actionId: null, code: 'FORBIDDEN', detail: { route: '/v1/transfers', tries: 2, known: false, nothing: null } })
      await waitFor(() => reported.length >= entries.length, 'the report of each entry')
      t.same(reported, entries)
      t.same(await ledger.findAuditEntries('unknown'), [])
    },
  )

  given('an audit trail, when the ledger is opened with another key, then it can tell that the key does not fit', async (t, open) => {
    const first = await open()
    t.equal(await first.matchAuditKey(), 'current', 'any key fits an empty trail')
    await moveThrough(first, await openAccepted(first), 'executing', 'initiated')
    t.equal((await readWholeAudit(first)).length, 3)
    t.equal(await (await open({ auditKey: `${auditKey}, with another end` })).matchAuditKey(), 'unknown')
    t.equal(await (await open()).matchAuditKey(), 'current')
  })

  given(
    'more entries than a page holds, when a period is exported, then each entry of the period is exported once, in order',
    async (t, open) => {
      let now = Date.UTC(2026, 0, 1)
      const ledger = await open({ clock: () => now, leaseMs: 1e12 })
      async function append(count: number, status: string): Promise<void> {
        for (let first = 0; first < count; first += 50)
          await Promise.all(
            Array.from({ length: Math.min(50, count - first) }, (_, offset) =>
              ledger.appendAudit(createDraft(`${status} ${first + offset}`)),
            ),
          )
      }
      const expected = Array.from({ length: 1_100 }, (_, number) => `in ${number}`)
      await append(2, 'before')
      now += 1_000
      await append(1_100, 'in')
      now += 1_000
      await append(2, 'after')
      const entries = await readWholeAudit(ledger, now - 1_000, now)
      t.same(entries.map(({ status }) => status).toSorted(), expected.toSorted())
      t.same(
        entries.map(({ seq }) => seq),
        entries.map(({ seq }) => seq).toSorted((a, b) => a - b),
      )
      t.equal((await readWholeAudit(ledger)).length, 1_104)
      let longestPage = 0
      for await (const page of ledger.exportAudit({ since: 0, until: Number.MAX_SAFE_INTEGER }))
        longestPage = Math.max(longestPage, page.length)
      t.ok(longestPage < 1_000, 'pages stay small, so that memory use does not grow with the export')
    },
  )

  given('a clock that is set back, when the trail is exported, then its entries keep the order of their chain', async (t, open) => {
    let now = Date.UTC(2026, 0, 2)
    const ledger = await open({ clock: () => now, leaseMs: 1e12 })
    for (const status of ['one', 'two', 'three']) {
      await ledger.appendAudit(createDraft(status))
      now -= 3_600_000
    }
    now = Date.UTC(2026, 0, 3)
    await ledger.appendAudit(createDraft('four'))
    const entries = await readWholeAudit(ledger)
    t.same(
      entries.map(({ status }) => status),
      ['one', 'two', 'three', 'four'],
    )
    t.equal(entries[1]?.timestamp, '2026-01-01T23:00:00.000Z', "the entry keeps the clock's time")
    t.ok(await isTrailSound(ledger))
  })

  given(
    'two nodes that write at once, and one that is opened later, when the trail is verified, then it is sound with this key and with no other',
    async (t, open) => {
      const ledgers = [await open(), await open()] as [Ledger, Ledger]
      await Promise.all(
        Array.from({ length: 60 }, (_, number) => (ledgers[number % 2] as Ledger).appendAudit(createDraft(`row ${number}`))),
      )
      const openedLater = await open()
      await openedLater.appendAudit(createDraft('row 60'))
      await openedLater.writeCheckpoint()
      // 61 entries and the checkpoint.
      t.match(await verifyAudit(openedLater, auditKey), { rows: 62, checkpoints: { kept: 1 }, faults: [] })
      t.notOk(await isTrailSound(openedLater, 'another key'))
    },
  )
}
