/**
 * Runs one step of watching a transfer: resolves its unknown outcome, updates the call, polls it or moves it on, and says when the next
 * step is due.
 */
import type { Lease, LeaseStore } from '../../ledger/contract/lease.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import { Problem } from '../../model/problems.ts'
import { isOpen, type TransferRecord } from '../../model/transfer.ts'
import type { CommandRunner } from '../command.ts'
import type { Recorder } from '../recorder.ts'
import type { CreateStageContext, Rules, StageContext } from '../stage-context.ts'
import { observe } from '../hops/observe.ts'
import { auditPoll, nextPollDelayMs, type SeenProgress } from '../stages/audit-poll.ts'
import { readConversation } from '../stages/validation.ts'
import { annotate } from '../transition.ts'
import type { ResolveUnknownOutcome } from '../unknown-outcome/resolve.ts'
import type { ApplyDecision } from './apply-decision.ts'
import { applyPendingUpdates, hasPendingUpdates } from './apply-routing.ts'
import { findNewerTransfer } from './newer-transfer.ts'
import type { Overflow } from './overflow.ts'
import { readRecord, writeUpdate } from './unsaved-update.ts'
import {
  firstPauseMs,
  firstStepDelayMs,
  hasUnknownOutcome,
  reportResolved,
  restart,
  unknownPauseMs,
  updateCached,
  updatePauseMs,
  type WatchedTransfer,
} from './watched-transfer.ts'

/** How long the platform has to answer in one step, ms. */
const stepTimeoutMs = 4_000

export interface StepDependencies {
  ledger: Pick<TransferStore, 'findTransfer' | 'findOpenTransfers'> & Pick<LeaseStore, 'currentLease'> & { readonly nodeId: string }
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
  subscribe: (record: TransferRecord) => void
  /** Whether events about this transfer arrive. */
  receivesEvents: (id: string) => boolean
  /** Ends the watch of a transfer that a newer one has superseded. */
  onSuperseded: (id: string) => void
}

/** Returns nothing for a conversation that the platform no longer knows: that is no failure, and the transfer times out as any other. */
function ignoreGone(error: unknown): undefined {
  if (!(error instanceof Problem && error.code === 'CONVERSATION_NOT_FOUND')) throw error
}
const gone = ({ bounces }: TransferRecord): SeenProgress => ({ status: 'gone', bounces })

/**
 * Runs one step.
 * @returns ms until the next step; undefined if there is nothing left to watch for
 * @throws StaleRecord, StoreUnavailable, Problem, GenesysError
 */
export type Step = (watched: WatchedTransfer) => Promise<number | undefined>

export function createStep(dependencies: StepDependencies): Step {
  const { ledger, recorder, rules, clock, createStageContext, commands, resolve, applyDecision, overflow, subscribe } = dependencies
  const { receivesEvents, onSuperseded } = dependencies
  const contextFor = (record: TransferRecord): StageContext => createStageContext(record, clock() + stepTimeoutMs)
  /** The start of a watch that begins now. */
  const createStart = () => ({ now: clock(), pollIntervalMs: rules.pollIntervalMs, lease: ledger.currentLease() })

  /** Attempts the command once more. @returns ms until the next step */
  async function attemptAgain(watched: WatchedTransfer, record: TransferRecord): Promise<number> {
    const sent = await commands.attemptAgain(record)
    if (sent.result !== 'initiated') {
      restart(watched, record, createStart())
      return firstStepDelayMs(record, rules.pollIntervalMs)
    }
    for (const { id } of sent.superseded) onSuperseded(id)
    reportResolved(watched, sent.record)
    restart(watched, sent.record, createStart())
    return firstStepDelayMs(sent.record, rules.pollIntervalMs)
  }

  /** Tries to resolve the unknown outcome. @returns ms until the next step */
  async function resolveUnknown(watched: WatchedTransfer, record: TransferRecord): Promise<number> {
    // The wait begins with the first read: a node that was held up before it has seen nothing yet.
    if (watched.polls === 0) watched.unknownSince = clock()
    const resolved = await resolve(record, contextFor(record), watched.unknownSince)
    if (resolved === 'attempt_again') return attemptAgain(watched, record)
    reportResolved(watched, resolved)
    // If the call has stayed at its earlier hop, that hop's topic is the current one again.
    subscribe(resolved)
    if (resolved.state === record.state) {
      const pauseMs = unknownPauseMs(watched)
      watched.polls++
      return pauseMs
    }
    watched.polls = 0
    return 0
  }

  /** Tries to make the pending updates. @returns the record after that */
  async function updateCall(watched: WatchedTransfer, record: TransferRecord, lease: Lease): Promise<TransferRecord> {
    const hasNewerTransfer = async (): Promise<boolean> => (await findNewerTransfer(ledger, record)) !== undefined
    const change = await applyPendingUpdates(record, contextFor(record), lease, hasNewerTransfer)
    watched.updateTries++
    // An event during the write must use the new record, although it is not stored yet.
    if (change && watched.cached) watched.cached = { ...watched.cached, record: change.record }
    const updated = change ? await writeUpdate(watched, change, recorder) : record
    updateCached(watched, updated)
    return updated
  }

  /** Moves the call on to the next hop, if a candidate can take it. @returns ms until the next poll */
  async function moveOn(watched: WatchedTransfer, record: TransferRecord, bounces: number): Promise<number> {
    // Until the call has moved, events must use the ledger's record.
    watched.cached = undefined
    const { result, record: after } = await overflow(record, bounces)
    if (result === 'sent') {
      restart(watched, after, createStart())
      return firstPauseMs
    }
    subscribe(after)
    updateCached(watched, after)
    return result === 'read_again' ? firstPauseMs : nextPollDelayMs(after, watched.polls, rules, clock(), receivesEvents(watched.id))
  }

  /**
   * Reads the conversation and carries out the decision about it.
   * @returns ms until the next poll; undefined if there is nothing left to watch for
   */
  async function poll(watched: WatchedTransfer, polled: TransferRecord): Promise<number | undefined> {
    const conversation = await readConversation(polled, contextFor(polled), 'audit-poll', 'watch').catch(ignoreGone)
    const seen = conversation ? observe(polled, conversation, clock()) : { record: polled, progress: gone(polled) }
    const hasReturned = seen.record !== polled && polled.state === 'initiated'
    const record = hasReturned
      ? await recorder.write(annotate(seen.record, {}, 'hop_failed', 'audit-poll', { seen: seen.progress.status }))
      : polled
    if (hasReturned) subscribe(record)
    const decision = auditPoll(record, seen.progress, clock(), rules)
    if (decision.action === 'overflow') return moveOn(watched, record, decision.bounces)
    if (decision.action === 'end') {
      await recorder.write(annotate(record, { lateWatch: false }))
      return undefined
    }
    const after = await applyDecision(record, decision, conversation)
    updateCached(watched, after)
    if (decision.action === 'move' && decision.to === 'initiated') return 0
    if (!isOpen(after)) return undefined
    return nextPollDelayMs(after, watched.polls, rules, clock(), receivesEvents(watched.id))
  }

  /** Polls if a poll is due. @returns false if there is nothing left to watch for */
  async function pollIfDue(watched: WatchedTransfer, record: TransferRecord): Promise<boolean> {
    if (clock() < watched.pollAt) return true
    const dueAt = watched.pollAt
    // An event during the poll may ask for another poll, which the time of the next regular poll must not postpone.
    watched.pollAt = Infinity
    try {
      const nextMs = await poll(watched, record)
      if (nextMs === undefined) return false
      watched.polls++
      watched.pollAt = Math.min(watched.pollAt, clock() + nextMs)
      return true
    } catch (error) {
      watched.pollAt = Math.min(watched.pollAt, dueAt)
      throw error
    }
  }

  /** Whether this node has nothing to watch for: another node owns the transfer, the pipeline runs it, or it is over. */
  const needsNoWatch = (record: TransferRecord): boolean => record.owner !== ledger.nodeId || record.state === 'accepted' || !isOpen(record)

  return async (watched) => {
    const lease = ledger.currentLease()
    const record = await readRecord(watched, ledger, recorder)
    if (!record || needsNoWatch(record)) return undefined
    if (hasUnknownOutcome(record)) return resolveUnknown(watched, record)
    reportResolved(watched, record)
    const updated = hasPendingUpdates(record) ? await updateCall(watched, record, lease) : record
    if (!(await pollIfDue(watched, updated))) return undefined
    const untilPollMs = Math.max(0, watched.pollAt - clock())
    return hasPendingUpdates(updated) ? Math.min(untilPollMs, updatePauseMs(watched)) : untilPollMs
  }
}
