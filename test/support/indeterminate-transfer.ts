/** Writes a transfer whose outcome is unknown, for tests that resolve it. */
import { acceptedAuditDraft, createTestRecord, toExecutingRecord } from './transfer-record.ts'
import type { TestSystem } from './test-system.ts'

/** Writes an indeterminate transfer: its command was sent, and no read has proved what became of it. @returns its id */
export async function writeIndeterminate(
  { app, getConversation }: Pick<TestSystem, 'app' | 'getConversation'>,
  { conversationId, queueId }: { conversationId: string; queueId: string },
): Promise<string> {
  const receivedAt = Date.now() - 60_000
  const record = createTestRecord({ conversationId, target: { type: 'queue', queueId }, receivedAt, deadlineAt: receivedAt + 8_000 })
  const opened = await app.ledger.openTransfer({ record, identity: record.id, audit: acceptedAuditDraft(record) })
  if (opened.outcome !== 'accepted') throw new Error(opened.outcome)
  const executing = toExecutingRecord(opened.record, (await getConversation(conversationId)).participants, queueId, receivedAt)
  await app.ledger.writeChange({ record: executing, from: 'accepted' })
  await app.ledger.writeChange({ record: { ...executing, state: 'indeterminate', code: 'OUTCOME_UNKNOWN' }, from: 'executing' })
  return record.id
}
