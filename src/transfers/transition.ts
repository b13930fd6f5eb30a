/**
 * Makes the changes of transfers: each has the new record and, where they apply, its audit entry, its webhook event and its stored response
 * (docs/architecture.md#states).
 */
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

/** A change whose event has no endpoints yet, and whose response is not encoded yet: the recorder adds both. */
export interface Transition extends Omit<Change, 'events' | 'response'> {
  event?: UnaddressedEvent
  /**
   * The response to a repeat of the request with the same key. `release`: nothing was done and a retry may help, so the key is free again.
   */
  response?: Outcome | 'release'
}

/** A change that keeps the state, and therefore has neither an event nor a response. */
export type Annotation = Omit<Transition, 'event' | 'response'>

export interface TransitionNotes {
  stage: Stage
  /** Values for the audit entry that have no field of their own. */
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
 * @throws Error if the table of transitions does not allow the change, which would be a bug of this service
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
 * Returns a transfer to its earlier hop, because its call did not move on to the current one.
 * @param now epoch ms
 * @param returned why the call did not move on, for the audit trail
 * @param isRefused whether another try would be refused too, so that this candidate is not tried again
 */
export const stayAtEarlierHop = (
  record: TransferRecord,
  now: number,
  { returned, isRefused, ...detail }: { returned: string; isRefused: boolean } & Detail,
): Transition =>
  transition(record, 'initiated', returnToEarlierHop(record, now, isRefused), { stage: 'execution', detail: { returned, ...detail } }, now)

/**
 * Changes a transfer that keeps its state, for example because an offer was declined or skills were set.
 * @param status the status of the audit entry; without one, there is no audit entry
 */
export function annotate(record: TransferRecord, patch: Patch, status?: string, stage: Stage = 'audit-poll', detail?: Detail): Annotation {
  const changed: TransferRecord = { ...record, ...patch }
  return { record: changed, from: record.state, ...(status && { audit: auditDraft(changed, status, stage, detail) }) }
}

/** Adds text in a person's own words to the audit entry of a change. @param freeText masked already */
export const withFreeText = (change: Transition, freeText: Readonly<Record<string, string>>): Transition => ({
  ...change,
  ...(change.audit && { audit: { ...change.audit, freeText } }),
})

/**
 * Adds to a change the response that a repeat of the request gets from now on. A refusal is not stored if a retry may help.
 * @param previous the record before the change. If its call had moved, the request was answered before, and that response stays.
 */
export function withStoredResponse(change: Transition, previous: TransferRecord): Transition {
  if (previous.initiatedAt !== null) return change
  const outcome = outcomeOf(change.record)
  return { ...change, response: 'problem' in outcome && outcome.problem.retryable ? 'release' : outcome }
}
