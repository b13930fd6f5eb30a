/** Stage 4, CRM webhook: what the CRM is told about a state (docs/architecture.md#crm-webhooks). webhooks/delivery-worker.ts delivers it. */
import type { CrmEvent } from '../../ledger/contract/deliveries.ts'
import type { State } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/** The states that the CRM is told of. */
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

/** An event that has no endpoint yet. */
export type UnaddressedEvent = Pick<CrmEvent, 'type' | 'body' | 'traceparent'>

/**
 * The event of a record that has just reached its state. Its body contains no phone number and no context value: the CRM can
 * read those with the transfer's id.
 * @param timestamp ISO 8601
 * @returns undefined if the CRM is not told of the state
 */
export function createCrmEvent(record: TransferRecord, timestamp: string): UnaddressedEvent | undefined {
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
