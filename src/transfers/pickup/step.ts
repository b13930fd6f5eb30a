/** One step in watching a transfer: resolve its unknown outcome, update the call, poll it, or move it on; and when the next step is due. */
import type { LeaseStore } from '../../ledger/contract/lease.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import { isFinal } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { CommandRunner } from '../command.ts'
import type { Recorder } from '../recorder.ts'
import type { CreateStageContext, Rules, StageContext } from '../stage-context.ts'
import { observe } from '../hops/observe.ts'
import { auditPoll, nextPollDelay } from '../stages/audit-poll.ts'
import { readConversation } from '../stages/validation.ts'
import { annotate } from '../transition.ts'
import type { ResolveUnknownOutcome } from '../unknown-outcome/resolve.ts'
import type { ApplyDecision } from './apply-decision.ts'
import { applyPendingUpdates, hasPendingUpdates } from './apply-routing.ts'
import type { Overflow } from './overflow.ts'
import {
  firstPause,
  firstStepDelay,
  isUnknown,
  reportResolved,
  restart,
  unknownPause,
  updateHeld,
  updatePause,
  type WatchedTransfer,
} from './watched-transfer.ts'

/** How long the platform has to answer in one step, ms. */
const stepTimeoutMs = 4_000

export interface StepDependencies {
  ledger: Pick<TransferStore, 'findTransfer'> & Pick<LeaseStore, 'currentLease'> & { readonly nodeId: string }
  recorder: Pick<Recorder, 'write'>
  rules: Pick<Rules, 'pollIntervalMs' | 'pickupTimeoutMs'>
  /** Epoch ms. */
  clock: () => number
  createStageContext: CreateStageContext
  commands: Pick<CommandRunner, 'attemptAgain'>
  resolve: ResolveUnknownOutcome
  applyDecision: ApplyDecision
  overflow: Overflow
  /** Subscribes to events about the current target of the record. */
  expect: (record: TransferRecord) => void
  /** Whether events about this transfer arrive. */
  receivesEvents: (id: string) => boolean
  /** Ends the watch of a transfer that a newer one has superseded. */
  onSuperseded: (id: string) => void
}

/**
 * @returns ms until the next step; undefined if there is nothing left to watch for
 * @throws StaleRecord, StoreUnavailable, Problem, GenesysError
 */
export type Step = (watched: WatchedTransfer) => Promise<number | undefined>

/** The record of a watched transfer: the held one while its lease is valid, otherwise the ledger's. @throws StoreUnavailable */
export const readRecord = async ({ id, held }: WatchedTransfer, ledger: Pick<TransferStore, 'findTransfer'>) =>
  held?.lease.isValid() ? held.record : ledger.findTransfer(id)

export function createStep(dependencies: StepDependencies): Step {
  const { ledger, recorder, rules, clock, createStageContext, commands, resolve, applyDecision, overflow, expect } = dependencies
  const { receivesEvents, onSuperseded } = dependencies
  const contextFor = (record: TransferRecord): StageContext => createStageContext(record, clock() + stepTimeoutMs)
  const startNow = () => ({ now: clock(), pollIntervalMs: rules.pollIntervalMs, lease: ledger.currentLease() })

  async function attemptAgain(watched: WatchedTransfer, record: TransferRecord): Promise<number> {
    const attempt = await commands.attemptAgain(record)
    if (attempt.result !== 'initiated') {
      restart(watched, record, startNow())
      return firstStepDelay(record, rules.pollIntervalMs)
    }
    for (const { id } of attempt.superseded) onSuperseded(id)
    reportResolved(watched, attempt.record)
    restart(watched, attempt.record, startNow())
    return firstStepDelay(attempt.record, rules.pollIntervalMs)
  }

  async function resolveUnknown(watched: WatchedTransfer, record: TransferRecord): Promise<number> {
    const resolved = await resolve(record, contextFor(record), watched.unknownSince)
    if (resolved === 'attempt_again') return attemptAgain(watched, record)
    reportResolved(watched, resolved)
    // A call that was to move on may have stayed where it was.
    expect(resolved)
    if (resolved.state === record.state) {
      const pause = unknownPause(watched)
      watched.polls++
      return pause
    }
    watched.polls = 0
    return 0
  }

  async function updateCall(watched: WatchedTransfer, record: TransferRecord): Promise<TransferRecord> {
    const change = await applyPendingUpdates(record, contextFor(record))
    watched.updateTries++
    // An event during the write must see the new record, although it is not stored yet.
    if (change && watched.held) watched.held = { ...watched.held, record: change.record }
    const updated = change ? await recorder.write(change) : record
    updateHeld(watched, updated)
    return updated
  }

  /** Moves a call on to the next hop, if there is one that can take it. @returns ms until the next poll */
  async function moveOn(watched: WatchedTransfer, record: TransferRecord, bounces: number): Promise<number> {
    // While the call is being moved, the ledger's record counts.
    watched.held = undefined
    const { result, record: after } = await overflow(record, bounces)
    if (result === 'sent') {
      restart(watched, after, startNow())
      return firstPause
    }
    expect(after)
    updateHeld(watched, after)
    return result === 'look_again' ? firstPause : nextPollDelay(after, watched.polls, rules, clock(), receivesEvents(watched.id))
  }

  /** Polls once. @returns ms until the next poll; undefined if there is nothing left to watch for */
  async function poll(watched: WatchedTransfer, polled: TransferRecord): Promise<number | undefined> {
    const conversation = await readConversation(polled, contextFor(polled), 'audit-poll', 'watch')
    const seen = observe(polled, conversation, clock())
    const hasReturned = seen.record !== polled && polled.state === 'initiated'
    const record = hasReturned
      ? await recorder.write(annotate(seen.record, {}, 'hop_failed', 'audit-poll', { seen: seen.progress.status }))
      : polled
    if (hasReturned) expect(record)
    const decision = auditPoll(record, seen.progress, clock(), rules)
    if (decision.action === 'overflow') return moveOn(watched, record, decision.bounces)
    if (decision.action === 'end') {
      await recorder.write(annotate(record, { lateWatch: false }))
      return undefined
    }
    const after = await applyDecision(record, decision, conversation)
    updateHeld(watched, after)
    if (decision.action === 'move' && decision.to === 'initiated') return 0
    if (isFinal(after.state) && !after.lateWatch) return undefined
    return nextPollDelay(after, watched.polls, rules, clock(), receivesEvents(watched.id))
  }

  /** Polls if a poll is due. @returns whether there is anything left to watch for */
  async function pollIfDue(watched: WatchedTransfer, record: TransferRecord): Promise<boolean> {
    if (clock() < watched.pollAt) return true
    const due = watched.pollAt
    // An event during the poll may ask for an earlier poll, which this one must not postpone.
    watched.pollAt = Infinity
    try {
      const next = await poll(watched, record)
      if (next === undefined) return false
      watched.polls++
      watched.pollAt = Math.min(watched.pollAt, clock() + next)
      return true
    } catch (error) {
      watched.pollAt = Math.min(watched.pollAt, due)
      throw error
    }
  }

  const isOver = (record: TransferRecord): boolean =>
    record.owner !== ledger.nodeId || record.state === 'accepted' || (isFinal(record.state) && !record.lateWatch)

  return async (watched) => {
    const record = await readRecord(watched, ledger)
    if (!record || isOver(record)) return undefined
    if (isUnknown(record)) return resolveUnknown(watched, record)
    reportResolved(watched, record)
    const updated = hasPendingUpdates(record) ? await updateCall(watched, record) : record
    if (!(await pollIfDue(watched, updated))) return undefined
    const untilPoll = Math.max(0, watched.pollAt - clock())
    return hasPendingUpdates(updated) ? Math.min(untilPoll, updatePause(watched)) : untilPoll
  }
}
