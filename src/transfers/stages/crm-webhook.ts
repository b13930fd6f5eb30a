/** Stage 4, CRM webhook: what the CRM is told of a move (design §8). Delivering it is `webhooks/delivery.ts`. */
import type { CrmEvent } from '../../ledger/ledger.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { State } from '../../model/states.ts'

/** States that the CRM hears of. */
export const notifiedStates: readonly State[] = [
  'initiated',
  'picked_up',
  'failed',
  'timeout',
  'abandoned',
  'rejected',
  'indeterminate',
  'superseded',
]

export const eventTypes: readonly string[] = notifiedStates.map((state) => `transfer.${state}`)

/** An event before it is addressed to anybody. */
export type UnaddressedEvent = Pick<CrmEvent, 'type' | 'body' | 'traceparent'>

/**
 * The event of a record that just reached its state, or undefined where the CRM is not told of that state.
 * Numbers and context values stay out of it: the transfer's id leads to them.
 */
export function webhook(record: TransferRecord, timestamp: string): UnaddressedEvent | undefined {
  if (!notifiedStates.includes(record.state)) return undefined
  const type = `transfer.${record.state}`
  const resolved = record.resolvedTarget
  const data = {
    conversationId: record.conversationId,
    actionId: record.id,
    state: record.state,
    code: record.code,
    message: record.message,
    mode: record.mode,
    targetType: resolved?.type ?? record.target.type,
    targetSkillId: resolved?.skillIds[0] ?? null,
    targetSkillIds: resolved?.skillIds ?? [],
    targetQueueId: resolved?.queueId ?? null,
    targetUserId: resolved?.userId ?? null,
    usedFallback: resolved?.usedFallback ?? false,
    priority: record.priority,
    transferDepth: record.transferDepth,
    transferPath: record.transferPath,
    latencyMs: record.latencyMs,
    pickupTime: record.pickupTime,
    pickupMs: record.pickupMs,
    agentUserId: record.agentUserId,
    bounces: record.bounces,
    requestedBy: record.requestedBy,
    correlationIds: record.correlationIds,
    timestamp,
  }
  return { type, body: JSON.stringify({ type, timestamp, data }), traceparent: record.traceparent }
}
