/** What the pipeline reports for metrics and traces, and how the metrics read a state or the end of a hop from an audit entry. */
import type { AuditEntry } from '../ledger/contract/audit.ts'
import { hopOutcomes, type HopOutcome } from '../model/hop.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { recordSpan } from '../telemetry/spans.ts'

export interface PipelineObservers {
  /** A stage of a transfer has ended. `outcome` is from a closed list, so that it can be a metric's label. */
  onStage(stage: string, outcome: string, durationMs: number): void
  /** A call was picked up. `pickupMs` counts from the acceptance of the first hop by the platform. */
  onPickup(pickupMs: number): void
  /** A poll began `delayMs` later than it was due. */
  onLatePoll(delayMs: number): void
}
export const noopObservers: PipelineObservers = { onStage() {}, onPickup() {}, onLatePoll() {} }

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
  observers: PipelineObservers,
  record: TransferRecord,
  { stage, outcome, startedAt, endedAt, hasFailed }: EndedStage,
): void {
  observers.onStage(stage, outcome, endedAt - startedAt)
  recordSpan({
    name: stage,
    traceparent: record.traceparent,
    startedAt,
    endedAt,
    attributes: { 'handoff.stage': stage, 'handoff.outcome': outcome, 'handoff.transfer_id': record.id },
    hasFailed,
  })
}

/** Whether an audit entry reports a state that its transfer was in before, because the call moves on to another hop or stays after all. */
export const isRepeatedState = ({ status, detail }: Pick<AuditEntry, 'status' | 'detail'>): boolean =>
  (status === 'executing' || status === 'initiated') && (detail['hop'] !== undefined || detail['returned'] !== undefined)

/** The number (from 1) and outcome of the hop that ended with the change of state that an audit entry reports; undefined if none did. */
export function findEndedHop({ status, detail }: Pick<AuditEntry, 'status' | 'detail'>): { hop: number; outcome: HopOutcome } | undefined {
  const hop = Number(detail['hop'] ?? 1)
  if (status === 'initiated') return hop > 1 && detail['returned'] === undefined ? { hop: hop - 1, outcome: 'overflowed' } : undefined
  const outcome = hopOutcomes.find((known) => known === status)
  // A transfer that ends before its call has moved has no hop.
  return outcome && (hop > 1 || detail['from'] === 'initiated') ? { hop, outcome } : undefined
}
