import { StoreUnavailable, type Change, type Ledger } from '../../../src/ledger/ledger.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { aRecord } from '../../support/record.ts'
import { until } from '../../support/until.ts'
import { opener } from '../conformance.ts'
import { accepted, change, conversation, draft, dueBy, insist, opening, settled, sound, statuses, taken, through } from '../scene.ts'
import { serverForFile } from './server.ts'
import { wireTo } from './wire.ts'

const { server, given } = await serverForFile()

const course = (record: TransferRecord): Change[] => {
  const executing = change(record, 'executing')
  const initiated = change(executing.record, 'initiated', { initiatedAt: 1 })
  return [executing, initiated, change(initiated.record, 'picked_up')]
}

given(
  'a database that goes away, when the ledger is asked, then it says so; when the database is back, then the ledger heals by itself and has lost nothing',
  async (t) => {
    const open = opener(t, await server.fresh())
    const [ledger, other] = [await open({ leaseMs: 60_000 }), await open({ leaseMs: 60_000 })]
    let heard = 0
    other.onDelivery(() => heard++)
    const first = await accepted(ledger)
    await server.power?.kill()
    const asking: Array<() => Promise<unknown>> = [
      () => ledger.note(draft('lost')),
      () => ledger.transfer(first.id),
      () => ledger.claim(1),
      () => ledger.renew(),
      () => ledger.probe(),
      () => accepted(ledger),
      () => ledger.dueDeliveries(dueBy(Date.now(), 1)),
    ]
    for (const ask of asking) await t.rejects(ask(), StoreUnavailable)
    t.equal(ledger.lease().holds(), true, 'the lease was given by the database, and runs on without it')
    await server.power?.start()
    const initiated = await insist(() => through(ledger, first, 'executing')).then((executing) =>
      change(executing, 'initiated', { initiatedAt: 1 }),
    )
    await insist(() => ledger.record(initiated))
    t.same(await insist(() => other.transfer(first.id)), initiated.record)
    t.same(await statuses(ledger, first.id), ['accepted', 'executing', 'initiated'])
    t.ok(await sound(ledger))
    t.equal(await ledger.renew(), true)
    // Whoever listens hears again: a call when it listens anew, and one for what is queued after that.
    for (const what of ['the call that something may have been missed', 'a call for a delivery']) {
      const before = heard
      await until(async () => {
        await ledger.redeliver(String(initiated.events?.[0]?.id))
        return heard > before
      }, what)
    }
  },
  'power',
)

given('a database that is not there, when a ledger is opened, then it says so and not the password', async (t) => {
  const url = Object.assign(new URL(await server.fresh()), { port: '1', password: 'hunter2' }).href
  const error = await opener(t, url)().then(
    () => undefined,
    (reason: unknown) => reason as Error,
  )
  t.type(error, StoreUnavailable)
  t.notMatch(String(error?.stack), 'hunter2')
})

given(
  'connections that are killed again and again while transfers are carried, then every write is there once and the audit chains hold',
  async (t) => {
    const url = await server.fresh()
    const open = opener(t, url)
    const nodes = [await open({ leaseMs: 60_000 }), await open({ leaseMs: 60_000 })] as [Ledger, Ledger]
    let carrying = true
    const carried = Promise.all(
      Array.from({ length: 24 }, async (_, place) => {
        const node = nodes[place % 2] as Ledger
        // An opening of unknown fate may have left a transfer behind that nobody carries; this one's own is found by its key.
        const conversationId = conversation()
        const opened = await insist(() => node.open(opening(aRecord({ conversationId }), conversationId)))
        const record = opened.outcome === 'running' ? opened.record : taken(opened)
        for (const written of course(record)) await insist(() => node.record(written))
        return record.id
      }),
    )
    let kills = 0
    const killing = (async () => {
      while (carrying) {
        const rows = await server.sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'handoff' AND datname = current_database() AND state <> 'idle'",
          [],
          url,
        )
        kills += rows.length
      }
    })()
    const ids = await carried
    carrying = false
    await killing
    t.ok(kills > 0, 'some were killed in the middle')
    for (const id of ids) {
      t.same(await insist(() => statuses(nodes[0], id)), ['accepted', 'executing', 'initiated', 'picked_up'])
      t.same(
        (await nodes[0].deliveries({ transferId: id, limit: 10 })).items.map(({ type }) => type),
        ['transfer.picked_up', 'transfer.initiated'],
      )
    }
    t.ok(await sound(nodes[0]))
  },
)

given('a commit whose answer is lost, when the same is written again, then it was written once', async (t) => {
  const wire = await wireTo(t, await server.fresh())
  const ledger = await opener(t, wire.url)({ leaseMs: 60_000 })
  const first = await accepted(ledger)
  for (const [place, written] of course(first).entries()) {
    wire.loseNextCommit()
    await t.rejects(ledger.record(written), StoreUnavailable)
    t.equal(wire.lost, place + 1)
    await insist(() => ledger.record(written))
  }
  t.same(await statuses(ledger, first.id), ['accepted', 'executing', 'initiated', 'picked_up'])
  t.equal((await ledger.deliveries({ transferId: first.id, limit: 10 })).items.length, 2)

  const [due] = await ledger.dueDeliveries(dueBy(Date.now() + 50, 10))
  wire.loseNextCommit()
  const result = settled(String(due?.id), 'delivered')
  await t.rejects(ledger.settleDelivery(result), StoreUnavailable)
  await insist(() => ledger.settleDelivery(result))
  t.match((await ledger.deliveries({ states: ['delivered'], limit: 10 })).items, [{ tries: 1, attempts: [{ status: 200 }] }])
  t.ok(await sound(ledger))
})

given(
  'an opening whose answer is lost, when the same is asked again, then it is that transfer, and it is found among the strays',
  async (t) => {
    const wire = await wireTo(t, await server.fresh())
    const ledger = await opener(t, wire.url)({ leaseMs: 60_000 })
    const record = aRecord()
    wire.loseNextCommit()
    await t.rejects(ledger.open(opening(record)), StoreUnavailable)
    t.match(await insist(() => ledger.open(opening(aRecord()))), { outcome: 'same', record: { id: record.id } })
    t.match(await ledger.strays(Date.now() + 1_000), [{ id: record.id, state: 'accepted' }])
  },
)

given('work that was taken in a commit whose answer is lost, when more is taken, then it is handed out, once', async (t) => {
  const url = await server.fresh()
  const gone = await opener(t, url)()
  const orphans = await Promise.all([1, 2, 3].map(async () => through(gone, await accepted(gone), 'executing', 'initiated')))
  await gone.close()
  const wire = await wireTo(t, url)
  const ledger = await opener(t, wire.url)({ leaseMs: 60_000 })
  wire.loseNextCommit()
  await t.rejects(ledger.claim(2), StoreUnavailable)
  const claimed = await insist(() => ledger.claim(2))
  t.same(claimed.map(({ id }) => id).toSorted(), orphans.map(({ id }) => id).toSorted())
  t.ok(claimed.every(({ owner, fence }) => owner === ledger.node && fence === 2))
  t.same(await ledger.claim(10), [])

  wire.loseNextCommit()
  await t.rejects(ledger.dueDeliveries(dueBy(Date.now() + 50, 2)), StoreUnavailable)
  const due = await insist(() => ledger.dueDeliveries(dueBy(Date.now() + 50, 2)))
  t.same(due.map(({ transferId }) => transferId).toSorted(), orphans.map(({ id }) => id).toSorted())
  t.same(await ledger.dueDeliveries(dueBy(Date.now() + 50, 10)), [])
})

given(
  'a network that swallows everything, when the ledger is asked, then it gives up in the end; when the network is back, then it goes on',
  async (t) => {
    const wire = await wireTo(t, await server.fresh())
    const ledger = await opener(t, wire.url)({ leaseMs: 60_000 })
    const first = await accepted(ledger)
    wire.silence()
    const asked = await Promise.allSettled([
      ledger.note(draft('lost')),
      ledger.record(change(first, 'executing')),
      ledger.transfer(first.id),
      ledger.renew(),
      ...Array.from({ length: 12 }, () => ledger.probe()),
    ])
    t.ok(asked.every((one) => one.status === 'rejected' && one.reason instanceof StoreUnavailable))
    wire.restore()
    await insist(() => ledger.record(change(first, 'executing')))
    t.same(await statuses(ledger, first.id), ['accepted', 'executing'])
    t.ok(await sound(ledger))
  },
)
