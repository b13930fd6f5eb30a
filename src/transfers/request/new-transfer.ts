/** Makes the record of a new transfer: it is `accepted`, and contains only what the request asks for. */
import { v7 as uuid } from 'uuid'
import { queuesOf } from '../../auth/restriction.ts'
import { firstHop } from '../../model/hop.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { needsAttributes } from '../attributes/agent-attributes.ts'
import type { NormalizedRequest } from './normalize-request.ts'

export interface Requester {
  /** Id of the API key. */
  id: string
  /** Queues that the key may transfer to; null: all. */
  queues: string[] | null
}

/**
 * Makes the record of a new transfer.
 * @param request its `targets` are the target and all fallbacks of the request
 * @param receivedAt epoch ms when the request arrived
 * @param deadlineMs from `receivedAt` until the platform must have accepted the transfer, ms
 * @param now epoch ms when the record is made. This is later than `receivedAt`, from which the deadline counts
 */
export function createTransferRecord(
  request: Pick<
    NormalizedRequest,
    | 'conversationId'
    | 'mode'
    | 'target'
    | 'fallback'
    | 'targets'
    | 'priority'
    | 'context'
    | 'summary'
    | 'reason'
    | 'override'
    | 'traceparent'
    | 'bulk'
  >,
  requester: Requester,
  receivedAt: number,
  deadlineMs: number,
  now: number,
): TransferRecord {
  const createdAt = new Date(now).toISOString()
  return {
    id: uuid(),
    conversationId: request.conversationId,
    state: 'accepted',
    code: null,
    message: null,
    mode: request.mode,
    target: request.target,
    resolvedTarget: null,
    considered: [],
    priority: request.priority,
    summary: request.summary,
    reason: request.reason,
    transferDepth: 1,
    transferPath: [],
    latencyMs: null,
    pickupTime: null,
    pickupMs: null,
    agentUserId: null,
    callbackConversationId: null,
    bounces: 0,
    requestedBy: requester.id,
    createdAt,
    updatedAt: createdAt,
    correlationIds: [],
    fallback: request.fallback,
    context: request.context,
    receivedAt,
    deadlineAt: receivedAt + deadlineMs,
    initiatedAt: null,
    hop: firstHop,
    earlierHops: [],
    snapshot: null,
    customerId: null,
    sentAt: null,
    attempt: 0,
    routing: 'pending',
    // The update of the loop guard's attributes.
    mirror: 'pending',
    attributes: needsAttributes(request, {}) ? 'pending' : 'done',
    lateWatch: false,
    queueIds: queuesOf(request.targets),
    override: request.override,
    ...(request.bulk && { bulk: request.bulk }),
    allowedQueues: requester.queues,
    refusal: null,
    traceparent: request.traceparent,
    owner: '',
    fence: 0,
  }
}
