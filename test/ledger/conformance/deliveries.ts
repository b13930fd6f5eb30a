import type { Ledger } from '../../../src/ledger/ledger.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { until } from '../../support/until.ts'
import type { Given } from '../conformance.ts'
import { accepted, attempt, change, crmEndpoint, dueBy, pages, settled, statuses, through } from '../scene.ts'

/** A transfer with events for `initiated` and then `picked_up`. */
const pickedUp = async (ledger: Ledger): Promise<TransferRecord> =>
  through(ledger, await accepted(ledger), 'executing', 'initiated', 'picked_up')
const told = async (ledger: Ledger): Promise<TransferRecord> => through(ledger, await accepted(ledger), 'executing', 'initiated')
/** What is due, by now (and a little, since the store's clock may be another) or somewhat later. */
const due = (ledger: Ledger, limit = 10, later = 50) => ledger.dueDeliveries(dueBy(Date.now() + later, limit))
const types = (items: Array<{ type: string }>) => items.map(({ type }) => type)

export function deliveries(given: Given): void {
  given('two events of one transfer, when they are due, then the second is handed out after the first is settled', async (t, open) => {
    const ledger = await open()
    const record = await pickedUp(ledger)
    const [first, ...more] = await due(ledger)
    t.same(more, [])
    t.match(first, {
      transferId: record.id,
      conversationId: record.conversationId,
      type: 'transfer.initiated',
      state: 'pending',
      tries: 0,
      attempts: [],
    })
    t.match(JSON.parse(String(first?.body)), { type: 'transfer.initiated', data: { actionId: record.id } })
    t.same(await due(ledger), [])
    await ledger.settleDelivery(settled(String(first?.id), 'delivered'))
    t.same(types(await due(ledger)), ['transfer.picked_up'])
  })

  given('an attempt that failed, when it is settled with a next time, then the line of that transfer waits until then', async (t, open) => {
    const ledger = await open()
    await pickedUp(ledger)
    const [first] = await due(ledger)
    const id = String(first?.id)
    const nextAt = Date.now() + 60_000
    await ledger.settleDelivery(settled(id, 'pending', nextAt))
    t.same(await due(ledger), [])
    const next = await ledger.nextDeliveryAt(crmEndpoint)
    t.ok(next !== undefined && Math.abs(next - nextAt) < 5_000, 'when it falls due')
    const [listed] = (await ledger.deliveries({ limit: 10 })).items.filter((one) => one.id === id)
    t.match(listed, { tries: 1, state: 'pending', attempts: [{ status: 500, error: null }] })
    t.ok(Math.abs(Date.parse(String(listed?.nextAttemptAt)) - nextAt) < 5_000)
    t.match(await due(ledger, 10, 70_000), [{ id, tries: 1 }])
    await ledger.settleDelivery(settled(id, 'delivered'))
    t.same(types(await due(ledger)), ['transfer.picked_up'], 'what waited behind it goes at once')
  })

  given(
    'a line that waits, when another event of the transfer is queued, then it waits behind; when the line moves, then it goes in its turn',
    async (t, open) => {
      const ledger = await open()
      const initiated = await told(ledger)
      const [first] = await due(ledger)
      await ledger.settleDelivery(settled(String(first?.id), 'pending', Date.now() + 60_000))
      await ledger.record(change(initiated, 'picked_up'))
      t.same(await due(ledger), [])
      const next = await ledger.nextDeliveryAt(crmEndpoint)
      t.ok(next !== undefined && next > Date.now() + 30_000)
      const [second, head] = (await ledger.deliveries({ limit: 10 })).items
      t.equal(second?.nextAttemptAt, head?.nextAttemptAt, 'and says so')
      t.match(await ledger.redeliver(String(first?.id)), { tries: 0 })
      t.match(await due(ledger), [{ id: String(first?.id) }])
      await ledger.settleDelivery(settled(String(first?.id), 'exhausted'))
      t.same(types(await due(ledger)), ['transfer.picked_up'])
    },
  )

  for (const state of ['exhausted', 'refused'] as const) {
    given(
      `a delivery that is ${state}, when the next of its transfer is due, then it goes out; when it is redelivered, then its schedule starts over`,
      async (t, open) => {
        const ledger = await open()
        const record = await pickedUp(ledger)
        const id = String((await due(ledger))[0]?.id)
        await ledger.settleDelivery(settled(id, state))
        const [second] = await due(ledger)
        t.equal(second?.type, 'transfer.picked_up')
        await ledger.settleDelivery(settled(String(second?.id), 'delivered'))
        t.match((await ledger.deliveries({ states: [state], limit: 10 })).items, [{ id, nextAttemptAt: null }])
        t.match(await ledger.redeliver(id), { id, state: 'pending', tries: 0, attempts: [{ status: 500 }] })
        t.match(await due(ledger), [{ id, tries: 0 }])
        await ledger.settleDelivery(settled(id, 'delivered'))
        t.match(
          (await ledger.deliveries({ states: ['delivered'], limit: 10 })).items.find((one) => one.id === id),
          { tries: 1, attempts: [{ status: 500 }, { status: 200 }] },
        )
        t.same((await statuses(ledger, record.id)).length, 4)
      },
    )
  }

  given(
    'deliveries in the hands of a living node, then nobody gets them; when it is gone, then they are handed out again',
    async (t, open) => {
      const [one, other] = [await open(), await open()]
      const first = await told(one)
      t.match(await due(one), [{ transferId: first.id }])
      t.same([await due(one), await due(other), await other.nextDeliveryAt(crmEndpoint)], [[], [], undefined])
      await one.close()
      t.match(await due(other), [{ transferId: first.id }])
    },
  )

  given('a delivery that was taken over, when its former holder settles it, then that changes nothing', async (t, open) => {
    const dead = await open({ leaseMs: 60 })
    const heir = await open()
    await told(dead)
    const [held] = await due(dead)
    const id = String(held?.id)
    await until(async () => {
      await heir.claim(0)
      return (await due(heir)).some((one) => one.id === id)
    }, 'the takeover')
    await dead.settleDelivery(settled(id, 'exhausted'))
    t.match((await heir.deliveries({ limit: 10 })).items, [{ id, state: 'pending', attempts: [] }])
    await heir.settleDelivery(settled(id, 'delivered'))
    t.match((await heir.deliveries({ limit: 10 })).items, [{ id, state: 'delivered', tries: 1 }])
  })

  given('an attempt whose settling had an unknown fate, when it is settled again, then it is noted once', async (t, open) => {
    const ledger = await open()
    const record = await told(ledger)
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
    const result = { ...settled(String((await due(ledger))[0]?.id), 'delivered'), audit }
    await ledger.settleDelivery(result)
    await ledger.settleDelivery(result)
    t.match((await ledger.deliveries({ limit: 10 })).items, [{ state: 'delivered', tries: 1, attempts: [{ status: 200 }] }])
    t.equal((await statuses(ledger, record.id)).filter((status) => status === 'delivery_delivered').length, 1)
  })

  given('a delivery that is being sent, when it is redelivered, then it is not sent a second time beside it', async (t, open) => {
    const ledger = await open()
    await told(ledger)
    const id = String((await due(ledger))[0]?.id)
    t.match(await ledger.redeliver(id), { id, state: 'pending' })
    t.same(await due(ledger), [])
    await ledger.settleDelivery(settled(id, 'pending', Date.now() - 1))
    t.match(await due(ledger), [{ id }])
    t.equal(await ledger.redeliver('evt_unknown'), undefined)
  })

  given('many deliveries, when they are handed out in parts to several nodes at once, then each goes to one of them', async (t, open) => {
    const nodes = [await open(), await open()]
    for (let made = 0; made < 20; made++) await told(nodes[made % 2] as Ledger)
    const parts = await Promise.all(nodes.flatMap((node) => [due(node, 4), due(node, 4), due(node, 4)]))
    const ids = parts.flat().map(({ id }) => id)
    t.ok(parts.every((part) => part.length <= 4))
    t.equal(new Set(ids).size, ids.length)
    const rest = await Promise.all(nodes.map((node) => due(node, 50)))
    t.equal(new Set([...ids, ...rest.flat().map(({ id }) => id)]).size, 20)
    t.same(await nodes[0]?.nextDeliveryAt(crmEndpoint), undefined)
  })

  given('a delivery that fails for days, then its last fifty attempts are kept', async (t, open) => {
    const ledger = await open()
    await told(ledger)
    for (let tries = 0; tries < 53; tries++) {
      const [one] = await due(ledger)
      await ledger.settleDelivery({
        id: String(one?.id),
        state: 'pending',
        attempt: { ...attempt(500), durationMs: tries },
        nextAt: Date.now() - 1_000,
      })
    }
    const [kept] = (await ledger.deliveries({ limit: 1 })).items
    t.equal(kept?.tries, 53)
    t.same(
      kept?.attempts.map(({ durationMs }) => durationMs),
      Array.from({ length: 50 }, (_, place) => place + 3),
    )
  })

  given('deliveries of several transfers, when they are listed in pages, then each is there once, the newest first', async (t, open) => {
    const ledger = await open()
    const records = [await pickedUp(ledger), await pickedUp(ledger), await told(ledger)]
    const all = await pages((cursor) => ledger.deliveries({ limit: 2, ...(cursor && { cursor }) }))
    t.same(types(all), ['transfer.initiated', 'transfer.picked_up', 'transfer.initiated', 'transfer.picked_up', 'transfer.initiated'])
    t.same(
      all.map(({ transferId }) => transferId),
      [2, 1, 1, 0, 0].map((place) => records[place]?.id),
    )
    t.same(types((await ledger.deliveries({ transferId: String(records[0]?.id), limit: 10 })).items), [
      'transfer.picked_up',
      'transfer.initiated',
    ])
    t.same(await ledger.deliveries({ states: ['delivered'], limit: 10 }), { items: [], nextCursor: null })
  })

  given('a listener, when a delivery is queued, then it is called; when nothing is to be told, then not', async (t, open) => {
    const ledger = await open()
    let calls = 0
    ledger.onDelivery(() => calls++)
    t.equal(await ledger.nextDeliveryAt(crmEndpoint), undefined)
    const executing = await through(ledger, await accepted(ledger), 'executing')
    // A ledger that has just begun to hear of other nodes calls as well: something may have been missed.
    const before = calls
    t.ok(before <= 1)
    await ledger.record(change(executing, 'initiated', { initiatedAt: 1 }))
    t.ok(calls > before)
    const heard = calls
    await ledger.redeliver(String((await ledger.deliveries({ limit: 1 })).items[0]?.id))
    t.ok(calls > heard)
  })
}
