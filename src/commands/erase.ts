/** `npm run erase`: removes the personal data of a conversation from the ledger; the audit trail can still be verified. */
import { parseArgs } from 'node:util'
import { createAuditDraft } from '../ledger/audit/draft.ts'
import { erasedStatus } from '../ledger/audit/erasure-check.ts'
import { isUuid } from '../model/patterns.ts'
import { maskFreeText } from '../telemetry/redact-log-line.ts'
import { erasure } from '../transfers/erasure.ts'
import { reportFailure } from './failure.ts'
import { withLedger } from './with-ledger.ts'

const help = `npm run erase -- --conversation ID [--reason TEXT]
                     remove the personal data of a conversation from the ledger

Removes phone numbers, their hashes, context values and idempotency keys from
the conversation's transfers, stored answers, webhooks and audit rows. The
platform's ids, states and times stay, and the audit trail can still be
verified. The erasure is added to the trail with the reason, which must not
contain personal data; numbers and addresses in it are masked.
A transfer that is not over is not erased. Erase logs, backups of the ledger and
what the CRM has received yourself.
Needs AUDIT_KEY, and DATABASE_URL if it is not the default.
`

try {
  const { values } = parseArgs({
    options: { conversation: { type: 'string' }, reason: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  const conversationId = values.conversation?.toLowerCase()
  if (values.help || conversationId === undefined) {
    process[values.help ? 'stdout' : 'stderr'].write(help)
    process.exitCode = values.help ? 0 : 1
  } else {
    if (!isUuid(conversationId)) throw new Error('--conversation must be the id of a conversation (a UUID)')
    const reason = values.reason === undefined ? null : maskFreeText(values.reason)
    const { transfers, deliveries, auditRows } = await withLedger((ledger) =>
      ledger.eraseConversation(conversationId, erasure, createAuditDraft(erasedStatus, { conversationId, detail: { reason } })),
    )
    const counts = `${transfers} transfers, ${deliveries} webhooks, ${auditRows} audit rows`
    process.stdout.write(
      transfers + deliveries + auditRows > 0
        ? `Erased the personal data of conversation ${conversationId}: ${counts}.\n`
        : `Nothing was erased: the ledger has no personal data of a conversation ${conversationId}. Check the id, and DATABASE_URL.\n`,
    )
  }
} catch (error) {
  reportFailure('erase', error)
}
