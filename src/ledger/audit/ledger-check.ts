/** Verifies a ledger as a whole: its audit trail, its database, and whether the records are what the trail says. */
import type { Ledger } from '../contract/ledger.ts'
import { singleChain } from './chain.ts'
import { findRecordFaults } from './record-check.ts'
import { verifyAudit, type VerificationReport } from './verification.ts'

export interface LedgerReport extends VerificationReport {
  /** Whether the ledger is a copy of another one, so that only a log can tell how old it is. */
  isCopy: boolean
}

/**
 * @param auditKeys AUDIT_KEY, then the keys before it, the newest first
 * @param log lines of Handoff's log
 * @throws StoreUnavailable
 */
export async function verifyLedger(
  ledger: Ledger,
  [auditKey = '', ...previousKeys]: readonly string[],
  log?: AsyncIterable<string>,
): Promise<LedgerReport> {
  const damage = (await ledger.findDamage()).map((finding) => ({
    chain: '',
    place: null,
    seq: null,
    what: `the database is damaged: ${finding.replaceAll(/\s+/g, ' ')}`,
  }))
  const report = await verifyAudit(ledger, auditKey, log, previousKeys)
  // Only a copy of a database file can be torn.
  const recordFaults = ledger.sharesAuditChain ? await findRecordFaults(ledger, singleChain) : []
  return { ...report, faults: [...damage, ...report.faults, ...recordFaults], isCopy: await ledger.isCopy() }
}
