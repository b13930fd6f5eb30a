/** What the pipeline reports about its work: metrics to the observers, and a span for each stage. */
import type { AuditEntry } from '../ledger/contract/audit.ts'
import { hopOutcomes, type HopOutcome } from '../model/hop.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { recordSpan } from '../telemetry/spans.ts'

export interface Observers {
  /** A stage of a transfer has ended. `outcome` is from a closed list, so that it can be a metric's label. */
  stage(stage: string, outcome: string, durationMs: number): void
  /** A call was picked up, so many ms after the platform had accepted its transfer. */
  pickup(ms: number): void
  /** A poll began so many ms later than it was due. */
  late(ms: number): void
}
export const noopObservers: Observers = { stage() {}, pickup() {}, late() {} }

export interface EndedStage {
  stage: string
  /** From a closed list. */
  outcome: string
  /** Epoch ms. */
  startedAt: number
  /** Epoch ms. */
  endedAt: number
  hasFailed: boolean
}

/** Reports an ended stage to the observers and as a span. */
export function recordStage(
  observers: Observers,
  record: TransferRecord,
  { stage, outcome, startedAt, endedAt, hasFailed }: EndedStage,
): void {
  observers.stage(stage, outcome, endedAt - startedAt)
  recordSpan({
    name: stage,
    traceparent: record.traceparent,
    startedAt,
    endedAt,
    attributes: { 'handoff.stage': stage, 'handoff.outcome': outcome, 'handoff.transfer_id': record.id },
    hasFailed,
  })
}

/** Whether an audit entry is about a state that its transfer has reached before: its call moves on to another hop, or stays after all. */
export const isRepeatedState = ({ status, detail }: Pick<AuditEntry, 'status' | 'detail'>): boolean =>
  (status === 'executing' || status === 'initiated') && (detail['hop'] !== undefined || detail['returned'] !== undefined)

/** The hop that ended with the change of state that an audit entry is about; undefined: none did. */
export function findEndedHop({ status, detail }: Pick<AuditEntry, 'status' | 'detail'>): { hop: number; outcome: HopOutcome } | undefined {
  const hop = Number(detail['hop'] ?? 1)
  if (status === 'initiated') return hop > 1 && detail['returned'] === undefined ? { hop: hop - 1, outcome: 'overflowed' } : undefined
  const outcome = hopOutcomes.find((known) => known === status)
  // A transfer that ends before its call has moved has no hop.
  return outcome && (hop > 1 || detail['from'] === 'initiated') ? { hop, outcome } : undefined
}
