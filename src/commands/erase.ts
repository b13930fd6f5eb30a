/** `npm run erase`: takes what is personal out of what is kept of a conversation; the audit chain stays verifiable. */
import { parseArgs } from 'node:util'
import { config } from 'dotenv'
import { auditNote } from '../ledger/audit/draft.ts'
import { erasedStatus } from '../ledger/audit/verification.ts'
import { redact } from '../telemetry/log.ts'
import { erasure } from '../transfers/erasure.ts'
import { withLedger } from './with-ledger.ts'

const help = `npm run erase -- --conversation ID [--reason TEXT]   take what is personal out of what is kept of a conversation

Numbers, context values and the hashes by which a number could be followed leave its transfers, stored answers, webhooks and audit rows.
Ids of the platform, states and times stay, and the audit chain holds. The erasure is written into the trail, with the reason (no personal data in it).
A transfer that is not over is not touched. What was logged or told to the CRM before is theirs to erase; so are backups of the ledger.
Needs AUDIT_KEY, and DATABASE_URL where it is not the default.
`
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

try {
  config({ quiet: true })
  const { values } = parseArgs({
    options: { conversation: { type: 'string' }, reason: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  const conversationId = values.conversation?.toLowerCase()
  if (values.help || conversationId === undefined) {
    process[values.help ? 'stdout' : 'stderr'].write(help)
    process.exitCode = values.help ? 0 : 1
  } else {
    if (!uuid.test(conversationId)) throw new Error('--conversation must be the id of a conversation (a UUID)')
    const erased = await withLedger((ledger) =>
      ledger.erase(
        conversationId,
        erasure,
        auditNote(erasedStatus, { conversationId, detail: { reason: values.reason === undefined ? null : redact(values.reason) } }),
      ),
    )
    process.stdout.write(
      `Erased what is personal of conversation ${conversationId}: ${erased.transfers} transfers, ${erased.deliveries} webhooks, ${erased.auditRows} audit rows.\n`,
    )
  }
} catch (error) {
  process.stderr.write(`erase: ${(error as Error).message}\n`)
  process.exitCode = 1
}
