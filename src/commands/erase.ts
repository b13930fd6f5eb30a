/** `npm run erase`: removes the personal data of a conversation from the ledger; the audit trail can still be verified. */
import { createAuditDraft } from '../ledger/audit/draft.ts'
import { erasedStatus } from '../ledger/audit/erasure-check.ts'
import { isUuid } from '../model/formats/patterns.ts'
import { maskFreeText } from '../telemetry/redact-log-line.ts'
import { erasure } from '../transfers/erasure.ts'
import { readArguments } from './arguments.ts'
import { reportFailure } from './failure.ts'
import { withLedger } from './with-ledger.ts'

const help = `npm run erase -- --conversation ID [--reason TEXT]
                     remove the personal data of a conversation from the ledger

Removes phone numbers, their hashes, context values, summaries, reasons,
idempotency keys and what callers wrote from the conversation's transfers,
stored answers, webhooks and audit rows. The platform's ids, states and times stay, and the audit trail can
still be verified. The erasure is added to the trail with the reason. Numbers
and addresses in it are masked; the next erasure of the conversation removes it.
A transfer that is not over is not erased. Erase logs, backups of the ledger and
what the CRM has received yourself.
Needs AUDIT_KEY, and DATABASE_URL if it is not the default.
Exit code 0: erased; 1: nothing was erased.
`

try {
  const { values } = readArguments({
    options: { conversation: { type: 'string' }, reason: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  const conversationId = values.conversation?.toLowerCase()
  if (values.help || conversationId === undefined) {
    process[values.help ? 'stdout' : 'stderr'].write(help)
    process.exitCode = values.help ? 0 : 1
  } else {
    if (!isUuid(conversationId)) throw new Error('--conversation must be the id of a conversation (a UUID)')
    const freeText = values.reason === undefined ? {} : { reason: maskFreeText(values.reason) }
    const draft = { conversationId, detail: { reason: null }, freeText }
    const { transfers, bulkTransfers, deliveries, auditRows } = await withLedger((ledger) =>
      ledger.eraseConversation(conversationId, erasure, createAuditDraft(erasedStatus, draft)),
    )
    if (transfers + bulkTransfers + deliveries + auditRows === 0)
      throw new Error(
        `nothing was erased: the ledger has no personal data of a conversation ${conversationId}. Check the id, and DATABASE_URL.`,
      )
    const counts = `${transfers} transfers, ${bulkTransfers} bulk transfers, ${deliveries} webhooks, ${auditRows} audit rows`
    process.stdout.write(`Erased the personal data of conversation ${conversationId}: ${counts}.\n`)
  }
} catch (error) {
  reportFailure('erase', error)
}
