import pg from 'pg'
import { until } from '../../support/until.ts'
import { opener } from '../conformance.ts'
import { accepted, crmEndpoint, draft, dueBy, through, wholeAudit } from '../scene.ts'
import { serverForFile } from './server.ts'

const { server, given } = await serverForFile()

given('an empty database, when several nodes open it at once, then the tables are made once and all can write', async (t) => {
  const url = await server.fresh()
  const open = opener(t, url)
  const nodes = await Promise.all(Array.from({ length: 5 }, () => open()))
  await Promise.all(nodes.map((node) => node.note(draft('here'))))
  t.equal((await wholeAudit(await open())).length, 5)
  t.match(await server.sql('SELECT version FROM ledger_version', [], url), { length: 1 })
})

given('a database of a newer version, when it is opened, then that is refused in plain words and nothing is changed', async (t) => {
  const url = await server.fresh()
  await (await opener(t, url)()).close()
  await server.sql('UPDATE ledger_version SET version = 999', [], url)
  await t.rejects(opener(t, url)(), { name: 'StoreUnavailable', message: /written by a newer version \(999, this one knows \d+\)/ })
  t.match(await server.sql('SELECT version FROM ledger_version', [], url), [{ version: 999 }])
})

given('a node that listens, when another queues a delivery, then it is woken', async (t) => {
  const open = opener(t, await server.fresh())
  const [teller, listener] = [await open(), await open()]
  let calls = 0
  listener.onDelivery(() => calls++)
  const initiated = await through(teller, await accepted(teller), 'executing', 'initiated')
  // The first call comes when it begins to listen, or else for this delivery; from then on each is a delivery's.
  await until(() => calls > 0, 'the first call')
  for (let round = 0; round < 3; round++) {
    const before = calls
    await teller.redeliver(String((await teller.deliveries({ transferId: initiated.id, limit: 1 })).items[0]?.id))
    await until(() => calls > before, 'a call')
  }
  t.match(await listener.dueDeliveries(dueBy(Date.now(), 1)), [{ transferId: initiated.id }])
})

given(
  'a node whose listening connection is killed, when it listens again, then it is called, for what it may have missed, and woken as before',
  async (t) => {
    const url = await server.fresh()
    const open = opener(t, url)
    const [teller, listener] = [await open(), await open()]
    let calls = 0
    listener.onDelivery(() => calls++)
    const { id } = await through(teller, await accepted(teller), 'executing', 'initiated')
    await until(() => calls > 0, 'the first call')
    const before = calls
    await until(
      async () =>
        (
          await server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query LIKE '%pg_notify%' AND pid <> pg_backend_pid()",
            [],
            url,
          )
        ).length > 0,
      'the listening connections',
    )
    await until(() => calls > before, 'the call that something may have been missed')
    const delivery = String((await teller.deliveries({ transferId: id, limit: 1 })).items[0]?.id)
    const heard = calls
    await until(async () => {
      await teller.redeliver(delivery)
      return calls > heard
    }, 'a call')
    t.ok(calls > heard)
  },
)

given('work that another node is just taking, when work is claimed, then it is passed over and not waited for', async (t) => {
  const url = await server.fresh()
  const open = opener(t, url)
  const gone = await open()
  for (let count = 0; count < 5; count++) await through(gone, await accepted(gone), 'executing', 'initiated')
  await gone.close()
  const ledger = await open()
  const taking = new pg.Client({ connectionString: url })
  await taking.connect()
  await taking.query('BEGIN')
  const taken = (await taking.query<{ id: string }>('SELECT id FROM transfers ORDER BY id LIMIT 2 FOR UPDATE')).rows.map(({ id }) => id)
  await taking.query('SELECT id FROM deliveries WHERE transfer_id = ANY($1) FOR UPDATE', [taken])
  const claimed = await ledger.claim(10)
  t.equal(claimed.length, 3)
  t.equal((await ledger.dueDeliveries(dueBy(Date.now(), 10))).length, 3)
  t.notOk(claimed.some(({ id }) => taken.includes(id)))
  await taking.query('ROLLBACK')
  t.same((await ledger.claim(10)).map(({ id }) => id).toSorted(), taken)
  t.equal((await ledger.dueDeliveries(dueBy(Date.now(), 10))).length, 2)
  await taking.end()
})

given("a lease that has run out by the database's clock alone, when it is renewed, then it had run out", async (t) => {
  const url = await server.fresh()
  const ledger = await opener(t, url)({ leaseMs: 60_000 })
  const lease = ledger.lease()
  await server.sql('UPDATE nodes SET lease_until = 1', [], url)
  t.equal(lease.holds(), true, 'which the node cannot know')
  t.equal(await ledger.renew(), false)
  t.equal(lease.holds(), false)
  t.equal(ledger.lease().holds(), true)
  t.equal(await ledger.renew(), true)
})

given("nodes whose clocks are hours apart, then leases and due times go by the database's clock", async (t) => {
  const open = opener(t, await server.fresh())
  const hours = 7_200_000
  const [early, late] = [await open({ clock: () => Date.now() - hours }), await open({ clock: () => Date.now() + hours })]
  const record = await through(late, await accepted(late), 'executing', 'initiated')
  t.same(await early.claim(10), [], 'the other lives')
  t.same(await late.claim(10), [])
  t.same([early.lease().holds(), late.lease().holds(), await early.renew(), await late.renew()], [true, true, true, true])
  const next = await early.nextDeliveryAt(crmEndpoint)
  t.ok(next !== undefined && next <= Date.now() - hours, 'due, by the clock of the one who asks')
  const [due] = await early.dueDeliveries(dueBy(Date.now() - hours, 10))
  t.match(due, { transferId: record.id })
  await early.settleDelivery({
    id: String(due?.id),
    state: 'pending',
    attempt: { at: new Date().toISOString(), status: 500, error: null, durationMs: 1 },
    nextAt: Date.now() - hours + 60_000,
  })
  t.same(await late.dueDeliveries(dueBy(Date.now() + hours, 10)), [], 'a minute from now, for everybody')
  t.equal((await late.dueDeliveries(dueBy(Date.now() + hours + 61_000, 10))).length, 1)
})
