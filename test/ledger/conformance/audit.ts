import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { AuditEntry, Ledger } from '../../../src/ledger/ledger.ts'
import { until } from '../../support/until.ts'
import type { Given } from '../conformance.ts'
import { accepted, auditKey, draft, sound, statuses, through, wholeAudit } from '../scene.ts'

export function audit(given: Given): void {
  given('moves and notes, then the audit trail has each in order, and tells of each once it is written', async (t, open) => {
    const told: AuditEntry[] = []
    const ledger = await open({ onAudit: (entry) => told.push(entry) })
    const first = await through(ledger, await accepted(ledger), 'executing', 'initiated')
    await ledger.note({
      ...draft('caller_refused'),
      code: 'FORBIDDEN',
      detail: { route: '/v1/transfers', tries: 2, known: false, nothing: null },
    })
    await through(ledger, first, 'picked_up')
    t.same(await statuses(ledger, first.id), ['accepted', 'executing', 'initiated', 'picked_up'])
    const trail = await wholeAudit(ledger)
    t.same(
      trail.map(({ status }) => status),
      ['accepted', 'executing', 'initiated', 'caller_refused', 'picked_up'],
    )
    t.match(trail[3], { actionId: null, code: 'FORBIDDEN', detail: { route: '/v1/transfers', tries: 2, known: false, nothing: null } })
    await until(() => told.length >= trail.length, 'the telling of each')
    t.same(told, trail)
    t.same(await ledger.auditOf('unknown'), [])
  })

  given(
    'a trail of more rows than a page holds, when a span of time is exported, then its rows are there once, in order',
    async (t, open) => {
      let now = Date.UTC(2026, 0, 1)
      const ledger = await open({ clock: () => now, leaseMs: 1e12 })
      async function write(count: number, status: string): Promise<void> {
        for (let place = 0; place < count; place += 50)
          await Promise.all(
            Array.from({ length: Math.min(50, count - place) }, (_, next) => ledger.note(draft(`${status} ${place + next}`))),
          )
      }
      const wanted = Array.from({ length: 1_100 }, (_, place) => `in ${place}`)
      await write(2, 'before')
      now += 1_000
      await write(1_100, 'in')
      now += 1_000
      await write(2, 'after')
      const entries = await wholeAudit(ledger, now - 1_000, now)
      t.same(entries.map(({ status }) => status).toSorted(), wanted.toSorted())
      t.same(
        entries.map(({ seq }) => seq),
        entries.map(({ seq }) => seq).toSorted((a, b) => a - b),
      )
      t.equal((await wholeAudit(ledger)).length, 1_104)
      let largest = 0
      for await (const page of ledger.audit({ since: 0, until: Number.MAX_SAFE_INTEGER })) largest = Math.max(largest, page.length)
      t.ok(largest < 1_000, 'memory stays constant')
    },
  )

  given('a clock that is set back, when the trail is exported, then it is in the order of its chain all the same', async (t, open) => {
    let now = Date.UTC(2026, 0, 2)
    const ledger = await open({ clock: () => now, leaseMs: 1e12 })
    for (const status of ['one', 'two', 'three']) {
      await ledger.note(draft(status))
      now -= 3_600_000
    }
    now = Date.UTC(2026, 0, 3)
    await ledger.note(draft('four'))
    const trail = await wholeAudit(ledger)
    t.same(
      trail.map(({ status }) => status),
      ['one', 'two', 'three', 'four'],
    )
    t.equal(trail[1]?.timestamp, '2026-01-01T23:00:00.000Z', "the clock's time is kept")
    t.ok(await sound(ledger))
  })

  given(
    'two nodes that write at once, and one that comes later, then every chain verifies, with this key and no other',
    async (t, open) => {
      const nodes = [await open(), await open()] as [Ledger, Ledger]
      await Promise.all(Array.from({ length: 60 }, (_, place) => (nodes[place % 2] as Ledger).note(draft(`row ${place}`))))
      const late = await open()
      await late.note(draft('row 60'))
      await late.checkpoint()
      t.match(await verifyAudit(late, auditKey), { rows: 62, checkpoints: { kept: 1 }, faults: [] })
      t.notOk(await sound(late, 'another key'))
    },
  )
}
