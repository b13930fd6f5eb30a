/** Writes the decision about a polled call to the ledger, and logs and measures a change of state. */
import type { Conversation } from '../../conversations/conversation.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Recorder } from '../recorder.ts'
import { logFields, type Log } from '../stage-context.ts'
import { recordStage, type PipelineObservers } from '../stage-metrics.ts'
import type { PollDecision } from '../stages/audit-poll.ts'
import { annotate, transition } from '../transition.ts'
import { adoptFlowRouting, hasWantedRouting, needsRouting } from './apply-routing.ts'

export interface ApplyDecisionDependencies {
  recorder: Pick<Recorder, 'write'>
  /** Epoch ms. */
  clock: () => number
  log: Log
  observers: PipelineObservers
}

/**
 * Writes a decision.
 * @param conversation the conversation that the decision is based on; undefined if the platform no longer knows it
 * @returns the record after the decision; unchanged if there is nothing to write
 * @throws StaleRecord, StoreUnavailable
 */
export type ApplyDecision = (
  record: TransferRecord,
  decision: PollDecision,
  conversation: Conversation | undefined,
) => Promise<TransferRecord>

export function createApplyDecision({ recorder, clock, log, observers }: ApplyDecisionDependencies): ApplyDecision {
  async function applyMove(
    record: TransferRecord,
    { to, patch, detail }: Extract<PollDecision, { action: 'move' }>,
    conversation: Conversation | undefined,
  ): Promise<TransferRecord> {
    const wasRoutingPending = needsRouting(record) && to === 'picked_up'
    const isTooLate = wasRoutingPending && !(conversation && hasWantedRouting(record, conversation))
    const change = transition(
      record,
      to,
      {
        ...patch,
        ...(conversation && adoptFlowRouting(record, to, conversation)),
        ...(wasRoutingPending && { routing: isTooLate ? ('too_late' as const) : ('done' as const) }),
      },
      { stage: 'audit-poll', detail: { ...detail, ...(isTooLate && { routing: 'answered before skills and priority were applied' }) } },
      clock(),
    )
    const moved = await recorder.write(change)
    const endedAt = clock()
    const startedAt = moved.initiatedAt ?? endedAt
    log.info(
      { ...logFields(moved), conversationId: moved.conversationId, stage: 'audit-poll', outcome: to, durationMs: endedAt - startedAt },
      `call ${to}`,
    )
    recordStage(observers, moved, { stage: 'audit-poll', outcome: to, startedAt, endedAt, hasFailed: to === 'failed' })
    if (moved.pickupMs !== null && to === 'picked_up') observers.onPickup(moved.pickupMs)
    return moved
  }

  return async (record, decision, conversation) => {
    switch (decision.action) {
      case 'move':
        return applyMove(record, decision, conversation)
      case 'note':
        return recorder.write(annotate(record, decision.patch, decision.status, 'audit-poll', decision.detail))
      // The step itself carries these out.
      case 'overflow':
      case 'end':
      case 'wait':
        return record
    }
  }
}
