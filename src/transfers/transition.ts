/** How a transfer changes: the new record, its audit entry, its webhook and its stored response are made together (docs/architecture.md#states). */
import type { AuditDraft } from '../ledger/contract/audit.ts'
import type { Change } from '../ledger/contract/transfers.ts'
import type { Stage } from '../model/problems.ts'
import { hopNumber, isLaterHop } from '../model/hop.ts'
import { locksAgain, transitions, type State } from '../model/states.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { parseTraceId } from '../telemetry/trace-context.ts'
import { returnToEarlierHop } from './hops/hop-changes.ts'
import type { Detail, Patch } from './patch.ts'
import { outcomeOf, type Outcome } from './request/outcome.ts'
import { createCrmEvent, type UnaddressedEvent } from './stages/crm-webhook.ts'

/** A change before its event has endpoints and its response is encoded: the recorder does both. */
export interface Transition extends Omit<Change, 'events' | 'response'> {
  event?: UnaddressedEvent
  /** What a repeat of the request with the same key is told. `release`: nothing was done and a retry may help, so the key is free again. */
  response?: Outcome | 'release'
}

/** A change that keeps the state, and so has neither an event nor a response. */
export type Annotation = Omit<Transition, 'event' | 'response'>

export interface TransitionNotes {
  stage: Stage
  /** Further values for the audit entry. */
  detail?: Detail
  /** Personal data for the audit entry, at most keyed hashes. */
  personal?: Record<string, string>
}

/** An audit entry about a transfer. */
export function auditDraft(record: TransferRecord, status: string, stage: Stage | null, detail: Detail = {}): AuditDraft {
  const { conversationId, id, latencyMs, pickupTime, transferDepth, code, requestedBy } = record
  return {
    conversationId,
    actionId: id,
    status,
    latencyMs,
    pickupTime,
    depth: transferDepth,
    stage,
    code,
    caller: requestedBy,
    traceId: parseTraceId(record.traceparent),
    detail: { mode: record.mode, ...(isLaterHop(record) && { hop: hopNumber(record) }), ...detail },
  }
}

/**
 * Changes the state of a transfer.
 * @param now epoch ms
 * @throws Error if the table of transitions does not allow it, which is a fault of this service
 */
export function transition(
  record: TransferRecord,
  to: State,
  patch: Patch,
  { stage, detail, personal }: TransitionNotes,
  now: number,
): Transition {
  if (!transitions[record.state].includes(to)) throw new Error(`a transfer cannot change from ${record.state} to ${to}`)
  const updatedAt = new Date(now).toISOString()
  const fence = locksAgain(record.state, to) ? record.fence + 1 : record.fence
  const changed: TransferRecord = { ...record, ...patch, state: to, fence, updatedAt }
  const event = createCrmEvent(changed, updatedAt, record)
  return {
    record: changed,
    from: record.state,
    audit: { ...auditDraft(changed, to, stage, { from: record.state, ...detail }), ...(personal && { personal }) },
    ...(event && { event }),
  }
}

/**
 * Changes a transfer whose call was to move on to the current hop, and has stayed at the hop before: that hop goes on.
 * @param now epoch ms
 * @param returned why
 * @param isRefused whether the platform would not move the call there, however often it was asked
 */
export const stayAtEarlierHop = (
  record: TransferRecord,
  now: number,
  { returned, isRefused, ...detail }: { returned: string; isRefused: boolean } & Detail,
): Transition =>
  transition(record, 'initiated', returnToEarlierHop(record, now, isRefused), { stage: 'execution', detail: { returned, ...detail } }, now)

/**
 * Changes a transfer that stays in its state: an offer was declined, skills were put on the call.
 * @param status of the audit entry; without it there is none
 */
export function annotate(record: TransferRecord, patch: Patch, status?: string, stage: Stage = 'audit-poll', detail?: Detail): Annotation {
  const changed: TransferRecord = { ...record, ...patch }
  return { record: changed, from: record.state, ...(status && { audit: auditDraft(changed, status, stage, detail) }) }
}

/** The change, with what a caller wrote about it, masked, in its audit entry. */
export const withFreeText = (change: Transition, freeText: Readonly<Record<string, string>>): Transition => ({
  ...change,
  ...(change.audit && { audit: { ...change.audit, freeText } }),
})

/**
 * The change, with what a repeat of the request is told from now on. A refusal that a retry may cure is not kept.
 * @param previous the record before the change. Once the call has moved, the request was answered, and its answer stays.
 */
export function withStoredResponse(change: Transition, previous: TransferRecord): Transition {
  if (previous.initiatedAt !== null) return change
  const outcome = outcomeOf(change.record)
  return { ...change, response: 'problem' in outcome && outcome.problem.retryable ? 'release' : outcome }
}
