/** How PostgreSQL executes every query of the ledger once its tables are large: none reads a whole table that grows. */
import pg from 'pg'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { groupings } from '../../../src/ledger/contract/transfers.ts'
import type { Statement } from '../../../src/ledger/postgres/statement-batch.ts'
import { applyAction, endBulk, startBulk } from '../../../src/transfers/submission/bulk/bulk-changes.ts'
import { createOpener } from '../conformance.ts'
import {
  claimDueBy,
  createChange,
  createConversationId,
  createDraft,
  createResult,
  crmEndpoint,
  moveThrough,
  openAccepted,
  readWholeAudit,
} from '../fixtures.ts'
import { eraseConversation } from '../personal-data.ts'
import { fillDatabase } from '../../../bench/postgres/fill-database.ts'
import { createBulk, createCall } from '../bulk-fixtures.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile({ isPatient: true })

const growingTables = new Set(['transfers', 'deliveries', 'audit', 'idempotency_keys', 'bulk_transfers', 'bulk_calls'])
/** The beginnings of queries that must read a whole table. No transfer waits for them. */
const wholeTableQueries = [
  // The verification reads the whole trail.
  'SELECT coalesce(c.chain, h.chain) AS chain',
]

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  Plans?: PlanNode[]
}
const listNodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(listNodes)]

/** Records every statement with values that any connection executes from now on. */
function recordStatements(): { statements: Map<string, unknown[]>; stop(): void } {
  const { query } = pg.Client.prototype
  const statements = new Map<string, unknown[]>()
  pg.Client.prototype.query = function record(this: pg.Client, ...args: unknown[]) {
    const [batch] = args as [{ statements?: readonly Statement[] }]
    for (const { text, values } of batch.statements ?? []) statements.set(text, [...values])
    return Reflect.apply(query, this, args)
  } as typeof query
  return { statements, stop: () => void (pg.Client.prototype.query = query) }
}

/** Calls every operation of the ledger that runs repeatedly or on request. */
async function useEverything(ledger: Ledger): Promise<void> {
  const now = Date.now()
  const limit = 10
  const conversationId = createConversationId()
  const record = await moveThrough(ledger, await openAccepted(ledger, { conversationId }, 'key'), 'executing', 'initiated')
  const other = await openAccepted(ledger, {}, 'another key')
  await ledger.writeChange(createChange(other, 'rejected', {}, 'release'))
  await ledger.findTransfer(record.id)
  await ledger.findStoredResponse(record.id)
  await ledger.findOpenTransfers(conversationId)
  await ledger.findLastMoved(conversationId)
  for (const filter of [
    {},
    { conversationId },
    { states: ['picked_up' as const] },
    { states: ['executing' as const, 'initiated' as const, 'indeterminate' as const] },
    { states: ['executing' as const, 'initiated' as const], cursor: record.id },
    { queueId: 'a queue' },
    { code: 'TARGET_NOT_FOUND' as const },
    { requestedBy: 'a key' },
    { states: ['picked_up' as const, 'timeout' as const], queueId: 'a queue', requestedBy: 'a key' },
    { reason: 'billing' },
    { since: now - 1_000, until: now },
    { cursor: record.id },
  ])
    await ledger.listTransfers({ limit, ...filter })
  await ledger.summarize(now - 86_400_000, now + 1)
  for (const groupBy of groupings) await ledger.summarizeGroups(groupBy, limit, now - 86_400_000, now + 1)
  for (const selection of [
    {},
    { states: ['exhausted' as const] },
    { transferId: record.id },
    { conversationId },
    { since: now - 1_000, until: now + 1 },
    { cursor: '100' },
  ])
    await ledger.listDeliveries({ limit, ...selection })
  const [delivery] = await ledger.claimDeliveries(claimDueBy(now + 1_000, limit))
  await ledger.claimDeliveries({ ...claimDueBy(now + 1_000, limit), lane: 'backlog' })
  await ledger.recordDeliveryResult(createResult(String(delivery?.id), 'pending', now + 80_000))
  await ledger.findNextDeliveryAt(crmEndpoint)
  await ledger.findDelivery(String(delivery?.id))
  await ledger.redeliver(String(delivery?.id))
  await ledger.redeliverAll({ states: ['exhausted'], since: now - 1_000 })
  await ledger.listEndpoints()
  await ledger.claimTransfers(limit)
  await ledger.findStalled(now)
  await ledger.findLastChangeNumber()
  await ledger.readChanges(100, limit)
  await ledger.readChanges(100, limit, [7, 8])
  await ledger.findTransfers([record.id])
  await ledger.renewLease()
  await ledger.checkWritable()
  await ledger.appendAudit(createDraft('an event'))
  await ledger.writeCheckpoint()
  await ledger.findAuditEntries(record.id)
  await readWholeAudit(ledger, now - 1_000, now)
  await ledger.findStoredAuditRow('old', 5)
  await ledger.findStoredAuditRows(conversationId)
  await ledger.updateTransfer(record.id, (stored) => createChange(stored, 'picked_up'))
  await useBulkTransfers(ledger, now)
  await eraseConversation(ledger, conversationId)
  await ledger.deleteOldIdempotencyKeys(now - 86_400_000)
  await ledger.deleteOldTransfers(now - 86_400_000, limit)
}

/** Calls every operation on bulk transfers, with one that ends. */
async function useBulkTransfers(ledger: Ledger, now: number): Promise<void> {
  const bulk = createBulk()
  const running = { id: bulk.id, fence: 1 }
  const [first, second] = [createCall(1), createCall(2)]
  await ledger.addBulkTransfer(startBulk(bulk, 2), [first])
  await ledger.addBulkCalls(running, [second], false)
  await ledger.claimBulkTransfers()
  const takeStep = () => ledger.takeBulkStep(running, now, (stored) => endBulk(stored, {}, now))
  for (const call of [first, second]) {
    await takeStep()
    await ledger.writeBulkCall(running, { ...call, state: 'moved' })
  }
  await ledger.updateBulkTransfer(bulk.id, (stored) => applyAction(stored, 'cancel', 'ops', now))
  await takeStep()
  await ledger.findBulkTransfer(bulk.id)
  for (const filter of [
    {},
    { states: ['running' as const, 'paused' as const] },
    { states: ['done' as const] },
    { cursor: bulk.id },
    { visibleTo: { id: 'a key', queues: ['a queue'] } },
  ])
    await ledger.listBulkTransfers({ limit: 20, ...filter })
  await eraseConversation(ledger, first.conversationId)
  await ledger.deleteOldBulkTransfers(now - 86_400_000, 10)
}

/** Copies of a bulk transfer that is over, with its calls. */
async function fillBulkTransfers(ledger: Ledger, url: string, count: number): Promise<void> {
  const bulk = createBulk()
  await ledger.addBulkTransfer(startBulk(bulk, 1), [createCall(1)])
  await server.sql(
    `INSERT INTO bulk_transfers (id, open, owner, fence, created_at, record)
       SELECT 'bulk ' || n, 0, 'gone', 1, created_at - n * 50, record FROM bulk_transfers, generate_series(1, ${count}) AS n;
     INSERT INTO bulk_calls (bulk_id, position, conversation_id, waiting_since, priority, state, attempt, next_at)
       SELECT 'bulk ' || n, m, 'call ' || n || ' ' || m, 0, 0, 'moved', 0, 0 FROM generate_series(1, ${count}) AS n, generate_series(1, 20) AS m`,
    [],
    url,
  )
  await server.sql('VACUUM (ANALYZE) bulk_transfers, bulk_calls', [], url)
}

given('tables with many rows, when any query of the ledger is planned, then it does not scan one of these tables', async (t) => {
  const url = await server.createDatabase()
  const open = createOpener(t, url)
  const ledger = await open()
  await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
  await fillDatabase(server, url, 80_000)
  await fillBulkTransfers(ledger, url, 20_000)
  const { statements, stop } = recordStatements()
  t.teardown(stop)
  await useEverything(ledger)
  stop()

  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  let planned = 0
  for (const [text, values] of statements) {
    if (!/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)/.test(text) || wholeTableQueries.some((start) => text.startsWith(start))) continue
    const { rows } = await client.query<{ 'QUERY PLAN': Array<{ Plan: PlanNode }> }>(`EXPLAIN (FORMAT JSON) ${text}`, values)
    const scans = listNodes(rows[0]?.['QUERY PLAN'][0]?.Plan as PlanNode).filter(
      (node) => node['Node Type'] === 'Seq Scan' && growingTables.has(String(node['Relation Name'])),
    )
    t.same(
      scans.map((node) => node['Relation Name']),
      [],
      text.replaceAll(/\s+/g, ' ').slice(0, 120),
    )
    planned++
  }
  // Fewer would mean that statements were not recorded.
  t.ok(planned >= 50, `${planned} queries`)
})
