/** Reports that the ledger was set back to an older state: an audit chain ends before the last row that this process has written to it. */
import type { AuditDraft } from '../contract/audit.ts'
import type { LedgerLog } from '../contract/ledger.ts'
import { createAuditDraft } from './draft.ts'

export const setBackStatus = 'ledger_set_back'

/**
 * Logs an alert.
 * @param knownPosition the position of the last row that this process wrote
 * @param position the position of the chain's last row now
 * @returns an audit entry that also reports it
 */
export function reportSetBack(log: LedgerLog | undefined, chain: string, knownPosition: number, position: number): AuditDraft {
  const detail = { chain, knownPosition, position }
  log?.error(
    { ...detail, alert: true },
    'the ledger was set back to an older state while Handoff had it open: what was acknowledged since then is missing, and may be requested and done again',
  )
  return createAuditDraft(setBackStatus, { detail })
}
