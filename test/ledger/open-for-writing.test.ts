/** An audit trail is never continued with another key. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createAuditDraft } from '../../src/ledger/audit/draft.ts'
import { openLedgerForWriting } from '../../src/ledger/open-for-writing.ts'
import { auditKey } from './fixtures.ts'

t.test(
  'given a ledger with an audit trail, when it is opened with another AUDIT_KEY, then it is refused, and the error says how to proceed',
  async (t) => {
    const url = `sqlite:${join(mkdtempSync(join(tmpdir(), 'handoff-key-')), 'handoff.db')}`
    const empty = await openLedgerForWriting(url, { auditKey: 'another-key-0123456789abcdef' })
    await empty.close()
    t.pass('a ledger without an audit trail opens with any key')

    const ledger = await openLedgerForWriting(url, { auditKey })
    await ledger.appendAudit(createAuditDraft('test', {}))
    await ledger.close()

    await t.rejects(openLedgerForWriting(url, { auditKey: 'another-key-0123456789abcdef' }), {
      setting: 'AUDIT_KEY',
      message: /is not the key that the audit trail in DATABASE_URL was written with\. Set that key again .*, or .* name a new one/,
    })

    const reopened = await openLedgerForWriting(url, { auditKey })
    t.equal(await reopened.matchAuditKey(), 'current', 'the right key opens the ledger, also after the refusal')
    await reopened.close()
  },
)
