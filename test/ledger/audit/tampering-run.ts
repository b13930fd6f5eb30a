/** Runs tamperings: writes a trail with every kind of entry, changes the tables behind the ledger, verifies the trail, and restores the tables. */
import { createAuditDraft } from '../../../src/ledger/audit/draft.ts'
import { erasedStatus } from '../../../src/ledger/audit/erasure-check.ts'
import { verifyAudit, type VerificationReport } from '../../../src/ledger/audit/verification.ts'
import type { AuditTrailReader } from '../../../src/ledger/contract/audit.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { erasure } from '../../../src/transfers/erasure.ts'
import { createTestRecord } from '../../support/transfer-record.ts'
import type { TapTest } from '../conformance.ts'
import { auditKey, createChange, createConversationId, createNewTransfer, expectAccepted } from '../fixtures.ts'
import { createRandom } from './random.ts'
import type { Statement, Tampering, Trail } from './tampering-statements.ts'
import { createTamperings } from './tampering.ts'

const callerNumber = '0123456789abcdef'

/** Writes a transfer to a number from its request to the pickup, with hashes of both numbers in its audit rows; then a rejected caller. */
async function writeTransfer(ledger: Ledger, conversationId: string): Promise<void> {
  const newTransfer = createNewTransfer(createTestRecord({ conversationId, target: { type: 'number', address: '+493012345678' } }))
  newTransfer.audit.personal = { targetNumber: 'fedcba9876543210' }
  let record = expectAccepted(await ledger.openTransfer(newTransfer))
  for (const state of ['executing', 'initiated', 'picked_up'] as const) {
    const change = createChange(record, state)
    if (change.audit && state === 'executing') change.audit.personal = { callerNumber }
    await ledger.writeChange(change)
    record = change.record
  }
  await ledger.appendAudit(createAuditDraft('caller_refused', { code: 'FORBIDDEN', detail: { route: '/v1/transfers' } }))
}

/** Writes transfers on every node in turn, erases the conversation of one of them, and writes checkpoints, the last ones when all chains exist. */
export async function buildTrail(ledgers: readonly Ledger[], transfersPerNode: number): Promise<void> {
  for (let index = 0; index < transfersPerNode; index++)
    for (const ledger of ledgers) {
      const conversationId = createConversationId()
      await writeTransfer(ledger, conversationId)
      if (index % 6 === 2) await ledger.writeCheckpoint()
      if (index === 4) await ledger.eraseConversation(conversationId, erasure, createAuditDraft(erasedStatus, { conversationId }))
    }
  for (const ledger of ledgers) await ledger.writeCheckpoint()
}

async function readTrail(reader: AuditTrailReader): Promise<Trail> {
  const chains: Trail['chains'] = new Map()
  const heads: Trail['heads'] = []
  for (const { chain, head } of await reader.listAuditChains()) {
    if (head) heads.push(head)
    const rows = []
    for await (const page of reader.readStoredAudit(chain)) rows.push(...page)
    chains.set(chain, rows)
  }
  return { chains, heads }
}

/** Access to the tables that bypasses the ledger. */
export interface DirectAccess {
  run(statements: readonly Statement[]): Promise<void>
  /** Copies the audit tables. */
  save(): Promise<void>
  /** Writes the copy back. */
  restore(): Promise<void>
}

/** A run that failed can be repeated with TAMPERING_SEED. */
const seed = Number(process.env['TAMPERING_SEED'] ?? Date.now() % 1_000_000)

const namesExpectedRows = ({ faults }: VerificationReport, expectedRows: Tampering['expectedRows']): boolean =>
  expectedRows === undefined ||
  expectedRows.every((row) => faults.some(({ chain, place, seq }) => chain === row.chain && place === row.place && seq === row.seq))

/** Tries `count` tamperings and undoes each. A fault must name each changed row, and the restored trail must have no fault. */
export async function tryTamperings(t: TapTest, ledger: Ledger, tables: DirectAccess, count: number): Promise<void> {
  const trail = await readTrail(ledger)
  const rowCount = [...trail.chains.values()].flat().length
  await tables.save()
  const missed: string[] = []
  const misplaced: string[] = []
  let falseAlarms = (await verifyAudit(ledger, auditKey)).faults.length
  const countByKind: Record<string, number> = {}
  for (const { kind, description, statements, expectedRows } of createTamperings(createRandom(seed), trail, count)) {
    countByKind[kind] = (countByKind[kind] ?? 0) + 1
    await tables.run(statements)
    const report = await verifyAudit(ledger, auditKey)
    if (report.faults.length === 0) missed.push(`${kind}: ${description}: ${JSON.stringify(statements)}`)
    else if (!namesExpectedRows(report, expectedRows))
      misplaced.push(`${kind}: ${description}: ${JSON.stringify(report.faults)}, not ${JSON.stringify(expectedRows)}`)
    await tables.restore()
    falseAlarms += (await verifyAudit(ledger, auditKey)).faults.length
  }
  t.same(missed.slice(0, 5), [], 'every tampering is found')
  t.same(misplaced.slice(0, 5), [], 'a fault names each changed row')
  t.equal(falseAlarms, 0, 'the restored trail is sound each time')
  t.comment(
    `${count} tamperings with ${rowCount} rows in ${trail.chains.size} chains, ${count - missed.length} found (seed ${seed}): ${JSON.stringify(countByKind)}`,
  )
}
