/**
 * Applies an event about a watched call: a pickup, and skills that the call already has, are recorded at once; anything else is confirmed by
 * a poll.
 */
import type { Conversation } from '../../conversations/conversation.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Recorder } from '../recorder.ts'
import type { Rules } from '../stage-context.ts'
import { auditPoll, nextPollDelayMs } from '../stages/audit-poll.ts'
import { observe } from '../hops/observe.ts'
import type { ApplyDecision } from './apply-decision.ts'
import { canConfirmByEvent, confirmRouting, hasPendingUpdates, hasWantedRouting } from './apply-routing.ts'
import { readRecord } from './unsaved-update.ts'
import { hasUnknownOutcome, reportResolved, updateCached, type WatchedTransfer } from './watched-transfer.ts'

export interface ApplyEventDependencies {
  ledger: Pick<TransferStore, 'findTransfer'>
  recorder: Pick<Recorder, 'write'>
  rules: Pick<Rules, 'pollIntervalMs' | 'pickupTimeoutMs'>
  /** Epoch ms. */
  clock: () => number
  applyDecision: ApplyDecision
  /** Whether events about this transfer arrive. */
  receivesEvents: (id: string) => boolean
  /** Whether the transfer is still watched as this object. */
  isWatched: (watched: WatchedTransfer) => boolean
  /** Makes the next step start within `ms`. */
  stepWithin: (watched: WatchedTransfer, ms: number) => void
  /** Makes the next poll start within `ms`. */
  pollWithin: (watched: WatchedTransfer, ms: number) => void
  /** Ends the watch. */
  unwatch: (id: string) => void
}

/** Applies an event that shows `conversation`. @throws StaleRecord, StoreUnavailable */
export type ApplyEvent = (watched: WatchedTransfer, conversation: Conversation) => Promise<void>

export function createApplyEvent(dependencies: ApplyEventDependencies): ApplyEvent {
  const { ledger, recorder, rules, clock, applyDecision, receivesEvents, isWatched, stepWithin, pollWithin, unwatch } = dependencies

  /** Records that the call has arrived with the wanted skills and priority, so that they need not be set. @returns the new record */
  async function recordUnchangedRouting(watched: WatchedTransfer, record: TransferRecord): Promise<TransferRecord> {
    const change = confirmRouting(record)
    // A step or another event during the write must use the new record, although it is not stored yet.
    if (watched.cached) watched.cached = { ...watched.cached, record: change.record }
    const written = await recorder.write(change)
    if (watched.cached?.record === change.record) updateCached(watched, written)
    return written
  }

  return async (watched, conversation) => {
    const record = await readRecord(watched, ledger, recorder)
    if (!record || !isWatched(watched)) return
    reportResolved(watched, record)
    if (hasUnknownOutcome(record)) return stepWithin(watched, 0)
    const { record: seen, progress } = observe(record, conversation, clock())
    // The call may have moved on since the event, so a return to an earlier hop is confirmed by reading the conversation.
    if (seen !== record) return pollWithin(watched, 0)
    const decision = auditPoll(record, progress, clock(), rules)
    // A pickup is final even when the event is old; anything else may be over by now, so it is confirmed by reading the conversation.
    if (decision.action === 'move' && decision.to === 'picked_up') {
      await applyDecision(record, decision, conversation)
      return unwatch(watched.id)
    }
    if (decision.action !== 'wait') return pollWithin(watched, 0)
    const isWithQueue = progress.status === 'waiting' || progress.status === 'ringing'
    // A step that is running has already asked the platform to set skills and priority, so the event must not confirm them.
    const hasRoutingAlready =
      isWithQueue &&
      record.state === 'initiated' &&
      canConfirmByEvent(record) &&
      !watched.isStepping &&
      hasWantedRouting(record, conversation)
    const current = hasRoutingAlready ? await recordUnchangedRouting(watched, record) : record
    if (isWithQueue && hasPendingUpdates(current)) stepWithin(watched, 0)
    // A poll that is already due is not postponed: another event may have asked for it.
    if (receivesEvents(watched.id) && watched.pollAt > clock())
      watched.pollAt = clock() + nextPollDelayMs(current, watched.polls, rules, clock(), true)
  }
}
