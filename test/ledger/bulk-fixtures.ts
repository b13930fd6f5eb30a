/** Bulk transfers and their calls as tests of the ledger store them. */
import { randomUUID } from 'node:crypto'
import type { BulkCallRecord, BulkTransferRecord } from '../../src/model/bulk-transfer.ts'

export function createBulk(fields: Partial<BulkTransferRecord> = {}): BulkTransferRecord {
  const queueId = randomUUID()
  const createdAt = new Date().toISOString()
  return {
    id: randomUUID(),
    state: 'running',
    code: null,
    message: null,
    fromQueueId: randomUUID(),
    target: { type: 'queue', queueId },
    fallback: [],
    limit: 100,
    reason: 'test',
    requestedBy: 'ops',
    createdAt,
    updatedAt: createdAt,
    allowedQueues: null,
    queueIds: [queueId],
    traceparent: '',
    isTruncated: false,
    owner: '',
    fence: 1,
    ...fields,
  }
}

export const createCall = (position: number, conversationId: string = randomUUID()): BulkCallRecord => ({
  position,
  conversationId,
  waitingSince: 1_000 + position,
  priority: -position,
  state: 'pending',
  attempt: 0,
  nextAt: 0,
  transferId: null,
  code: null,
  message: null,
})
