/** Watches every transfer that is not over, by events where they arrive and by polls otherwise (docs/architecture.md#pickup). */
import { GenesysError } from '../../genesys/http/errors.ts'
import { StaleRecord, StoreUnavailable } from '../../ledger/contract/errors.ts'
import { Problem } from '../../model/problems.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Log } from '../stage-context.ts'
import type { Observers } from '../stage-metrics.ts'
import { createResolver, type ResolverDependencies } from '../unknown-outcome/resolve.ts'
import { createApplyDecision } from './apply-decision.ts'
import { createApplyEvent } from './apply-event.ts'
import { createEventSubscriptions, type Feed } from './event-subscriptions.ts'
import { createPollScheduler } from './poll-scheduler.ts'
import { createOverflow, type OverflowDependencies } from './overflow.ts'
import { createStep, type StepDependencies } from './step.ts'
import { createWatchedTransfer, firstPause, firstStepDelay, longestUpdatePause, type WatchedTransfer } from './watched-transfer.ts'

export interface WatcherDependencies extends ResolverDependencies, Pick<StepDependencies, 'createStageContext'> {
  ledger: StepDependencies['ledger'] & OverflowDependencies['ledger']
  recorder: ResolverDependencies['recorder'] & StepDependencies['recorder'] & OverflowDependencies['recorder']
  rules: ResolverDependencies['rules'] & StepDependencies['rules'] & OverflowDependencies['rules']
  commands: StepDependencies['commands'] & OverflowDependencies['commands']
  log: Log
  observers: Observers
  /** Undefined: everything is polled. */
  feed: Feed | undefined
}

export interface Watcher {
  /** Prepares for a transfer whose command is about to be sent: no event about it may be missed. */
  expect(record: TransferRecord): void
  /** Watches a transfer from now on. */
  add(record: TransferRecord): void
  /** Resolves an unknown outcome. @returns the record once it has left `executing` */
  resolveUnknown(record: TransferRecord): Promise<TransferRecord>
  has(id: string): boolean
  /** Stops watching a transfer. */
  drop(id: string): void
  /** How many transfers are watched. */
  readonly size: number
  /** Starts no further step, and waits for those that run. */
  close(): Promise<void>
}

export function createWatcher(dependencies: WatcherDependencies): Watcher {
  const { ledger, rules, clock, log, observers } = dependencies
  const transfers = new Map<string, WatchedTransfer>()
  const scheduler = createPollScheduler(runStep, clock, (ms) => observers.late(ms))
  const subscriptions = createEventSubscriptions(dependencies.feed, {
    onEvent(id, conversation) {
      const watched = transfers.get(id)
      if (watched) void applyEvent(watched, conversation).catch((error: unknown) => pauseAfterFailure(watched, error))
      return watched !== undefined
    },
    // Each at a random moment, otherwise a restored connection would make all transfers poll at once.
    onSubscribed: (id) => pollWithin(transfers.get(id), Math.random() * rules.pollIntervalMs),
    onUnsubscribed: (id) => pollWithin(transfers.get(id), Math.random() * rules.pollIntervalMs),
  })
  const receivesEvents = (id: string): boolean => subscriptions.receivesEvents(id)
  const expect = (record: TransferRecord): void => subscriptions.subscribe(record)
  const applyDecision = createApplyDecision(dependencies)
  const step = createStep({
    ...dependencies,
    resolve: createResolver(dependencies),
    applyDecision,
    overflow: createOverflow({ ...dependencies, expect }),
    expect,
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
    // A step that is due sooner stays: a call that is arriving must not wait in the queue without its skills.
    scheduler.scheduleBy(watched.id, ms)
  }
  function pollWithin(watched: WatchedTransfer | undefined, ms: number): void {
    if (!watched || watched.pollAt <= clock() + ms) return
    watched.pollAt = clock() + ms
    stepWithin(watched, ms)
  }

  /** @returns ms until the next step */
  function pauseAfterFailure(watched: WatchedTransfer, error: unknown): number {
    watched.held = undefined
    // Another node has taken the transfer over, or a write that was reported as failed was committed: the next step reads what is stored.
    if (error instanceof StaleRecord) return 0
    const pause = error instanceof Problem ? (error.retryAfterSeconds ?? 1) * 1_000 : longestUpdatePause
    const fields = { transferId: watched.id, stage: 'audit-poll', outcome: 'not_seen' }
    if (error instanceof Problem || error instanceof GenesysError || error instanceof StoreUnavailable)
      log.warn({ ...fields, reason: error.message }, 'a transfer could not be watched for a moment')
    else log.error({ ...fields, err: error }, 'watching a transfer failed unexpectedly')
    watched.pollAt = clock() + pause
    return pause
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
    const next = await step(watched).catch((error: unknown) => pauseAfterFailure(watched, error))
    watched.isStepping = false
    // Meanwhile the transfer may have been dropped and added again.
    if (transfers.get(id) !== watched) return
    if (next === undefined) unwatch(id)
    else scheduler.scheduleIn(id, watched.shouldStepAgain ? Math.min(next, Math.max(0, watched.pollAt - clock()), firstPause) : next)
  }

  function watch(record: TransferRecord, onResolved?: WatchedTransfer['onResolved']): void {
    const start = { now: clock(), pollIntervalMs: rules.pollIntervalMs, lease: ledger.currentLease() }
    const watched = createWatchedTransfer(record, start, onResolved)
    transfers.set(record.id, watched)
    scheduler.scheduleIn(record.id, firstStepDelay(record, rules.pollIntervalMs, subscriptions.isSubscribed(record.id)))
    subscriptions.subscribe(record)
    const conversation = subscriptions.takeEarlyEvent(record.id)
    if (conversation) void applyEvent(watched, conversation).catch((error: unknown) => pauseAfterFailure(watched, error))
  }

  return {
    expect,
    add: (record) => watch(record),
    resolveUnknown: (record) => new Promise((resolve) => watch(record, resolve)),
    has: (id) => transfers.has(id),
    drop: unwatch,
    get size() {
      return transfers.size
    },
    async close() {
      await scheduler.close()
      transfers.clear()
    },
  }
}
