import { v7 as uuid } from 'uuid'
import type { TransferRecord } from '../../src/transfers/transfer.ts'

/** A record as the switchboard opens it, with the fields a test cares about. */
export function aRecord(fields: Partial<TransferRecord> = {}): TransferRecord {
  const now = Date.now()
  const at = new Date(now).toISOString()
  return {
    id: uuid(),
    conversationId: '8c2f1a54-3d6b-4f0e-9a71-5b2c8d9e0f13',
    state: 'accepted',
    code: null,
    message: null,
    mode: 'execute',
    target: { type: 'queue', queueId: '3f1d2c4b-5a69-4788-8c9d-0e1f2a3b4c5d' },
    resolvedTarget: null,
    priority: 0,
    transferDepth: 1,
    transferPath: [],
    latencyMs: null,
    pickupTime: null,
    pickupMs: null,
    agentUserId: null,
    bounces: 0,
    requestedBy: 'ops',
    createdAt: at,
    updatedAt: at,
    correlationIds: [],
    fallback: [],
    context: {},
    receivedAt: now,
    deadlineAt: now + 8_000,
    initiatedAt: null,
    snapshot: null,
    customerId: null,
    sentAt: null,
    attempt: 0,
    routing: 'pending',
    mirror: 'pending',
    lateWatch: false,
    allowedQueues: null,
    refusal: null,
    traceparent: null,
    owner: '',
    fence: 0,
    ...fields,
  }
}
