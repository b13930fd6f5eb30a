/** Audit entries that were written with earlier keys: how they are verified, and what their keys are still good for (docs/rotation.md#audit_key). */
import { keyChangedStatus } from '../../../src/ledger/operations/audit-operations.ts'
import { createAuditDraft } from '../../../src/ledger/audit/draft.ts'
import { erasedStatus } from '../../../src/ledger/audit/erasure-check.ts'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import { erasure } from '../../../src/transfers/erasure.ts'
import type { DeclareBehavior } from '../conformance.ts'
import { createConversationId, createDraft, moveThrough, openAccepted, readWholeAudit, requestTransfer } from '../fixtures.ts'

const [first, second, third] = ['the first key of this trail', 'the second key of this trail', 'the third key of this trail'] as const

export function testAuditKeys(given: DeclareBehavior): void {
  given('a trail whose key was changed twice, when it is verified, then it is sound with all keys, and with no fewer', async (t, open) => {
    for (const [auditKey, ...previousAuditKeys] of [[first], [second, first], [third, second, first]] as string[][]) {
      const ledger = await open({ auditKey: String(auditKey), previousAuditKeys })
      if (auditKey !== first) {
        t.equal(await ledger.matchAuditKey(), 'previous')
        await ledger.recordKeyChange()
      }
      await moveThrough(ledger, await openAccepted(ledger), 'executing', 'initiated')
      await ledger.writeCheckpoint()
      t.equal(await ledger.matchAuditKey(), 'current')
      await ledger.close()
    }
    const ledger = await open({ auditKey: third })
    t.equal(await (await open({ auditKey: 'a key of another trail' })).matchAuditKey(), 'unknown')
    const changes = (await readWholeAudit(ledger)).filter(({ status }) => status === keyChangedStatus)
    t.equal(changes.length, 2)
    t.equal(new Set(changes.map(({ detail }) => detail['key'])).size, 2)
    t.equal(changes[0]?.detail['key'], String(changes[1]?.detail['previousKeys']).split(' ')[0])
    t.notMatch(JSON.stringify(changes), /key of this trail/)

    const findFaults = async (key: string, ...previous: string[]) => (await verifyAudit(ledger, key, undefined, previous)).faults
    t.match(await verifyAudit(ledger, third, undefined, [second, first]), { faults: [], checkpoints: { kept: 5 } })
    t.not((await findFaults(third, second)).length, 0)
    t.not((await findFaults(third, first)).length, 0)
    t.not((await findFaults(third)).length, 0)
    t.not((await findFaults(first)).length, 0)
  })

  given(
    'the log of a service whose key was changed, when the trail is verified, then the checkpoints of both keys count',
    async (t, open) => {
      const lines: string[] = []
      const onAudit = (entry: object) => void lines.push(JSON.stringify(entry))
      const before = await open({ auditKey: first, onAudit })
      await before.appendAudit(createDraft('one'))
      await before.writeCheckpoint()
      await before.close()
      const after = await open({ auditKey: second, previousAuditKeys: [first], onAudit })
      await after.recordKeyChange()
      async function* read() {
        yield* lines
      }
      t.match(await verifyAudit(after, second, read(), [first]), { faults: [], checkpoints: { kept: 2, logged: 2 } })
      t.match((await verifyAudit(after, second, read())).faults[0], { what: 'the log has a checkpoint with a forged signature' })
    },
  )

  given(
    'an idempotency key that was erased before the change of AUDIT_KEY, when it is used again, then it still counts',
    async (t, open) => {
      const conversationId = createConversationId()
      const before = await open({ auditKey: first })
      await moveThrough(before, await openAccepted(before, { conversationId }, 'the key'), 'executing', 'initiated', 'picked_up')
      await before.eraseConversation(conversationId, erasure, createAuditDraft(erasedStatus, { conversationId }))
      await before.close()
      const after = await open({ auditKey: second, previousAuditKeys: [first] })
      t.match(await requestTransfer(after, conversationId, 'the key'), { outcome: 'reused' })
      t.match(await requestTransfer(after, conversationId, 'another key'), { outcome: 'accepted' })
    },
  )
}
