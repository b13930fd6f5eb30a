/** Behaviors of webhook deliveries: order within a transfer, claims, retries, redelivery and lists. */
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { DeclareBehavior } from '../conformance.ts'
import {
  claimDueBy,
  createAttempt,
  createChange,
  createResult,
  crmEndpoint,
  moveThrough,
  openAccepted,
  readAllPages,
  readStatuses,
} from '../fixtures.ts'

/** A transfer with events for `initiated` and then `picked_up`. */
const createPickedUp = async (ledger: Ledger): Promise<TransferRecord> =>
  moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
/** A transfer with an event for `initiated`. */
const createInitiated = async (ledger: Ledger): Promise<TransferRecord> =>
  moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated')
/** Claims what is due within `aheadMs`: by default a little more than now, because the database may have another clock. */
const claimDue = (ledger: Ledger, limit = 10, aheadMs = 50) => ledger.claimDeliveries(claimDueBy(Date.now() + aheadMs, limit))
const typesOf = (items: Array<{ type: string }>) => items.map(({ type }) => type)

export function testDeliveries(given: DeclareBehavior): void {
  given('two events of one transfer, when they are due, then the second is claimed after the first is delivered', async (t, open) => {
    const ledger = await open()
    const record = await createPickedUp(ledger)
    const [first, ...others] = await claimDue(ledger)
    t.same(others, [])
    t.match(first, {
      transferId: record.id,
      conversationId: record.conversationId,
      type: 'transfer.initiated',
      state: 'pending',
      tries: 0,
      attempts: [],
    })
    t.match(JSON.parse(String(first?.body)), { type: 'transfer.initiated', data: { actionId: record.id } })
    t.same(await claimDue(ledger), [])
    await ledger.recordDeliveryResult(createResult(String(first?.id), 'delivered'))
    t.same(typesOf(await claimDue(ledger)), ['transfer.picked_up'])
  })

  given("a failed attempt, when it is recorded with a next time, then the transfer's deliveries wait until then", async (t, open) => {
    const ledger = await open()
    await createPickedUp(ledger)
    const [first] = await claimDue(ledger)
    const id = String(first?.id)
    const nextAt = Date.now() + 60_000
    await ledger.recordDeliveryResult(createResult(id, 'pending', nextAt))
    t.same(await claimDue(ledger), [])
    const next = await ledger.findNextDeliveryAt(crmEndpoint)
    t.ok(next !== undefined && Math.abs(next - nextAt) < 5_000, 'the next attempt is due at that time')
    const listed = (await ledger.listDeliveries({ limit: 10 })).items.find((delivery) => delivery.id === id)
    t.match(listed, { tries: 1, state: 'pending', attempts: [{ status: 500, error: null }] })
    t.ok(Math.abs(Date.parse(String(listed?.nextAttemptAt)) - nextAt) < 5_000)
    t.match(await claimDue(ledger, 10, 70_000), [{ id, tries: 1 }])
    await ledger.recordDeliveryResult(createResult(id, 'delivered'))
    t.same(typesOf(await claimDue(ledger)), ['transfer.picked_up'], 'the next delivery is due at once')
  })

  given(
    'a delivery that waits for its next attempt, when another event of the transfer is queued, then its delivery waits as long; when the first one has ended, then it is due',
    async (t, open) => {
      const ledger = await open()
      const initiated = await createInitiated(ledger)
      const [first] = await claimDue(ledger)
      await ledger.recordDeliveryResult(createResult(String(first?.id), 'pending', Date.now() + 60_000))
      await ledger.writeChange(createChange(initiated, 'picked_up'))
      t.same(await claimDue(ledger), [])
      const next = await ledger.findNextDeliveryAt(crmEndpoint)
      t.ok(next !== undefined && next > Date.now() + 30_000)
      const [second, waiting] = (await ledger.listDeliveries({ limit: 10 })).items
      t.equal(second?.nextAttemptAt, waiting?.nextAttemptAt, 'the list shows the same time for both')
      t.match(await ledger.redeliver(String(first?.id)), { tries: 0 })
      t.match(await claimDue(ledger), [{ id: String(first?.id) }])
      await ledger.recordDeliveryResult(createResult(String(first?.id), 'exhausted'))
      t.same(typesOf(await claimDue(ledger)), ['transfer.picked_up'])
    },
  )

  for (const state of ['exhausted', 'refused'] as const) {
    given(
      `a delivery that is ${state}, when the next one of its transfer is due, then the next one is claimed; when the first is redelivered, then its schedule starts again`,
      async (t, open) => {
        const ledger = await open()
        const record = await createPickedUp(ledger)
        const id = String((await claimDue(ledger))[0]?.id)
        await ledger.recordDeliveryResult(createResult(id, state))
        const [second] = await claimDue(ledger)
        t.equal(second?.type, 'transfer.picked_up')
        await ledger.recordDeliveryResult(createResult(String(second?.id), 'delivered'))
        t.match((await ledger.listDeliveries({ states: [state], limit: 10 })).items, [{ id, nextAttemptAt: null }])
        t.match(await ledger.redeliver(id), { id, state: 'pending', tries: 0, attempts: [{ status: 500 }] })
        t.match(await claimDue(ledger), [{ id, tries: 0 }])
        await ledger.recordDeliveryResult(createResult(id, 'delivered'))
        t.match(
          (await ledger.listDeliveries({ states: ['delivered'], limit: 10 })).items.find((delivery) => delivery.id === id),
          { tries: 1, attempts: [{ status: 500 }, { status: 200 }] },
        )
        t.same((await readStatuses(ledger, record.id)).length, 4, 'the trail of the transfer has its four states, and no redelivery')
      },
    )
  }

  given(
    'a delivery that a living node has claimed, when any node claims, then it does not get it; when the first node is closed, then another gets it',
    async (t, open) => {
      const [ledger, otherLedger] = [await open(), await open()]
      const record = await createInitiated(ledger)
      t.match(await claimDue(ledger), [{ transferId: record.id }])
      t.same([await claimDue(ledger), await claimDue(otherLedger), await otherLedger.findNextDeliveryAt(crmEndpoint)], [[], [], undefined])
      await ledger.close()
      t.match(await claimDue(otherLedger), [{ transferId: record.id }])
    },
  )

  given(
    'a delivery that another node took over, when the former owner records a result, then the delivery is unchanged',
    async (t, open) => {
      // Nothing renews this lease, so it expires within the test.
      const expired = await open({ leaseMs: 60 })
      const successor = await open()
      await createInitiated(expired)
      const [claimed] = await claimDue(expired)
      const id = String(claimed?.id)
      await waitFor(async () => {
        // Removes expired nodes, and claims no transfer.
        await successor.claimTransfers(0)
        return (await claimDue(successor)).some((delivery) => delivery.id === id)
      }, 'the takeover')
      await expired.recordDeliveryResult(createResult(id, 'exhausted'))
      t.match((await successor.listDeliveries({ limit: 10 })).items, [{ id, state: 'pending', attempts: [] }])
      await successor.recordDeliveryResult(createResult(id, 'delivered'))
      t.match((await successor.listDeliveries({ limit: 10 })).items, [{ id, state: 'delivered', tries: 1 }])
    },
  )

  given('a result whose commit may have failed, when it is recorded again, then it is stored once', async (t, open) => {
    const ledger = await open()
    const record = await createInitiated(ledger)
    const audit = {
      conversationId: record.conversationId,
      actionId: record.id,
      status: 'delivery_delivered',
      latencyMs: null,
      pickupTime: null,
      depth: null,
      stage: 'webhook' as const,
      code: null,
      caller: null,
      detail: {},
    }
    const result = { ...createResult(String((await claimDue(ledger))[0]?.id), 'delivered'), audit }
    await ledger.recordDeliveryResult(result)
    await ledger.recordDeliveryResult(result)
    t.match((await ledger.listDeliveries({ limit: 10 })).items, [{ state: 'delivered', tries: 1, attempts: [{ status: 200 }] }])
    t.equal((await readStatuses(ledger, record.id)).filter((status) => status === 'delivery_delivered').length, 1)
  })

  given(
    'an attempt that is under way, when the delivery is redelivered, then the redelivery is refused until the attempt is over',
    async (t, open) => {
      const ledger = await open()
      await createInitiated(ledger)
      const id = String((await claimDue(ledger))[0]?.id)
      await t.rejects(ledger.redeliver(id), { name: 'DeliveryUnderWay' })
      t.same(await claimDue(ledger), [], 'no second attempt starts beside it')
      await ledger.recordDeliveryResult(createResult(id, 'exhausted', null))
      t.same(await claimDue(ledger), [])
      t.match(await ledger.redeliver(id), { id, state: 'pending', tries: 0 })
      t.match(await claimDue(ledger), [{ id }])
      t.equal(await ledger.redeliver('evt_unknown'), undefined)
    },
  )

  given('many deliveries, when several nodes claim them in parts at once, then each goes to one of them', async (t, open) => {
    const ledgers = [await open(), await open()]
    for (let count = 0; count < 20; count++) await createInitiated(ledgers[count % 2] as Ledger)
    const parts = await Promise.all(ledgers.flatMap((ledger) => [claimDue(ledger, 4), claimDue(ledger, 4), claimDue(ledger, 4)]))
    const ids = parts.flat().map(({ id }) => id)
    t.ok(parts.every((part) => part.length <= 4))
    t.equal(new Set(ids).size, ids.length)
    const remaining = await Promise.all(ledgers.map((ledger) => claimDue(ledger, 50)))
    t.equal(new Set([...ids, ...remaining.flat().map(({ id }) => id)]).size, 20)
    t.same(await ledgers[0]?.findNextDeliveryAt(crmEndpoint), undefined)
  })

  given('a delivery with more than fifty failed attempts, then only the last fifty are kept', async (t, open) => {
    const ledger = await open()
    await createInitiated(ledger)
    for (let tries = 0; tries < 53; tries++) {
      const [delivery] = await claimDue(ledger)
      await ledger.recordDeliveryResult({
        id: String(delivery?.id),
        state: 'pending',
        // The duration serves as the number of the attempt.
        attempt: { ...createAttempt(500), durationMs: tries },
        nextAt: Date.now() - 1_000,
      })
    }
    const [delivery] = (await ledger.listDeliveries({ limit: 1 })).items
    t.equal(delivery?.tries, 53)
    t.same(
      delivery?.attempts.map(({ durationMs }) => durationMs),
      Array.from({ length: 50 }, (_, index) => index + 3),
    )
  })

  given('deliveries of several transfers, when they are listed in pages, then each is listed once, newest first', async (t, open) => {
    const ledger = await open()
    const records = [await createPickedUp(ledger), await createPickedUp(ledger), await createInitiated(ledger)]
    const all = await readAllPages((cursor) => ledger.listDeliveries({ limit: 2, ...(cursor && { cursor }) }))
    t.same(typesOf(all), ['transfer.initiated', 'transfer.picked_up', 'transfer.initiated', 'transfer.picked_up', 'transfer.initiated'])
    t.same(
      all.map(({ transferId }) => transferId),
      [2, 1, 1, 0, 0].map((index) => records[index]?.id),
    )
    t.same(typesOf((await ledger.listDeliveries({ transferId: String(records[0]?.id), limit: 10 })).items), [
      'transfer.picked_up',
      'transfer.initiated',
    ])
    t.same(await ledger.listDeliveries({ states: ['delivered'], limit: 10 }), { items: [], nextCursor: null })
  })

  given(
    'a listener for queued deliveries, when a delivery is queued, then the listener is called; when a change has no event, then it is not',
    async (t, open) => {
      const ledger = await open()
      let calls = 0
      ledger.onDeliveryQueued(() => calls++)
      t.equal(await ledger.findNextDeliveryAt(crmEndpoint), undefined)
      const executing = await moveThrough(ledger, await openAccepted(ledger), 'executing')
      // A ledger whose connection to the other nodes was just opened calls once too, because it may have missed a notification.
      const callsBefore = calls
      t.ok(callsBefore <= 1)
      await ledger.writeChange(createChange(executing, 'initiated', { initiatedAt: 1 }))
      t.ok(calls > callsBefore)
      const callsAfterChange = calls
      await ledger.redeliver(String((await ledger.listDeliveries({ limit: 1 })).items[0]?.id))
      t.ok(calls > callsAfterChange)
    },
  )
}
