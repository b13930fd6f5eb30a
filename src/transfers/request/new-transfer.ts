/** The record that a request opens: accepted, and nothing known yet but what was asked. */
import { v7 as uuid } from 'uuid'
import type { NormalizedRequest } from './normalize-request.ts'
import type { TransferRecord } from '../../model/transfer.ts'

export interface Requester {
  /** Id of the key. */
  id: string
  /** Queues that the key may transfer to; null: all. */
  queues: string[] | null
}

/** @param receivedAt epoch ms when the request arrived; its deadline counts from there */
export function createTransferRecord(
  asked: NormalizedRequest,
  requester: Requester,
  receivedAt: number,
  deadlineMs: number,
  now: number,
): TransferRecord {
  const at = new Date(now).toISOString()
  return {
    id: uuid(),
    conversationId: asked.conversationId,
    state: 'accepted',
    code: null,
    message: null,
    mode: asked.mode,
    target: asked.target,
    resolvedTarget: null,
    priority: asked.priority,
    transferDepth: 1,
    transferPath: [],
    latencyMs: null,
    pickupTime: null,
    pickupMs: null,
    agentUserId: null,
    bounces: 0,
    requestedBy: requester.id,
    createdAt: at,
    updatedAt: at,
    correlationIds: [],
    fallback: asked.fallback,
    context: asked.context,
    receivedAt,
    deadlineAt: receivedAt + deadlineMs,
    initiatedAt: null,
    snapshot: null,
    customerId: null,
    sentAt: null,
    attempt: 0,
    routing: 'pending',
    mirror: 'pending',
    lateWatch: false,
    allowedQueues: requester.queues,
    refusal: null,
    traceparent: asked.traceparent,
    owner: '',
    fence: 0,
  }
}
