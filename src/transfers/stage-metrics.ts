/** What is told of the pipeline's work to whoever measures it. */
import { recordSpan } from '../telemetry/spans.ts'
import { logFields } from './stage-context.ts'
import type { TransferRecord } from '../model/transfer.ts'

export interface Observers {
  /** A stage of a transfer is over. */
  stage(stage: string, outcome: string, ms: number): void
  /** Somebody picked up, so long after the platform had accepted. */
  pickup(ms: number): void
  /** A look came so much later than planned. */
  late(ms: number): void
}
export const noopObservers: Observers = { stage() {}, pickup() {}, late() {} }

/** Tells of a stage that began at `from` and is over at `to` (epoch ms): to the observer, and as a span. `outcome` is a word of a closed list. */
export function recordStage(
  observers: Observers,
  stage: string,
  record: TransferRecord,
  outcome: string,
  from: number,
  to: number,
  failed: boolean,
): void {
  observers.stage(stage, outcome, to - from)
  const { transferId } = logFields(record)
  recordSpan({
    name: stage,
    traceparent: record.traceparent,
    from,
    to,
    attributes: { 'handoff.stage': stage, 'handoff.outcome': outcome, 'handoff.transfer_id': transferId },
    failed,
  })
}
