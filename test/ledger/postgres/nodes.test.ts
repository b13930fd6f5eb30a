/** Several nodes on one PostgreSQL database: migration, notifications, claims and clocks. */
import pg from 'pg'
import { toStoredTarget } from '../../../src/model/target.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { claimDueBy, createDraft, crmEndpoint, moveThrough, openAccepted, readWholeAudit } from '../fixtures.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile({ isPatient: true })

given('an empty database, when several nodes open it at once, then the tables are created once and all nodes can write', async (t) => {
  const url = await server.createDatabase()
  const open = createOpener(t, url)
  const ledgers = await Promise.all(Array.from({ length: 5 }, () => open()))
  await Promise.all(ledgers.map((ledger) => ledger.appendAudit(createDraft('opened'))))
  t.equal((await readWholeAudit(await open())).length, 5)
  t.match(await server.sql('SELECT version FROM ledger_version', [], url), { length: 1 })
})

given('a database of a newer version, when it is opened, then that is refused with a clear message and nothing is changed', async (t) => {
  const url = await server.createDatabase()
  await (await createOpener(t, url)()).close()
  await server.sql('UPDATE ledger_version SET version = 999', [], url)
  await t.rejects(createOpener(t, url)(), { name: 'StoreUnavailable', message: /written by a newer version \(999, this one knows \d+\)/ })
  t.match(await server.sql('SELECT version FROM ledger_version', [], url), [{ version: 999 }])
})

given('transfers that a node of an earlier version has written, when they are counted in groups, then each is in its group', async (t) => {
  const url = await server.createDatabase()
  const ledger = await createOpener(t, url)()
  const toQueue = (queueId: string) =>
    toStoredTarget({ type: 'queue', queueId, skillIds: [], languageId: null, priority: 0, usedFallback: false })
  const toAgent = toStoredTarget({ type: 'agent', userId: 'a', priority: 0, usedFallback: true })
  for (const fields of [{ resolvedTarget: toQueue('chosen') }, { resolvedTarget: toAgent }, {}, { queueIds: [''] }])
    await openAccepted(ledger, { queueIds: ['asked'], requestedBy: 'bot', ...fields })
  const readGroups = async () => [
    await ledger.summarizeGroups('queue', 10, 0, Date.now() + 60_000),
    await ledger.summarizeGroups('caller', 10, 0, Date.now() + 60_000),
  ]
  const groups = await readGroups()
  t.match(groups, [
    [
      { value: null, total: 2 },
      { value: 'asked', total: 1 },
      { value: 'chosen', total: 1 },
    ],
    [{ value: 'bot', total: 4 }],
  ])
  await server.sql('UPDATE transfers SET queue_id = NULL, requested_by = NULL', [], url)
  t.same(await readGroups(), groups)
})

given('a node that follows changes, when another node writes one, then it is notified and can read it', async (t) => {
  const open = createOpener(t, await server.createDatabase())
  const [writer, follower] = [await open(), await open()]
  let calls = 0
  follower.onChanged(() => calls++)
  const after = await follower.findLastChangeNumber()
  const { id } = await openAccepted(writer)
  await waitFor(async () => (await follower.readChanges(after, 10)).some(({ transferId }) => transferId === id), 'the change')
  await waitFor(() => calls > 0, 'the notification')
  const [change] = await follower.readChanges(after, 10)
  t.match(change, { transferId: id, status: 'accepted', seq: after + 1 })
  t.same(await follower.readChanges(after + 5, 10, [after + 1, after + 400]), [change], 'a missing number is read if it is there')
  t.match(await follower.findTransfers([id, 'unknown']), [{ id }])
})

given(
  'a node that writes many changes, when it notifies the others, then it does so a few times a second, and after the last change',
  async (t) => {
    const url = await server.createDatabase()
    const writer = await createOpener(t, url)()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    t.teardown(() => client.end())
    let notifications = 0
    client.on('notification', () => notifications++)
    await client.query('LISTEN handoff_changes')
    const startedAt = performance.now()
    for (let count = 0; count < 200; count++) await writer.appendAudit(createDraft(`event ${count}`))
    const before = notifications
    await writer.appendAudit(createDraft('the last'))
    await waitFor(() => notifications > before, 'a notification after the last change')
    const most = Math.ceil((performance.now() - startedAt) / 100) + 1
    t.ok(notifications <= most, `${notifications} notifications, at most ${most}`)
  },
)

given('a node that listens, when another node queues a delivery, then it is notified', async (t) => {
  const open = createOpener(t, await server.createDatabase())
  const [sender, listener] = [await open(), await open()]
  let listenerCalls = 0
  listener.onDeliveryQueued(() => listenerCalls++)
  const initiated = await moveThrough(sender, await openAccepted(sender), 'executing', 'initiated')
  // The listener is called when the node begins to listen, or for this delivery. From then on, each call is for a delivery.
  await waitFor(() => listenerCalls > 0, 'the first call')
  for (let count = 0; count < 3; count++) {
    const callsBefore = listenerCalls
    await sender.redeliver(String((await sender.listDeliveries({ transferId: initiated.id, limit: 1 })).items[0]?.id))
    await waitFor(() => listenerCalls > callsBefore, 'a call')
  }
  t.match(await listener.claimDeliveries(claimDueBy(Date.now(), 1)), [{ transferId: initiated.id }])
})

/** What nodes of this database are notified of. */
async function listenForDeliveries(t: TapTest, url: string): Promise<string[]> {
  const notified: string[] = []
  const otherNode = new pg.Client({ connectionString: url })
  await otherNode.connect()
  t.teardown(() => otherNode.end())
  otherNode.on('notification', ({ payload = '' }) => notified.push(payload))
  await otherNode.query('LISTEN handoff_deliveries')
  return notified
}

given('a node whose own listener claims deliveries, when it queues one, then it does not notify the other nodes', async (t) => {
  const url = await server.createDatabase()
  const sender = await createOpener(t, url)()
  const notified = await listenForDeliveries(t, url)
  const { id } = await moveThrough(sender, await openAccepted(sender), 'executing', 'initiated')
  const deliveryId = String((await sender.listDeliveries({ transferId: id, limit: 1 })).items[0]?.id)
  await waitFor(() => notified.length === 1, 'the notification about the first delivery')
  let claimsItself = false
  sender.onDeliveryQueued(() => claimsItself)
  await sender.redeliver(deliveryId)
  await waitFor(() => notified.length === 2, 'a notification about a delivery that the node does not claim')
  claimsItself = true
  for (let count = 0; count < 3; count++) await sender.redeliver(deliveryId)
  // Notifications arrive in the order in which they were sent.
  await server.sql("NOTIFY handoff_deliveries, 'another node'", [], url)
  await waitFor(() => notified.includes('another node'), 'the last notification')
  t.equal(notified.length, 3)
})

given(
  'a node whose connection for notifications is lost, when it queues a delivery, then the others are notified once it has another',
  async (t) => {
    const url = await server.createDatabase()
    const sender = await createOpener(t, url)()
    const notified = await listenForDeliveries(t, url)
    const { id } = await moveThrough(sender, await openAccepted(sender), 'executing', 'initiated')
    await waitFor(() => notified.length === 1, 'the notification about the first delivery')
    const connections = "pg_stat_activity WHERE application_name = 'handoff' AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%')"
    t.equal((await server.sql(`SELECT pg_terminate_backend(pid) FROM ${connections} AND datname = current_database()`, [], url)).length, 1)
    await sender.redeliver(String((await sender.listDeliveries({ transferId: id, limit: 1 })).items[0]?.id))
    await waitFor(() => notified.length === 2, 'the notification about what was queued meanwhile')
  },
)

given(
  'a node whose listening connection is killed, when it listens again, then its listeners are called for what it may have missed, and it is notified as before',
  async (t) => {
    const url = await server.createDatabase()
    const open = createOpener(t, url)
    const [sender, listener] = [await open(), await open()]
    let listenerCalls = 0
    listener.onDeliveryQueued(() => listenerCalls++)
    const { id } = await moveThrough(sender, await openAccepted(sender), 'executing', 'initiated')
    await waitFor(() => listenerCalls > 0, 'the first call')
    const callsBeforeKill = listenerCalls
    await waitFor(
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
    await waitFor(() => listenerCalls > callsBeforeKill, 'the call after listening again')
    const deliveryId = String((await sender.listDeliveries({ transferId: id, limit: 1 })).items[0]?.id)
    const callsBefore = listenerCalls
    await waitFor(async () => {
      await sender.redeliver(deliveryId)
      return listenerCalls > callsBefore
    }, 'a call')
    t.ok(listenerCalls > callsBefore)
  },
)

given('rows that another node is claiming, when this node claims, then it skips them and does not wait', async (t) => {
  const url = await server.createDatabase()
  const open = createOpener(t, url)
  const closedNode = await open()
  for (let count = 0; count < 5; count++) await moveThrough(closedNode, await openAccepted(closedNode), 'executing', 'initiated')
  await closedNode.close()
  const ledger = await open()
  const otherClient = new pg.Client({ connectionString: url })
  await otherClient.connect()
  await otherClient.query('BEGIN')
  const { rows } = await otherClient.query<{ id: string }>('SELECT id FROM transfers ORDER BY id LIMIT 2 FOR UPDATE')
  const lockedIds = rows.map(({ id }) => id)
  await otherClient.query('SELECT id FROM deliveries WHERE transfer_id = ANY($1) FOR UPDATE', [lockedIds])
  const claimed = await ledger.claimTransfers(10)
  t.equal(claimed.length, 3)
  t.equal((await ledger.claimDeliveries(claimDueBy(Date.now(), 10))).length, 3)
  t.notOk(claimed.some(({ id }) => lockedIds.includes(id)))
  await otherClient.query('ROLLBACK')
  t.same((await ledger.claimTransfers(10)).map(({ id }) => id).toSorted(), lockedIds)
  t.equal((await ledger.claimDeliveries(claimDueBy(Date.now(), 10))).length, 2)
  await otherClient.end()
})

given(
  "a lease that has expired by the database's clock alone, when it is renewed, then the renewal reports that it had expired",
  async (t) => {
    const url = await server.createDatabase()
    const ledger = await createOpener(t, url)({ leaseMs: 60_000 })
    const lease = ledger.currentLease()
    await server.sql('UPDATE nodes SET lease_until = 1', [], url)
    t.equal(lease.isValid(), true, 'the node does not know yet')
    t.equal(await ledger.renewLease(), false)
    t.equal(lease.isValid(), false)
    t.equal(ledger.currentLease().isValid(), true)
    t.equal(await ledger.renewLease(), true)
  },
)

given("nodes whose clocks are hours apart, then leases and due times follow the database's clock", async (t) => {
  const open = createOpener(t, await server.createDatabase())
  const offsetMs = 7_200_000
  const [slow, fast] = [await open({ clock: () => Date.now() - offsetMs }), await open({ clock: () => Date.now() + offsetMs })]
  const record = await moveThrough(fast, await openAccepted(fast), 'executing', 'initiated')
  t.same(await slow.claimTransfers(10), [], 'the other node is alive')
  t.same(await fast.claimTransfers(10), [])
  t.same(
    [slow.currentLease().isValid(), fast.currentLease().isValid(), await slow.renewLease(), await fast.renewLease()],
    [true, true, true, true],
  )
  const next = await slow.findNextDeliveryAt(crmEndpoint)
  t.ok(next !== undefined && next <= Date.now() - offsetMs, "due, by this node's clock")
  const [delivery] = await slow.claimDeliveries(claimDueBy(Date.now() - offsetMs, 10))
  t.match(delivery, { transferId: record.id })
  await slow.recordDeliveryResult({
    id: String(delivery?.id),
    state: 'pending',
    attempt: { at: new Date().toISOString(), status: 500, error: null, durationMs: 1 },
    nextAt: Date.now() - offsetMs + 60_000,
  })
  t.same(await fast.claimDeliveries(claimDueBy(Date.now() + offsetMs, 10)), [], 'due in a minute, for every node')
  t.equal((await fast.claimDeliveries(claimDueBy(Date.now() + offsetMs + 61_000, 10))).length, 1)
})

given(
  "a node that has died, when the database's clock was set back since, then its transfers are claimed once a lease has passed",
  async (t) => {
    const url = await server.createDatabase()
    const open = createOpener(t, url)
    const dead = await open({ leaseMs: 60 })
    const { id } = await openAccepted(dead)
    await server.sql('UPDATE nodes SET lease_until = lease_until + 3600000', [], url)
    const successor = await open({ leaseMs: 60 })
    const claimed = await waitFor(async () => (await successor.claimTransfers(10)).at(0), 'the claim')
    t.match(claimed, { id, owner: successor.nodeId })
  },
)
