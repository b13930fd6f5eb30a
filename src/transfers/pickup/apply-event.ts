/** What an event about a watched call leads to: a pickup is recorded at once, anything else is confirmed by a poll. */
import type { Conversation } from '../../conversations/conversation.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import type { Rules } from '../stage-context.ts'
import { auditPoll, nextPollDelay } from '../stages/audit-poll.ts'
import { progressOf } from '../unknown-outcome/evidence.ts'
import type { ApplyDecision } from './apply-decision.ts'
import { hasPendingUpdates } from './apply-routing.ts'
import { readRecord } from './step.ts'
import { isUnknown, reportResolved, type WatchedTransfer } from './watched-transfer.ts'

export interface ApplyEventDependencies {
  ledger: Pick<TransferStore, 'findTransfer'>
  rules: Pick<Rules, 'pollIntervalMs' | 'pickupTimeoutMs'>
  /** Epoch ms. */
  clock: () => number
  applyDecision: ApplyDecision
  receivesEvents: (id: string) => boolean
  isWatched: (watched: WatchedTransfer) => boolean
  /** Makes the next step start in so many ms at the latest. */
  stepWithin: (watched: WatchedTransfer, ms: number) => void
  /** Makes the next poll start in so many ms at the latest. */
  pollWithin: (watched: WatchedTransfer, ms: number) => void
  /** Ends the watch. */
  unwatch: (id: string) => void
}

/** @throws StaleRecord, StoreUnavailable */
export type ApplyEvent = (watched: WatchedTransfer, conversation: Conversation) => Promise<void>

export function createApplyEvent(dependencies: ApplyEventDependencies): ApplyEvent {
  const { ledger, rules, clock, applyDecision, receivesEvents, isWatched, stepWithin, pollWithin, unwatch } = dependencies
  return async (watched, conversation) => {
    const record = await readRecord(watched, ledger)
    if (!record || !isWatched(watched)) return
    reportResolved(watched, record)
    if (isUnknown(record)) return stepWithin(watched, 0)
    const progress = progressOf(record, conversation)
    const decision = auditPoll(record, progress, clock(), rules)
    // A pickup is final even when the event is old; anything else may be over by now, so it is confirmed by reading the conversation.
    if (decision.action === 'move' && decision.to === 'picked_up') {
      await applyDecision(record, decision)
      return unwatch(watched.id)
    }
    if (decision.action !== 'wait') return pollWithin(watched, 0)
    if (hasPendingUpdates(record) && (progress.status === 'waiting' || progress.status === 'ringing')) stepWithin(watched, 0)
    // A poll that is due already was asked for by a later event, and is not postponed.
    if (receivesEvents(watched.id) && watched.pollAt > clock())
      watched.pollAt = clock() + nextPollDelay(record, watched.polls, rules, clock(), true)
  }
}
