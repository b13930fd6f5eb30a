/** Audit drafts for events that change no transfer: a rejected caller, an API key, a webhook delivery. */
import type { AuditDraft } from '../contract/audit.ts'

/** @returns a draft with these fields; all others are null */
export const createAuditDraft = (status: string, fields: Partial<AuditDraft>): AuditDraft => ({
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
  ...fields,
})
