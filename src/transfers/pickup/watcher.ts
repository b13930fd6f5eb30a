/** Watches every transfer that is not over, by events where they arrive and by polls otherwise (docs/architecture.md#pickup). */
import type { Conversation } from '../../conversations/conversation.ts'
import { GenesysError } from '../../genesys/http/errors.ts'
import { StaleRecord, StoreUnavailable } from '../../ledger/contract/errors.ts'
import { Problem } from '../../model/problems.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Log } from '../stage-context.ts'
import type { PipelineObservers } from '../stage-metrics.ts'
import { createResolver, type ResolverDependencies } from '../unknown-outcome/resolve.ts'
import { createApplyDecision } from './apply-decision.ts'
import { createApplyEvent } from './apply-event.ts'
import { createEventSubscriptions, type Feed } from './event-subscriptions.ts'
import { createPollScheduler } from './poll-scheduler.ts'
import { createOverflow, type OverflowDependencies } from './overflow.ts'
import { createStep, type StepDependencies } from './step.ts'
import { createWatchedTransfer, failurePauseMs, firstPauseMs, firstStepDelayMs, type WatchedTransfer } from './watched-transfer.ts'

export interface WatcherDependencies extends ResolverDependencies, Pick<StepDependencies, 'createStageContext'> {
  ledger: StepDependencies['ledger'] & OverflowDependencies['ledger']
  recorder: ResolverDependencies['recorder'] & StepDependencies['recorder'] & OverflowDependencies['recorder']
  rules: ResolverDependencies['rules'] & StepDependencies['rules'] & OverflowDependencies['rules']
  commands: StepDependencies['commands'] & OverflowDependencies['commands']
  log: Log
  observers: PipelineObservers
  /** Undefined: everything is polled. */
  feed: Feed | undefined
}

export interface Watcher {
  /** Subscribes to events about a transfer. Called before its command is sent, so that no event is missed. */
  subscribe(record: TransferRecord): void
  /** Watches a transfer from now on. */
  add(record: TransferRecord): void
  /** Resolves an unknown outcome. @returns the record once it has left `executing` */
  resolveUnknown(record: TransferRecord): Promise<TransferRecord>
  /** Starts a step for a transfer that was changed outside of a step. The step reads the stored record. */
  refresh(record: TransferRecord): void
  /** Whether a transfer is watched. */
  has(id: string): boolean
  /** Stops watching a transfer. */
  drop(id: string): void
  /** For how long the poll that is most overdue, or running longest, has been so, ms; 0: none is. */
  readonly overdueMs: number
  /** How many transfers are watched. */
  readonly size: number
  /** Starts no further step, and waits for those that run. */
  close(): Promise<void>
}

export function createWatcher(dependencies: WatcherDependencies): Watcher {
  const { ledger, rules, clock, log, observers } = dependencies
  const transfers = new Map<string, WatchedTransfer>()
  const scheduler = createPollScheduler(runStep, clock, (delayMs) => observers.onLatePoll(delayMs))
  const subscriptions = createEventSubscriptions(dependencies.feed, {
    onEvent(id, conversation) {
      const watched = transfers.get(id)
      if (watched) void handleEvent(watched, conversation)
      return watched !== undefined
    },
    // Each transfer is polled at a random moment, otherwise a restored or lost connection would make all of them poll at once.
    onSubscribed: (id) => pollWithin(transfers.get(id), Math.random() * rules.pollIntervalMs),
    onUnsubscribed: (id) => pollWithin(transfers.get(id), Math.random() * rules.pollIntervalMs),
  })
  const receivesEvents = (id: string): boolean => subscriptions.receivesEvents(id)
  const subscribe = (record: TransferRecord): void => subscriptions.subscribe(record)
  const applyDecision = createApplyDecision(dependencies)
  const step = createStep({
    ...dependencies,
    resolve: createResolver(dependencies),
    applyDecision,
    overflow: createOverflow({ ...dependencies, subscribe }),
    subscribe,
    receivesEvents,
    onSuperseded: unwatch,
  })
  const applyEvent = createApplyEvent({
    ledger,
    recorder: dependencies.recorder,
    rules,
    clock,
    applyDecision,
    receivesEvents,
    isWatched: (watched) => transfers.get(watched.id) === watched,
    stepWithin,
    pollWithin,
    unwatch,
  })

  function unwatch(id: string): void {
    transfers.delete(id)
    scheduler.cancel(id)
    subscriptions.unsubscribe(id)
  }
  function stepWithin(watched: WatchedTransfer, ms: number): void {
    watched.shouldStepAgain = true
    // A step that is due sooner stays: a call that has arrived in its queue must get its skills soon.
    scheduler.scheduleBy(watched.id, Math.max(ms, watched.pausedUntil - clock()))
  }
  function pollWithin(watched: WatchedTransfer | undefined, ms: number): void {
    if (!watched || watched.pollAt <= clock() + ms) return
    watched.pollAt = clock() + ms
    stepWithin(watched, ms)
  }

  /** Logs a failure. An outage of the ledger is logged elsewhere, once, and one of the platform once for each transfer. */
  function logFailure({ id, failures }: WatchedTransfer, error: unknown): void {
    if (error instanceof StoreUnavailable) return
    const fields = { transferId: id, stage: 'audit-poll', outcome: 'not_seen' }
    if (!(error instanceof Problem || error instanceof GenesysError))
      return log.error({ ...fields, err: error }, 'watching a transfer failed unexpectedly')
    if (failures <= 1) log.warn({ ...fields, reason: error.message }, 'a transfer could not be watched for a moment')
  }

  /**
   * Handles the failure of a step or an event: logs it, and postpones the next step and poll, whatever events arrive: an event about what Handoff
   * itself has sent must not make it send the same at once again.
   * @param isStep an event does not prolong the pause
   */
  function handleFailure(watched: WatchedTransfer, error: unknown, isStep: boolean): void {
    watched.cached = undefined
    // Another node has taken the transfer over, or a write that was reported as failed was committed: the next step reads what is stored.
    if (error instanceof StaleRecord) {
      watched.pausedUntil = 0
      return
    }
    if (isStep) watched.failures++
    logFailure(watched, error)
    const askedForMs = error instanceof Problem ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
    const pauseMs = Math.max(askedForMs, failurePauseMs(watched))
    if (isStep || watched.pausedUntil <= clock()) watched.pausedUntil = clock() + pauseMs
    watched.pollAt = watched.pausedUntil
  }

  /** Applies an event. If that fails, a step soon reads the conversation, so that what the event has shown is not lost. */
  async function handleEvent(watched: WatchedTransfer, conversation: Conversation): Promise<void> {
    try {
      await applyEvent(watched, conversation)
    } catch (error) {
      handleFailure(watched, error, false)
      if (transfers.get(watched.id) !== watched) return
      watched.pollAt = Math.max(clock(), watched.pausedUntil)
      stepWithin(watched, 0)
    }
  }

  /** Runs a step. @returns ms until the next one; undefined if there is nothing left to watch for */
  async function stepOrPause(watched: WatchedTransfer): Promise<number | undefined> {
    try {
      const nextMs = await step(watched)
      watched.failures = 0
      watched.pausedUntil = 0
      return nextMs
    } catch (error) {
      handleFailure(watched, error, true)
      return 0
    }
  }

  async function runStep(id: string): Promise<void> {
    const watched = transfers.get(id)
    if (!watched) return
    if (watched.isStepping) {
      watched.shouldStepAgain = true
      return
    }
    watched.isStepping = true
    watched.shouldStepAgain = false
    const nextMs = await stepOrPause(watched)
    watched.isStepping = false
    // The transfer may have been dropped and added again during the step.
    if (transfers.get(id) !== watched) return
    if (nextMs === undefined) return unwatch(id)
    const soonestMs = watched.shouldStepAgain ? Math.min(nextMs, Math.max(0, watched.pollAt - clock()), firstPauseMs) : nextMs
    scheduler.scheduleIn(id, Math.max(soonestMs, watched.pausedUntil - clock()))
  }

  function watch(record: TransferRecord, onResolved?: WatchedTransfer['onResolved']): WatchedTransfer {
    const start = { now: clock(), pollIntervalMs: rules.pollIntervalMs, lease: ledger.currentLease() }
    const watched = createWatchedTransfer(record, start, onResolved)
    transfers.set(record.id, watched)
    scheduler.scheduleIn(record.id, firstStepDelayMs(record, rules.pollIntervalMs, subscriptions.isSubscribed(record.id)))
    subscriptions.subscribe(record)
    const conversation = subscriptions.takeEarlyEvent(record.id)
    if (conversation) void handleEvent(watched, conversation)
    return watched
  }

  return {
    subscribe,
    add: (record) => void watch(record),
    refresh(record) {
      const watched = transfers.get(record.id) ?? watch(record)
      // A step that is running with an earlier record can no longer write; the next step reads the stored record.
      watched.cached = undefined
      watched.updateTries = 0
      watched.pausedUntil = 0
      stepWithin(watched, 0)
    },
    resolveUnknown: (record) => new Promise((resolve) => void watch(record, resolve)),
    has: (id) => transfers.has(id),
    drop: unwatch,
    get overdueMs() {
      return scheduler.overdueMs()
    },
    get size() {
      return transfers.size
    },
    async close() {
      await scheduler.close()
      transfers.clear()
    },
  }
}
