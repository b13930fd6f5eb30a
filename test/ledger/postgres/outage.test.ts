/** PostgreSQL that stops, cuts connections, loses responses or does not answer: nothing is lost and nothing happens twice. */
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { Change } from '../../../src/ledger/contract/transfers.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { createTestRecord } from '../../support/transfer-record.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener } from '../conformance.ts'
import {
  claimDueBy,
  createChange,
  createConversationId,
  createDraft,
  createNewTransfer,
  createResult,
  expectAccepted,
  isTrailSound,
  moveThrough,
  openAccepted,
  readStatuses,
  requestTransfer,
  retryWhileUnavailable,
} from '../fixtures.ts'
import { startServerForFile } from './server.ts'
import { startTcpProxy } from './tcp-proxy.ts'

const { server, given } = await startServerForFile()

/** The changes of a transfer from `executing` to the pickup. */
function createAllChanges(record: TransferRecord): Change[] {
  const executing = createChange(record, 'executing')
  const initiated = createChange(executing.record, 'initiated', { initiatedAt: 1 })
  return [executing, initiated, createChange(initiated.record, 'picked_up')]
}

given(
  'a database that stops, when the ledger is used, then each operation fails; when the database is back, then the ledger works again and has lost nothing',
  async (t) => {
    const open = createOpener(t, await server.createDatabase())
    const [ledger, otherLedger] = [await open({ leaseMs: 60_000 }), await open({ leaseMs: 60_000 })]
    let listenerCalls = 0
    otherLedger.onDeliveryQueued(() => listenerCalls++)
    const accepted = await openAccepted(ledger)
    await server.lifecycle?.kill()
    const operations: Array<() => Promise<unknown>> = [
      () => ledger.appendAudit(createDraft('lost')),
      () => ledger.findTransfer(accepted.id),
      () => ledger.claimTransfers(1),
      () => ledger.renewLease(),
      () => ledger.checkWritable(),
      () => openAccepted(ledger),
      () => ledger.claimDeliveries(claimDueBy(Date.now(), 1)),
    ]
    for (const run of operations) await t.rejects(run(), StoreUnavailable)
    t.equal(ledger.currentLease().isValid(), true, 'the lease goes on without the database')
    await server.lifecycle?.start()
    const executing = await retryWhileUnavailable(() => moveThrough(ledger, accepted, 'executing'))
    const initiated = createChange(executing, 'initiated', { initiatedAt: 1 })
    await retryWhileUnavailable(() => ledger.writeChange(initiated))
    t.same(await retryWhileUnavailable(() => otherLedger.findTransfer(accepted.id)), initiated.record)
    t.same(await readStatuses(ledger, accepted.id), ['accepted', 'executing', 'initiated'])
    t.ok(await isTrailSound(ledger))
    t.equal(await ledger.renewLease(), true)
    // Listeners are called once when the node listens again, and then for each delivery.
    for (const expectedCall of ['the call after listening again', 'a call for a delivery']) {
      const callsBefore = listenerCalls
      await waitFor(async () => {
        await ledger.redeliver(String(initiated.events?.[0]?.id))
        return listenerCalls > callsBefore
      }, expectedCall)
    }
  },
  'lifecycle',
)

given(
  'a database that cannot be reached, when a ledger is opened, then it is unavailable, and the error does not contain the password',
  async (t) => {
    const url = Object.assign(new URL(await server.createDatabase()), { port: '1', password: 'hunter2' }).href
    const error = await createOpener(t, url)().then(
      () => undefined,
      (reason: unknown) => reason as Error,
    )
    t.type(error, StoreUnavailable)
    t.notMatch(String(error?.stack), 'hunter2')
  },
)

const enoughKills = 10
const maxTransfers = 3_000

given(
  'connections that are killed again and again while transfers run, then every write is there once and the audit chains are sound',
  async (t) => {
    const url = await server.createDatabase()
    const open = createOpener(t, url)
    const ledgers = [await open({ leaseMs: 60_000 }), await open({ leaseMs: 60_000 })] as [Ledger, Ledger]
    let isRunning = true
    let kills = 0
    const ids: string[] = []
    /** Writes one transfer after the other until enough connections were killed: most transactions are over before they are seen. */
    async function writeTransfers(ledger: Ledger): Promise<void> {
      do {
        // An opening that was reported as failed may have been committed. Its repeat finds the transfer by its key.
        const conversationId = createConversationId()
        const result = await retryWhileUnavailable(() => requestTransfer(ledger, conversationId, conversationId))
        const record = result.outcome === 'running' ? result.record : expectAccepted(result)
        for (const change of createAllChanges(record)) await retryWhileUnavailable(() => ledger.writeChange(change))
        ids.push(record.id)
      } while (kills < enoughKills && ids.length < maxTransfers)
    }
    const transfers = Promise.all(Array.from({ length: 24 }, (_, index) => writeTransfers(ledgers[index % 2] as Ledger)))
    const killer = (async () => {
      while (isRunning) {
        const rows = await server.sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'handoff' AND datname = current_database() AND state <> 'idle'",
          [],
          url,
        )
        kills += rows.length
      }
    })()
    await transfers
    isRunning = false
    await killer
    t.ok(kills > 0, 'connections were killed meanwhile')
    for (const id of ids) {
      t.same(await retryWhileUnavailable(() => readStatuses(ledgers[0], id)), ['accepted', 'executing', 'initiated', 'picked_up'])
      t.same(
        (await retryWhileUnavailable(() => ledgers[0].listDeliveries({ transferId: id, limit: 10 }))).items.map(({ type }) => type),
        ['transfer.picked_up', 'transfer.initiated'],
      )
    }
    t.ok(await retryWhileUnavailable(() => isTrailSound(ledgers[0])))
  },
)

given('a commit whose response is lost, when the same change is written again, then it is there once', async (t) => {
  const proxy = await startTcpProxy(t, await server.createDatabase())
  const ledger = await createOpener(t, proxy.url)({ leaseMs: 60_000 })
  const accepted = await openAccepted(ledger)
  for (const [index, change] of createAllChanges(accepted).entries()) {
    await readStatuses(ledger, accepted.id)
    proxy.loseNextCommitResponse()
    await t.rejects(ledger.writeChange(change), StoreUnavailable)
    t.equal(proxy.lostResponses, index + 1)
    await retryWhileUnavailable(() => ledger.writeChange(change))
  }
  t.same(await readStatuses(ledger, accepted.id), ['accepted', 'executing', 'initiated', 'picked_up'])
  t.equal((await ledger.listDeliveries({ transferId: accepted.id, limit: 10 })).items.length, 2)

  const [delivery] = await ledger.claimDeliveries(claimDueBy(Date.now() + 50, 10))
  await readStatuses(ledger, accepted.id)
  proxy.loseNextCommitResponse()
  const result = createResult(String(delivery?.id), 'delivered')
  await t.rejects(ledger.recordDeliveryResult(result), StoreUnavailable)
  await retryWhileUnavailable(() => ledger.recordDeliveryResult(result))
  t.match((await ledger.listDeliveries({ states: ['delivered'], limit: 10 })).items, [{ tries: 1, attempts: [{ status: 200 }] }])
  t.ok(await isTrailSound(ledger))
})

given(
  'a new transfer whose commit response is lost, when the same is requested again, then the ledger returns the first one, and lists it as stalled',
  async (t) => {
    const proxy = await startTcpProxy(t, await server.createDatabase())
    const ledger = await createOpener(t, proxy.url)({ leaseMs: 60_000 })
    const record = createTestRecord()
    proxy.loseNextCommitResponse()
    await t.rejects(ledger.openTransfer(createNewTransfer(record)), StoreUnavailable)
    t.match(await retryWhileUnavailable(() => ledger.openTransfer(createNewTransfer(createTestRecord()))), {
      outcome: 'same',
      record: { id: record.id },
    })
    t.match(await ledger.findStalled(Date.now() + 1_000), [{ id: record.id, state: 'accepted' }])
  },
)

given('a claim whose commit response is lost, when the node claims again, then it gets the same items, and only once', async (t) => {
  const url = await server.createDatabase()
  const closed = await createOpener(t, url)()
  const orphans = await Promise.all([1, 2, 3].map(async () => moveThrough(closed, await openAccepted(closed), 'executing', 'initiated')))
  await closed.close()
  const proxy = await startTcpProxy(t, url)
  const ledger = await createOpener(t, proxy.url)({ leaseMs: 60_000 })
  proxy.loseNextCommitResponse()
  await t.rejects(ledger.claimTransfers(2), StoreUnavailable)
  const claimed = await retryWhileUnavailable(() => ledger.claimTransfers(2))
  t.same(claimed.map(({ id }) => id).toSorted(), orphans.map(({ id }) => id).toSorted())
  t.ok(claimed.every(({ owner, fence }) => owner === ledger.nodeId && fence === 2))
  t.same(await ledger.claimTransfers(10), [])

  proxy.loseNextCommitResponse()
  await t.rejects(ledger.claimDeliveries(claimDueBy(Date.now() + 50, 2)), StoreUnavailable)
  const due = await retryWhileUnavailable(() => ledger.claimDeliveries(claimDueBy(Date.now() + 50, 2)))
  t.same(due.map(({ transferId }) => transferId).toSorted(), orphans.map(({ id }) => id).toSorted())
  t.same(await ledger.claimDeliveries(claimDueBy(Date.now() + 50, 10)), [])
})

given(
  'a network that drops everything, when the ledger is used, then each operation fails; when the network is back, then the ledger works again',
  async (t) => {
    const proxy = await startTcpProxy(t, await server.createDatabase())
    const ledger = await createOpener(t, proxy.url)({ leaseMs: 60_000 })
    const accepted = await openAccepted(ledger)
    proxy.dropAll()
    const results = await Promise.allSettled([
      ledger.appendAudit(createDraft('lost')),
      ledger.writeChange(createChange(accepted, 'executing')),
      ledger.findTransfer(accepted.id),
      ledger.renewLease(),
      ...Array.from({ length: 12 }, () => ledger.checkWritable()),
    ])
    t.ok(results.every((result) => result.status === 'rejected' && result.reason instanceof StoreUnavailable))
    proxy.restore()
    await retryWhileUnavailable(() => ledger.writeChange(createChange(accepted, 'executing')))
    t.same(await readStatuses(ledger, accepted.id), ['accepted', 'executing'])
    t.ok(await isTrailSound(ledger))
  },
)
