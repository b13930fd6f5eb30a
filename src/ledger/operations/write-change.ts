/** What a change of a transfer writes besides the record: audit entries, webhooks, the response to its key. */
import type { AuditDraft } from '../contract/audit.ts'
import type { Change } from '../contract/transfers.ts'
import type { QueryGenerator } from '../engine/query.ts'
import type { Tables } from '../tables/tables.ts'

export const createWriteRest = ({ idempotencyKeys, outbox }: Pick<Tables, 'idempotencyKeys' | 'outbox'>) =>
  function* ({ record, audit, additionalAudit = [], events = [], response }: Change, auditDrafts: AuditDraft[]): QueryGenerator<void> {
    if (audit) auditDrafts.push(audit)
    auditDrafts.push(...additionalAudit)
    for (const event of events) yield* outbox.queue(event, record.id, record.conversationId)
    if (response) yield* idempotencyKeys.storeResponse(record.id, response)
  }
