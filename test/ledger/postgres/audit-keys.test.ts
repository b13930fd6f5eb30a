/** AUDIT_KEY is changed node by node: nodes with the old key and with the new one write and seal side by side (docs/rotation.md#audit_key). */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { createAuditDraft } from '../../../src/ledger/audit/draft.ts'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { openLedgerForWriting } from '../../../src/ledger/open-for-writing.ts'
import { dialect } from '../../../src/ledger/postgres/dialect.ts'
import { createTransactions } from '../../../src/ledger/postgres/transactions.ts'
import { createAuditWriter } from '../../../src/ledger/tables/audit-writer.ts'
import { createUnsealedAudit } from '../../../src/ledger/tables/unsealed-audit.ts'
import { createOpener } from '../conformance.ts'
import { moveThrough, openAccepted } from '../fixtures.ts'
import { startServerForFile } from './server.ts'

const { server, given } = await startServerForFile({ isPatient: true })
const [oldKey, newKey] = ['the key before the rotation', 'the key after the rotation']
const transfer = async (ledger: Ledger): Promise<void> => {
  await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated', 'picked_up')
}

given(
  'a node with the old key beside one with the new key, when both write and seal, then the trail is sound with both keys',
  async (t) => {
    const url = await server.createDatabase()
    const old = await openLedgerForWriting(url, { auditKey: oldKey })
    t.teardown(() => old.close())
    await transfer(old)
    const renewed = await openLedgerForWriting(url, { auditKey: newKey, previousAuditKeys: [oldKey] })
    t.teardown(() => renewed.close())
    for (let round = 0; round < 5; round++) {
      await Promise.all([transfer(old), transfer(renewed), transfer(old)])
      // Seals what is not sealed, whoever wrote it.
      await Promise.all([renewed.listAuditChains(), old.listAuditChains()])
    }
    await transfer(old)
    const report = await verifyAudit(renewed, newKey, undefined, [oldKey])
    t.match(report, { chains: 2, faults: [] })
    const restarted = await openLedgerForWriting(url, { auditKey: oldKey })
    await restarted.close()
    t.pass('until all nodes have the new key, one with the old key can be started again')
    await t.rejects(openLedgerForWriting(url, { auditKey: 'a third key of sixteen' }), {
      setting: 'AUDIT_KEY',
      message: /set AUDIT_KEY_PREVIOUS to that key and AUDIT_KEY to the new one/,
    })
  },
)

given(
  'rows that a node with the old key had not sealed when it was killed, when a node with the new key seals them, then they are sound',
  async (t) => {
    const url = await server.createDatabase()
    const ledger = await createOpener(t, url)({ auditKey: newKey, previousAuditKeys: [oldKey] })
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    t.teardown(() => pool.end())
    const chain = randomUUID()
    const writer = createAuditWriter({ key: oldKey, chain, nodeId: chain, clock: Date.now })
    const unsealed = createUnsealedAudit(dialect, oldKey)
    await createTransactions(pool, false).write(function* () {
      for (const [index, status] of ['one', 'two'].entries())
        yield* unsealed.insert(chain, unsealed.createRow(chain, index + 1, 0, writer.createText(createAuditDraft(status, {}))))
    })
    t.match(await verifyAudit(ledger, newKey, undefined, [oldKey]), { rows: 2, unsealed: 2, faults: [] })
    t.equal((await pool.query('SELECT 1 FROM unsealed_audit')).rowCount, 0)
  },
)
