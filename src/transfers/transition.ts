/** How a transfer changes: the new record, its audit entry, its webhook and its stored response are made together (docs/architecture.md#states). */
import type { AuditDraft } from '../ledger/contract/audit.ts'
import type { Change } from '../ledger/contract/transfers.ts'
import type { Stage } from '../model/problems.ts'
import { transitions, type State } from '../model/states.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { parseTraceId } from '../telemetry/trace-context.ts'
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
    detail: { mode: record.mode, ...detail },
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
  const changed: TransferRecord = { ...record, ...patch, state: to, updatedAt }
  const event = createCrmEvent(changed, updatedAt)
  return {
    record: changed,
    from: record.state,
    audit: { ...auditDraft(changed, to, stage, { from: record.state, ...detail }), ...(personal && { personal }) },
    ...(event && { event }),
  }
}

/**
 * Changes a transfer that stays in its state: an offer was declined, skills were put on the call.
 * @param status of the audit entry; without it there is none
 */
export function annotate(record: TransferRecord, patch: Patch, status?: string, stage: Stage = 'audit-poll', detail?: Detail): Annotation {
  const changed: TransferRecord = { ...record, ...patch }
  return { record: changed, from: record.state, ...(status && { audit: auditDraft(changed, status, stage, detail) }) }
}

/** The change, with what a repeat of the request is told from now on. A refusal that a retry may cure is not kept. */
export function withStoredResponse(change: Transition): Transition {
  const outcome = outcomeOf(change.record)
  return { ...change, response: 'problem' in outcome && outcome.problem.retryable ? 'release' : outcome }
}
