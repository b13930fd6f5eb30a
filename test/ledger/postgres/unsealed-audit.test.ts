/** Audit rows in PostgreSQL between their commit and their place in a chain: what happens to them, and what someone without the key can do. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { createAuditDraft } from '../../../src/ledger/audit/draft.ts'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { Query } from '../../../src/ledger/engine/query.ts'
import { dialect } from '../../../src/ledger/postgres/dialect.ts'
import { createTransactions } from '../../../src/ledger/postgres/transactions.ts'
import { createAuditWriter } from '../../../src/ledger/tables/audit-writer.ts'
import { createUnsealedAudit, forgedStatus, removedStatus, type UnsealedRow } from '../../../src/ledger/tables/unsealed-audit.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { auditKey, createChange, createDraft, isTrailSound, openAccepted, readStatuses } from '../fixtures.ts'
import { waitFor } from '../../support/wait-for.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile({ isPatient: true })
const unsealed = createUnsealedAudit(dialect, auditKey)

/** Writes and seals rows of a chain step by step, as its node does. */
function createChain(t: TapTest, url: string, chain: string) {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  t.teardown(() => pool.end())
  const transactions = createTransactions(pool, false)
  const writer = createAuditWriter({ key: auditKey, chain, nodeId: chain, clock: Date.now })
  const rows = new Map<number, UnsealedRow>()
  let lastTicket = 0
  let position = 0
  return {
    rows,
    /** Commits a row that is not sealed yet. */
    async commit(status: string, actionId: string | null = null): Promise<UnsealedRow> {
      const draft = createAuditDraft(status, { actionId, personal: { callerNumber: '0123456789abcdef' } })
      const row = unsealed.createRow(chain, ++lastTicket, position, writer.createText(draft))
      await transactions.write(() => unsealed.insert(chain, row))
      rows.set(row.ticket, row)
      return row
    },
    write: (row: UnsealedRow) => transactions.write(() => unsealed.insert(chain, row)),
    /** Moves the committed rows into the chain. */
    async seal() {
      const sealed = await transactions.write(() => unsealed.seal(writer, chain, [], { rows, firstTicket: 1 }))
      for (const ticket of sealed.tickets) rows.delete(ticket)
      position = sealed.position
      return sealed
    },
    sql: (text: string, values: unknown[] = []) => pool.query(text, values),
  }
}
/** The statuses of the rows in a chain, in order. */
const readChain = async (ledger: Ledger, chain: string): Promise<string[]> => {
  const statuses: string[] = []
  for await (const page of ledger.readStoredAudit(chain))
    statuses.push(...page.map(({ entry }) => (JSON.parse(entry) as { status: string }).status))
  return statuses
}

given('a row that is changed before it is sealed, then it does not get into the chain, and the trail says so', async (t) => {
  const url = await server.createDatabase()
  const ledger = await createOpener(t, url)()
  const chain = createChain(t, url, 'node_a')
  await chain.commit('one')
  await chain.commit('two')
  await chain.sql("UPDATE unsealed_audit SET entry = replace(entry, 'two', 'six') WHERE ticket = 2")
  t.match(await verifyAudit(ledger, auditKey), { faults: [{ what: /forged/ }] }, 'a verification before the sealing finds the change')
  await chain.seal()
  t.same(await readChain(ledger, 'node_a'), ['one', 'two', removedStatus, forgedStatus], 'the node writes the row that it committed again')
  t.ok(await isTrailSound(ledger))
})

for (const ticket of ['7', '9223372036854775807'])
  given(
    `a row that someone without the key copies to ticket ${ticket}, when the chain is sealed, then it lacks the copy, and the trail says so once`,
    async (t) => {
      const url = await server.createDatabase()
      const ledger = await createOpener(t, url)()
      const chain = createChain(t, url, 'node_a')
      await chain.commit('one')
      await chain.sql(`INSERT INTO unsealed_audit SELECT chain, ${ticket}, conversation_id, entry, personal, hash FROM unsealed_audit`)
      await chain.seal()
      await chain.seal()
      t.same(await readChain(ledger, 'node_a'), ['one', forgedStatus])
      t.ok(await isTrailSound(ledger))
    },
  )

given('a row that is deleted before it is sealed, when its node seals, then the row is in the chain, and the trail says so', async (t) => {
  const url = await server.createDatabase()
  const ledger = await createOpener(t, url)()
  const chain = createChain(t, url, 'node_a')
  await chain.commit('one')
  await chain.commit('two')
  await chain.sql('DELETE FROM unsealed_audit WHERE ticket = 1')
  const { tickets } = await chain.seal()
  t.same(new Set(tickets), new Set([1, 2]))
  t.same(await readChain(ledger, 'node_a'), ['two', 'one', removedStatus])
  t.ok(await isTrailSound(ledger))
})

given('a node that was stopped, when another node has sealed its rows meanwhile, then it does not seal them again', async (t) => {
  const url = await server.createDatabase()
  const ledger = await createOpener(t, url)()
  const chain = createChain(t, url, 'node_a')
  await chain.commit('one')
  await chain.seal()
  await chain.commit('two')
  await ledger.listAuditChains()
  t.same(await readChain(ledger, 'node_a'), ['one', 'two'], 'a node that reads the trail seals all rows first')
  await chain.seal()
  t.same(await readChain(ledger, 'node_a'), ['one', 'two'])
  t.ok(await isTrailSound(ledger))
})

given('a conversation that is erased before its rows are sealed, then their personal data does not come back', async (t) => {
  const url = await server.createDatabase()
  const ledger = await createOpener(t, url)()
  const conversationId = randomUUID()
  const chain = createChain(t, url, 'node_a')
  await chain.commit('a call')
  await chain.sql('UPDATE unsealed_audit SET conversation_id = $1, personal = NULL', [conversationId])
  await chain.seal()
  t.match(await ledger.findStoredAuditRow('node_a', 1), { personal: null })
})

given(
  'a verification with another AUDIT_KEY, then it changes nothing, and the rows are sealed by the next one with the right key',
  async (t) => {
    const url = await server.createDatabase()
    const otherKey = 'another key, which does not fit this ledger'
    const otherLedger = await createOpener(t, url)({ auditKey: otherKey })
    const chain = createChain(t, url, 'node_a')
    await chain.commit('one')
    t.match(await verifyAudit(otherLedger, otherKey), { unsealed: 1, faults: [{ what: /forged/ }] })
    t.equal((await chain.sql('SELECT count(*)::int AS count FROM unsealed_audit')).rows[0].count, 1)
    t.ok(await isTrailSound(await createOpener(t, url)()))
  },
)

given('a node that is killed, when another one claims its transfers, then the rows that it had not sealed are in its chain', async (t) => {
  const url = await server.createDatabase()
  const open = createOpener(t, url)
  const ledger = await open({ leaseMs: 60_000 })
  const killed = createChain(t, url, randomUUID())
  await killed.commit('the last one')
  await ledger.claimTransfers(10)
  t.equal((await killed.sql('SELECT count(*)::int AS count FROM unsealed_audit')).rows[0].count, 0)
  t.ok(await isTrailSound(ledger))
})

given('many writers at once, then every row is in the chain once, in the order of each writer', async (t) => {
  const url = await server.createDatabase()
  const open = createOpener(t, url)
  const sealed: string[] = []
  const onAudit = ({ actionId, status }: AuditEntry): void => void sealed.push(`${actionId} ${status}`)
  const [ledger, other] = [await open({ onAudit }), await open({ onAudit })]
  const ids = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const record = await openAccepted(ledger)
      await ledger.writeChange(createChange(record, 'executing'))
      if (index % 8 === 0) await other.findAuditEntries(record.id)
      if (index % 8 === 1) await ledger.appendAudit(createDraft('beside'))
      return record.id
    }),
  )
  for (const id of ids) t.same(await readStatuses(other, id), ['accepted', 'executing'])
  t.ok(await isTrailSound(other))
  // Two entries for each of 40 transfers, and five entries `beside`, which all look the same.
  await waitFor(() => sealed.length >= 85, 'the entries of the audit log')
  t.equal(new Set(sealed).size, 81, 'each was reported once')
})

given('a node that is stopped while it seals, when another node reads the trail, then the reading does not wait', async (t) => {
  const url = await server.createDatabase()
  const ledger = await createOpener(t, url)()
  const chain = createChain(t, url, 'node_a')
  const actionId = randomUUID()
  await chain.commit('one', actionId)
  const stopped = new pg.Client({ connectionString: url })
  await stopped.connect()
  t.teardown(() => stopped.end())
  const lock = dialect.lock(['audit chain node_a']).next().value as readonly Query[]
  await stopped.query('BEGIN')
  await stopped.query('SELECT pg_advisory_xact_lock($1)', [lock[0]?.values['lock']])
  t.same((await ledger.listAuditChains()).length, 0)
  t.match(
    await ledger.findAuditEntries(actionId),
    [{ status: 'one', seq: 0, personal: { callerNumber: String } }],
    'the row is found although it is not sealed',
  )
  await stopped.query('ROLLBACK')
  t.same((await ledger.listAuditChains()).length, 1)
  t.ok(await isTrailSound(ledger))
})

given(
  'a transfer whose later entry is sealed before an earlier one of another node, then its entries are read in the order of their time',
  async (t) => {
    const url = await server.createDatabase()
    const [ledger, chain] = [await createOpener(t, url)(), createChain(t, url, 'node_a')]
    const actionId = randomUUID()
    const first = { ...createDraft('accepted'), actionId }
    const writer = createAuditWriter({ key: auditKey, chain: 'node_a', nodeId: 'node_a', clock: () => Date.now() - 10_000 })
    const row = unsealed.createRow('node_a', 1, 0, writer.createText(first))
    await ledger.appendAudit({ ...createDraft('picked_up'), actionId })
    await chain.write(row)
    t.same(await readStatuses(ledger, actionId), ['accepted', 'picked_up'])
  },
)
