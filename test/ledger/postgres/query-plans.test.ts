/** How PostgreSQL executes every query of the ledger once its tables are large: none reads a whole table that grows. */
import pg from 'pg'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { groupings } from '../../../src/ledger/contract/transfers.ts'
import type { Statement } from '../../../src/ledger/postgres/statement-batch.ts'
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
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile()

const growingTables = new Set(['transfers', 'deliveries', 'audit', 'idempotency_keys'])
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
    { state: 'picked_up' as const },
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
  await ledger.renewLease()
  await ledger.checkWritable()
  await ledger.appendAudit(createDraft('an event'))
  await ledger.writeCheckpoint()
  await ledger.findAuditEntries(record.id)
  await readWholeAudit(ledger, now - 1_000, now)
  await ledger.findStoredAuditRow('old', 5)
  await ledger.findStoredAuditRows(conversationId)
  await ledger.updateTransfer(record.id, (stored) => createChange(stored, 'picked_up'))
  await eraseConversation(ledger, conversationId)
  await ledger.deleteOldIdempotencyKeys(now - 86_400_000)
  await ledger.deleteOldTransfers(now - 86_400_000, limit)
}

given('tables with many rows, when any query of the ledger is planned, then it does not scan one of these tables', async (t) => {
  const url = await server.createDatabase()
  const open = createOpener(t, url)
  const ledger = await open()
  await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
  await fillDatabase(server, url, 80_000)
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
