/** Writes down what a look or an event proves of a transfer that the platform accepted, and tells of it. */
import { needsRouting } from './apply-routing.ts'
import type { PollDecision } from '../stages/audit-poll.ts'
import { logFields, type Log } from '../stage-context.ts'
import { recordStage, type Observers } from '../stage-metrics.ts'
import { annotate, transition, type Recorder } from '../transition.ts'
import type { TransferRecord } from '../../model/transfer.ts'

export interface ApplyDecisionDependencies {
  recorder: Recorder
  clock: () => number
  log: Log
  observers: Observers
}

/** The record as it is then. @throws StaleRecord, StoreUnavailable */
export type ApplyDecision = (record: TransferRecord, verdict: PollDecision) => Promise<TransferRecord>

export function createApplyDecision({ recorder, clock, log, observers }: ApplyDecisionDependencies): ApplyDecision {
  async function moved(record: TransferRecord, { to, patch, detail }: Extract<PollDecision, { action: 'move' }>): Promise<TransferRecord> {
    const late = needsRouting(record) && to === 'picked_up'
    const told = { ...detail, ...(late && { routing: 'answered before skills and priority were applied' }) }
    const tooLate = late && { routing: 'too_late' as const }
    const seen = await recorder.write(transition(record, to, { ...patch, ...tooLate }, { stage: 'audit-poll', detail: told }, clock()))
    const now = clock()
    const since = seen.initiatedAt ?? now
    log.info(
      { ...logFields(seen), conversationId: seen.conversationId, stage: 'audit-poll', outcome: to, durationMs: now - since },
      `call ${to}`,
    )
    recordStage(observers, 'audit-poll', seen, to, since, now, to === 'failed')
    if (seen.pickupMs !== null && to === 'picked_up') observers.pickup(seen.pickupMs)
    return seen
  }

  return async (record, verdict) => {
    if (verdict.action === 'note') return recorder.write(annotate(record, verdict.patch, verdict.status, 'audit-poll', verdict.detail))
    return verdict.action === 'move' ? moved(record, verdict) : record
  }
}
