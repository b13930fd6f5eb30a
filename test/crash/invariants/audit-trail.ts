/** The audit trail of each transfer follows the table of transitions, and the hash chains of the whole ledger verify. */
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { openLedger } from '../../../src/ledger/open.ts'
import { states, transitions, type State } from '../../../src/model/states.ts'
import type { Transfer } from '../../../src/model/transfer.ts'
import { testSettings } from '../../support/settings.ts'
import { violation, type Violation } from '../harness/campaign-result.ts'

/** Whether an audit status is a state of a transfer; other statuses are notes such as `routing_applied`. */
export const isState = (status: string): status is State => (states as readonly string[]).includes(status)

/** @param entries the audit entries of the transfer, oldest first */
export function checkTransitions(entries: readonly AuditEntry[], { id, state }: Transfer): Violation[] {
  const path = entries.map(({ status }) => status).filter(isState)
  const isAllowed = path.every((to, index) => (index === 0 ? to === 'accepted' : transitions[path[index - 1] as State].includes(to)))
  return isAllowed && path.at(-1) === state ? [] : [violation('audit', `${id} is ${state}, its audit trail says ${path.join(' → ')}`)]
}

/** Verifies every chain of an open ledger. */
export async function verifyChains(ledger: Ledger, auditKey: string): Promise<Violation[]> {
  const { faults } = await verifyAudit(ledger, auditKey)
  return faults.map(({ chain, place, what }) => violation('audit', `audit chain ${chain}, row ${place}: ${what}`))
}

/** Opens the ledger at this address and verifies every chain. */
export async function checkAuditChains(databaseUrl: string): Promise<Violation[]> {
  const auditKey = String(testSettings('')['AUDIT_KEY'])
  const ledger = await openLedger(databaseUrl, { auditKey })
  try {
    return await verifyChains(ledger, auditKey)
  } finally {
    await ledger.close()
  }
}
