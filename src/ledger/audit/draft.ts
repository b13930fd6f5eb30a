/** An audit row that is about no move of a transfer: a refused caller, a key, a delivery. */
import type { AuditDraft } from '../ledger.ts'

/** What it says, and nothing where it says nothing. */
export const auditNote = (status: string, said: Partial<AuditDraft>): AuditDraft => ({
  conversationId: null,
  actionId: null,
  status,
  latencyMs: null,
  pickupTime: null,
  depth: null,
  stage: null,
  code: null,
  caller: null,
  detail: {},
  ...said,
})
