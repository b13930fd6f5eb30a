/** Writes a transfer whose outcome is unknown, for tests that resolve it. */
import { toStoredTarget } from '../../src/model/target.ts'
import { acceptedAuditDraft, createTestRecord, toExecutingRecord } from './transfer-record.ts'
import type { TestSystem } from './test-system.ts'

/** Writes an indeterminate transfer: its command was sent, and no read has proved what became of it. @returns its id */
export async function writeIndeterminate(
  { app, getConversation }: Pick<TestSystem, 'app' | 'getConversation'>,
  { conversationId, queueId, type = 'queue' }: { conversationId: string; queueId: string; type?: 'queue' | 'callback' },
): Promise<string> {
  const receivedAt = Date.now() - 60_000
  const record = createTestRecord({ conversationId, target: { type, queueId }, receivedAt, deadlineAt: receivedAt + 8_000 })
  const opened = await app.ledger.openTransfer({ record, identity: record.id, audit: acceptedAuditDraft(record) })
  if (opened.outcome !== 'accepted') throw new Error(opened.outcome)
  const moving = toExecutingRecord(opened.record, (await getConversation(conversationId)).participants, queueId, receivedAt)
  const executing = {
    ...moving,
    resolvedTarget: toStoredTarget({ type, queueId, skillIds: [], languageId: null, priority: 0, usedFallback: false }),
  }
  await app.ledger.writeChange({ record: executing, from: 'accepted' })
  await app.ledger.writeChange({ record: { ...executing, state: 'indeterminate', code: 'OUTCOME_UNKNOWN' }, from: 'executing' })
  return record.id
}
