/** The changes of a bulk transfer, each with its audit entry: it starts, is paused, resumed or cancelled, and ends. */
import { createAuditDraft } from '../../../ledger/audit/draft.ts'
import type { AuditDraft } from '../../../ledger/contract/audit.ts'
import type { BulkChange } from '../../../ledger/contract/bulk-transfers.ts'
import type { BulkState, BulkTransferRecord } from '../../../model/bulk-transfer.ts'
import { Problem } from '../../../model/problems.ts'
import { maskFreeText } from '../../../telemetry/redact-log-line.ts'
import { parseTraceId } from '../../../telemetry/trace-context.ts'

type Detail = AuditDraft['detail']

/** @param caller id of the API key that asked for the change; null: Handoff itself made it */
function createChange(
  record: BulkTransferRecord,
  status: string,
  caller: string | null,
  detail: Detail = {},
  freeText?: AuditDraft['freeText'],
): BulkChange {
  const { id: bulkId, fromQueueId, code, traceparent } = record
  const audit = createAuditDraft(status, {
    code,
    caller,
    traceId: parseTraceId(traceparent) ?? null,
    detail: { bulkId, fromQueueId, ...detail },
    ...(freeText && { freeText }),
  })
  return { record, audit }
}

const withState = ({ waitsUntil: _wait, ...record }: BulkTransferRecord, state: BulkState, now: number): BulkTransferRecord => ({
  ...record,
  state,
  code: null,
  message: null,
  updatedAt: new Date(now).toISOString(),
})

export const startBulk = (record: BulkTransferRecord, calls: number): BulkChange =>
  createChange(
    record,
    'bulk_started',
    record.requestedBy,
    { calls, targetType: record.target.type, limit: record.limit },
    { reason: maskFreeText(record.reason) },
  )

/** Pauses it because no call can be moved until somebody has removed the reason. @param now epoch ms */
export const pauseForProblem = (record: BulkTransferRecord, { code, message }: Problem, now: number): BulkChange =>
  createChange({ ...withState(record, 'paused', now), code, message }, 'bulk_paused', null)

/** A stored estimate that is wrong by less than this is kept, ms: the ledger is not written every few seconds. */
const estimateToleranceMs = 15_000

/**
 * Stores until when it waits for the platform's rate limit. Only the first wait since it was requested or resumed is a change for the audit
 * trail: it goes on slowly from then on. The ledger ends the wait with the next step.
 * @param until epoch ms
 * @returns undefined if that is stored already
 */
export function markWaiting(record: BulkTransferRecord, until: number): Pick<BulkChange, 'record'> | BulkChange | undefined {
  const { waitsUntil } = record
  if (typeof waitsUntil === 'string' && Math.abs(until - Date.parse(waitsUntil)) < estimateToleranceMs) return undefined
  const waiting = { ...record, waitsUntil: new Date(until).toISOString() }
  return waitsUntil === undefined ? createChange(waiting, 'bulk_slowed', null) : { record: waiting }
}

/** Ends it. One that was cancelled stays `cancelled`. @param now epoch ms */
export const endBulk = (record: BulkTransferRecord, counts: Record<string, number>, now: number): BulkChange =>
  createChange(withState(record, record.state === 'cancelled' ? 'cancelled' : 'done', now), 'bulk_ended', null, counts)

export type BulkAction = 'pause' | 'resume' | 'cancel'
const actions: Record<BulkAction, { from: readonly BulkState[]; to: BulkState; status: string }> = {
  pause: { from: ['running'], to: 'paused', status: 'bulk_paused' },
  resume: { from: ['paused'], to: 'running', status: 'bulk_resumed' },
  cancel: { from: ['running', 'paused'], to: 'cancelled', status: 'bulk_cancelled' },
}

/**
 * @param caller id of the API key that asks for it
 * @param now epoch ms
 * @returns undefined if it is in that state already
 * @throws Problem STATE_CONFLICT if it is over
 */
export function applyAction(record: BulkTransferRecord, action: BulkAction, caller: string, now: number): BulkChange | undefined {
  const { from, to, status } = actions[action]
  if (record.state === to) return undefined
  if (!from.includes(record.state)) throw new Problem('STATE_CONFLICT', `Bulk transfer ${record.id} is ${record.state}.`)
  return createChange(withState(record, to, now), status, caller)
}
