/**
 * Stage 4, CRM webhook: which changes of state the CRM gets an event about, and the event (docs/architecture.md#crm-webhooks).
 * webhooks/delivery-worker.ts delivers it.
 */
import type { CrmEvent } from '../../ledger/contract/deliveries.ts'
import type { TransferEventData } from '../../model/crm-event.ts'
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
 * The event about a record that has just reached its state. Its body contains no phone number, no context value, no summary and no reason; the
 * CRM can read the transfer with its id.
 * @param timestamp ISO 8601
 * @param previous the record before the change
 * @returns undefined if the CRM gets no event about this change
 */
export function createCrmEvent(record: TransferRecord, timestamp: string, previous?: TransferRecord): UnaddressedEvent | undefined {
  const type = eventTypeOf(record, previous)
  if (type === undefined) return undefined
  const resolved = record.resolvedTarget
  const data: TransferEventData = {
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

/** An event with summary and reason of the transfer, for a CRM that is to get them (CRM_WEBHOOK_INCLUDE_SUMMARY). */
export function withSummary(event: UnaddressedEvent, { summary, reason }: Pick<TransferRecord, 'summary' | 'reason'>): UnaddressedEvent {
  const { data, ...rest } = JSON.parse(event.body) as { data: object }
  return { ...event, body: JSON.stringify({ ...rest, data: { ...data, summary, reason } }) }
}

/** The body of an event without summary and reason. A body that has none stays as it is, byte for byte. */
export function withoutSummary(body: string): string {
  const { data, ...rest } = JSON.parse(body) as { data?: { summary?: unknown; reason?: unknown } }
  if ((data?.summary ?? null) === null && (data?.reason ?? null) === null) return body
  return JSON.stringify({ ...rest, data: { ...data, summary: null, reason: null } })
}
