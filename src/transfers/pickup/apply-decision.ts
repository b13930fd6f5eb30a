/** Writes down what a look or an event proves of a transfer that the platform accepted, and tells of it. */
import { needsRouting } from './apply-routing.ts'
import type { Verdict } from '../stages/audit-poll.ts'
import { about, type Log } from '../stage-context.ts'
import { tellStage, type Observers } from '../stage-metrics.ts'
import { amendment, move, type Recorder } from '../transition.ts'
import type { TransferRecord } from '../../model/transfer.ts'

export interface ConcludingDependencies {
  recorder: Recorder
  clock: () => number
  log: Log
  observers: Observers
}

/** The record as it is then. @throws StaleRecord, StoreUnavailable */
export type Conclude = (record: TransferRecord, verdict: Verdict) => Promise<TransferRecord>

export function createConcluding({ recorder, clock, log, observers }: ConcludingDependencies): Conclude {
  async function moved(record: TransferRecord, { to, patch, detail }: Extract<Verdict, { does: 'move' }>): Promise<TransferRecord> {
    const late = needsRouting(record) && to === 'picked_up'
    const told = { ...detail, ...(late && { routing: 'answered before skills and priority were applied' }) }
    const tooLate = late && { routing: 'too_late' as const }
    const seen = await recorder.write(move(record, to, { ...patch, ...tooLate }, { stage: 'audit-poll', detail: told }, clock()))
    const now = clock()
    const since = seen.initiatedAt ?? now
    log.info(
      { ...about(seen), conversationId: seen.conversationId, stage: 'audit-poll', outcome: to, durationMs: now - since },
      `call ${to}`,
    )
    tellStage(observers, 'audit-poll', seen, to, since, now, to === 'failed')
    if (seen.pickupMs !== null && to === 'picked_up') observers.pickup(seen.pickupMs)
    return seen
  }

  return async (record, verdict) => {
    if (verdict.does === 'note') return recorder.write(amendment(record, verdict.patch, verdict.status, 'audit-poll', verdict.detail))
    return verdict.does === 'move' ? moved(record, verdict) : record
  }
}
