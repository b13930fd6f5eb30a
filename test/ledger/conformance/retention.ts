import { StoreUnavailable } from '../../../src/ledger/ledger.ts'
import { aRecord } from '../../support/record.ts'
import type { Given } from '../conformance.ts'
import { accepted, change, conversation, crmEndpoint, draft, dueBy, opening, statuses, through } from '../scene.ts'

const old = { createdAt: '2020-01-01T00:00:00.000Z' }
const ended = { status: 422, body: '{}' }

export function forgetting(given: Given): void {
  given('answered keys, when their time is over, then those of final transfers are forgotten and may be used anew', async (t, open) => {
    const ledger = await open()
    const final = await accepted(ledger, {}, 'final')
    await ledger.record(change(final, 'rejected', {}, ended))
    const running = await accepted(ledger, {}, 'running')
    const ask = (key: string) => ledger.open(opening(aRecord({ conversationId: conversation() }), key))
    await ledger.forgetKeys(Date.now() - 3_600_000)
    t.match(await ask('final'), { outcome: 'replayed' }, 'not before its time')
    await ledger.forgetKeys(Date.now() + 3_600_000)
    t.match(await ask('running'), { outcome: 'running', record: { id: running.id } })
    t.match(await ask('final'), { outcome: 'accepted' })
  })

  given(
    'transfers of long ago, when they are pruned, then what is over goes with its deliveries and keys, and the audit trail stays',
    async (t, open) => {
      const ledger = await open()
      const over = await accepted(ledger, old, 'over')
      await ledger.record(change(await through(ledger, over, 'executing'), 'failed', {}, ended))
      const late = await through(ledger, await accepted(ledger, old), 'executing', 'initiated', ['timeout', { lateWatch: true }])
      const open2 = await accepted(ledger, old)
      const young = await through(ledger, await accepted(ledger), 'rejected')
      t.equal(await ledger.prune(Date.now() - 3_600_000, 10), 1)
      t.equal(await ledger.transfer(over.id), undefined)
      t.same((await ledger.deliveries({ transferId: over.id, limit: 10 })).items, [])
      t.same(await statuses(ledger, over.id), ['accepted', 'executing', 'failed'])
      for (const { id } of [late, open2, young]) t.ok(await ledger.transfer(id))
      t.equal((await ledger.deliveries({ transferId: young.id, limit: 10 })).items.length, 1)
      t.match(await ledger.open(opening(aRecord({ conversationId: conversation() }), 'over', { fingerprint: 'other' })), {
        outcome: 'accepted',
      })
      t.equal(await ledger.prune(Date.now() - 3_600_000, 10), 0)
    },
  )

  given('more to prune than is asked for, then it goes in parts', async (t, open) => {
    const ledger = await open()
    for (let count = 0; count < 5; count++) await through(ledger, await accepted(ledger, old), 'rejected')
    t.same(
      [
        await ledger.prune(Date.now(), 2),
        await ledger.prune(Date.now(), 2),
        await ledger.prune(Date.now(), 2),
        await ledger.prune(Date.now(), 2),
      ],
      [2, 2, 1, 0],
    )
  })

  given(
    'a ledger, then it proves that it can be written; when it is closed, then everything is refused as not available',
    async (t, open) => {
      const ledger = await open()
      await ledger.probe()
      const first = await accepted(ledger)
      await ledger.close()
      const refused = {
        open: () => accepted(ledger),
        record: () => ledger.record(change(first, 'executing')),
        note: () => ledger.note(draft('note')),
        transfer: () => ledger.transfer(first.id),
        claim: () => ledger.claim(1),
        renew: () => ledger.renew(),
        probe: () => ledger.probe(),
        summary: () => ledger.summary(0, 1),
        due: () => ledger.dueDeliveries(dueBy(0, 1)),
        next: () => ledger.nextDeliveryAt(crmEndpoint),
        keys: () => ledger.keys(),
      }
      for (const [name, ask] of Object.entries<() => Promise<unknown>>(refused)) await t.rejects(ask(), StoreUnavailable, name)
      await ledger.close()
    },
  )
}
