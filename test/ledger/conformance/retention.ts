/** Behaviors of deleting old records, of checking that the ledger can be written, and of closing it. */
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { DeclareBehavior } from '../conformance.ts'
import {
  claimDueBy,
  createChange,
  createConversationId,
  createDraft,
  crmEndpoint,
  moveThrough,
  openAccepted,
  readStatuses,
  requestTransfer,
} from '../fixtures.ts'

const createdLongAgo = { createdAt: '2020-01-01T00:00:00.000Z' }
const refusal = { status: 422, body: '{}' }
const hourMs = 3_600_000

export function testRetention(given: DeclareBehavior): void {
  given('idempotency keys, when old ones are deleted, then those of final transfers are deleted and may be used again', async (t, open) => {
    const ledger = await open()
    const final = await openAccepted(ledger, {}, 'final')
    await ledger.writeChange(createChange(final, 'rejected', {}, refusal))
    const running = await openAccepted(ledger, {}, 'running')
    const request = (key: string) => requestTransfer(ledger, createConversationId(), key)
    await ledger.deleteOldIdempotencyKeys(Date.now() - hourMs)
    t.match(await request('final'), { outcome: 'replayed' }, 'the key is not old yet')
    await ledger.deleteOldIdempotencyKeys(Date.now() + hourMs)
    t.match(await request('running'), { outcome: 'running', record: { id: running.id } })
    t.match(await request('final'), { outcome: 'accepted' })
  })

  given(
    'old transfers, when they are deleted, then those that are over go with their deliveries and keys, and the audit trail stays',
    async (t, open) => {
      const ledger = await open()
      const over = await openAccepted(ledger, createdLongAgo, 'over')
      await ledger.writeChange(createChange(await moveThrough(ledger, over, 'executing'), 'failed', {}, refusal))
      const timedOut = await moveThrough(ledger, await openAccepted(ledger, createdLongAgo), 'executing', 'initiated', [
        'timeout',
        { lateWatch: true },
      ])
      const stillOpen = await openAccepted(ledger, createdLongAgo)
      const recent = await moveThrough(ledger, await openAccepted(ledger), 'rejected')
      t.equal(await ledger.deleteOldTransfers(Date.now() - hourMs, 10), 1)
      t.equal(await ledger.findTransfer(over.id), undefined)
      t.same((await ledger.listDeliveries({ transferId: over.id, limit: 10 })).items, [])
      t.same(await readStatuses(ledger, over.id), ['accepted', 'executing', 'failed'])
      for (const { id } of [timedOut, stillOpen, recent]) t.ok(await ledger.findTransfer(id))
      t.equal((await ledger.listDeliveries({ transferId: recent.id, limit: 10 })).items.length, 1)
      t.match(await requestTransfer(ledger, createConversationId(), 'over', { fingerprint: 'other' }), { outcome: 'accepted' })
      t.equal(await ledger.deleteOldTransfers(Date.now() - hourMs, 10), 0)
    },
  )

  given('more old transfers than the limit, when they are deleted, then it takes several calls', async (t, open) => {
    const ledger = await open()
    for (let count = 0; count < 5; count++) await moveThrough(ledger, await openAccepted(ledger, createdLongAgo), 'rejected')
    t.same(
      [
        await ledger.deleteOldTransfers(Date.now(), 2),
        await ledger.deleteOldTransfers(Date.now(), 2),
        await ledger.deleteOldTransfers(Date.now(), 2),
        await ledger.deleteOldTransfers(Date.now(), 2),
      ],
      [2, 2, 1, 0],
    )
  })

  given(
    'an open ledger, when it is checked, then it can be written; when it is closed, then every operation is refused as unavailable',
    async (t, open) => {
      const ledger = await open()
      await ledger.checkWritable()
      const accepted = await openAccepted(ledger)
      await ledger.close()
      const operations = {
        openTransfer: () => openAccepted(ledger),
        writeChange: () => ledger.writeChange(createChange(accepted, 'executing')),
        appendAudit: () => ledger.appendAudit(createDraft('note')),
        findTransfer: () => ledger.findTransfer(accepted.id),
        claimTransfers: () => ledger.claimTransfers(1),
        renewLease: () => ledger.renewLease(),
        checkWritable: () => ledger.checkWritable(),
        summarize: () => ledger.summarize(0, 1),
        claimDeliveries: () => ledger.claimDeliveries(claimDueBy(0, 1)),
        findNextDeliveryAt: () => ledger.findNextDeliveryAt(crmEndpoint),
        listApiKeys: () => ledger.listApiKeys(),
      }
      for (const [name, run] of Object.entries<() => Promise<unknown>>(operations)) await t.rejects(run(), StoreUnavailable, name)
      await ledger.close()
    },
  )
}
