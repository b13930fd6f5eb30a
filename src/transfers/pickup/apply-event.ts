/**
 * What an event about a watched call leads to: a pickup, and skills that the call already has, are recorded at once; anything else is
 * confirmed by a poll.
 */
import type { Conversation } from '../../conversations/conversation.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Recorder } from '../recorder.ts'
import type { Rules } from '../stage-context.ts'
import { auditPoll, nextPollDelay } from '../stages/audit-poll.ts'
import { observe } from '../hops/observe.ts'
import type { ApplyDecision } from './apply-decision.ts'
import { confirmRouting, hasPendingUpdates, hasWantedRouting, needsRouting } from './apply-routing.ts'
import { readRecord } from './step.ts'
import { isUnknown, reportResolved, updateHeld, type WatchedTransfer } from './watched-transfer.ts'

export interface ApplyEventDependencies {
  ledger: Pick<TransferStore, 'findTransfer'>
  recorder: Pick<Recorder, 'write'>
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

/** Applies an event that shows `conversation`. @throws StaleRecord, StoreUnavailable */
export type ApplyEvent = (watched: WatchedTransfer, conversation: Conversation) => Promise<void>

export function createApplyEvent(dependencies: ApplyEventDependencies): ApplyEvent {
  const { ledger, recorder, rules, clock, applyDecision, receivesEvents, isWatched, stepWithin, pollWithin, unwatch } = dependencies

  /** The call has arrived with the wanted skills and priority, so none need to be put on it. @returns the record as it is afterwards */
  async function recordUnchangedRouting(watched: WatchedTransfer, record: TransferRecord): Promise<TransferRecord> {
    const change = confirmRouting(record)
    // A step or an event during the write must see the new record, although it is not stored yet.
    if (watched.held) watched.held = { ...watched.held, record: change.record }
    const written = await recorder.write(change)
    if (watched.held?.record === change.record) updateHeld(watched, written)
    return written
  }

  return async (watched, conversation) => {
    const record = await readRecord(watched, ledger)
    if (!record || !isWatched(watched)) return
    reportResolved(watched, record)
    if (isUnknown(record)) return stepWithin(watched, 0)
    const { record: seen, progress } = observe(record, conversation, clock())
    // The call may have moved on since the event, so that what it shows about an earlier hop is confirmed by reading the conversation.
    if (seen !== record) return pollWithin(watched, 0)
    const decision = auditPoll(record, progress, clock(), rules)
    // A pickup is final even when the event is old; anything else may be over by now, so it is confirmed by reading the conversation.
    if (decision.action === 'move' && decision.to === 'picked_up') {
      await applyDecision(record, decision, conversation)
      return unwatch(watched.id)
    }
    if (decision.action !== 'wait') return pollWithin(watched, 0)
    const isWithQueue = progress.status === 'waiting' || progress.status === 'ringing'
    // A step that is running has already asked the platform to put skills and priority on the call.
    const hasRoutingAlready =
      isWithQueue && record.state === 'initiated' && needsRouting(record) && !watched.isStepping && hasWantedRouting(record, conversation)
    const current = hasRoutingAlready ? await recordUnchangedRouting(watched, record) : record
    if (isWithQueue && hasPendingUpdates(current)) stepWithin(watched, 0)
    // A poll that is already due is not postponed: a later event has asked for it meanwhile.
    if (receivesEvents(watched.id) && watched.pollAt > clock())
      watched.pollAt = clock() + nextPollDelay(current, watched.polls, rules, clock(), true)
  }
}
