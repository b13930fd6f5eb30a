/**
 * Stage 4, CRM webhook: which changes of state the CRM gets an event about, and the event (docs/architecture.md#crm-webhooks).
 * webhooks/delivery-worker.ts delivers it.
 */
import type { CrmEvent } from '../../ledger/contract/deliveries.ts'
import { hopNumber } from '../../model/hop.ts'
import type { State } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/** The states about which the CRM gets an event. */
export const notifiedStates: readonly State[] = [
  'initiated',
  'picked_up',
  'callback_created',
  'failed',
  'timeout',
  'abandoned',
  'rejected',
  'indeterminate',
  'superseded',
]

/** A call that moves on to another hop is `initiated` again: this event has a type of its own. */
const overflowedType = 'transfer.overflowed'
export const eventTypes: readonly string[] = [...notifiedStates.map((state) => `transfer.${state}`), overflowedType]

/** An event that has no endpoint yet. */
export type UnaddressedEvent = Pick<CrmEvent, 'type' | 'body' | 'traceparent'>

/** The type of the event; undefined if there is none, because of the state, or because the call has only returned to its earlier hop. */
function eventTypeOf(record: TransferRecord, previous: TransferRecord | undefined): string | undefined {
  if (!notifiedStates.includes(record.state)) return undefined
  if (record.state !== 'initiated' || !previous || previous.initiatedAt === null) return `transfer.${record.state}`
  return record.earlierHops.length < previous.earlierHops.length ? undefined : overflowedType
}

/**
 * The event about a record that has just reached its state. Its body contains no phone number and no context value; the CRM can read both
 * with the id of the transfer.
 * @param timestamp ISO 8601
 * @param previous the record before the change
 * @returns undefined if the CRM gets no event about this change
 */
export function createCrmEvent(record: TransferRecord, timestamp: string, previous?: TransferRecord): UnaddressedEvent | undefined {
  const type = eventTypeOf(record, previous)
  if (type === undefined) return undefined
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
    hop: hopNumber(record),
    priority: record.priority,
    transferDepth: record.transferDepth,
    transferPath: record.transferPath,
    latencyMs: record.latencyMs,
    pickupTime: record.pickupTime,
    pickupMs: record.pickupMs,
    agentUserId: record.agentUserId,
    callbackConversationId: record.callbackConversationId,
    bounces: record.bounces,
    requestedBy: record.requestedBy,
    correlationIds: record.correlationIds,
    timestamp,
  }
  return { type, body: JSON.stringify({ type, timestamp, data }), traceparent: record.traceparent }
}
