/** When the queued deliveries of one endpoint are claimed and attempted, and how many at once (docs/architecture.md#crm-webhooks). */
import type { ClaimedDelivery, DeliveryLane, DeliveryStore } from '../ledger/contract/deliveries.ts'
import { StoreUnavailable } from '../ledger/contract/errors.ts'
import { attemptDelivery } from './attempt-delivery.ts'
import { createOutageLog } from '../telemetry/outage-log.ts'
import type { DeliveryLog, DeliveryObserver } from './attempt-report.ts'
import type { Endpoint } from './endpoints.ts'
import { delayBeforeAttempt } from './schedule.ts'
import { createTokenBucket } from './token-bucket.ts'
import type { WebhookSender } from './webhook-sender.ts'

export interface DeliveryWorkerOptions {
  ledger: Pick<DeliveryStore, 'claimDeliveries' | 'recordDeliveryResult' | 'findNextDeliveryAt' | 'onDeliveryQueued'>
  send: WebhookSender['send']
  endpoint: Pick<Endpoint, 'id' | 'url' | 'secrets'>
  /** Epoch ms. */
  clock: () => number
  /** From 0 to less than 1. */
  random: () => number
  log: DeliveryLog
  onAttempt?: DeliveryObserver
  /** The retry schedule. */
  delayBefore?: typeof delayBeforeAttempt
}

export interface DeliveryWorker {
  /** Claims nothing more and waits for the attempts in progress. */
  close(): Promise<void>
}

/** How many attempts may be in progress at once. Each lane has its own limit, so that neither can delay the other. */
const maxInProgress: Readonly<Record<DeliveryLane, number>> = { fresh: 40, backlog: 10 }
/** The worker polls its queue at least this often, ms: another node may have died with deliveries that it had claimed. */
const maxSleepMs = 5_000
/** The least pause between two polls, ms, and the least one while a backlog is sent. */
const minSleepMs = 10
const minBacklogSleepMs = 50
/** A delivery that is overdue by more than this after a poll, ms, is backlog that waits for the token bucket. */
const backlogOverdueMs = 1_000
/** How soon after a delivery the next one of the same transfer is claimed, ms. Other deliveries that end meanwhile share the claim. */
const nextInOrderMs = 20

/** Starts a worker for one endpoint. */
export function createDeliveryWorker(options: DeliveryWorkerOptions): DeliveryWorker {
  const { ledger, endpoint, clock, log, delayBefore = delayBeforeAttempt } = options
  const inProgress = { fresh: new Map<string, Promise<void>>(), backlog: new Map<string, Promise<void>>() }
  const backlogTokens = createTokenBucket(clock)
  let pollTimer: NodeJS.Timeout | undefined
  let claimTimer: NodeJS.Timeout | undefined
  let isClosed = false
  let isRunning = false
  /** Set if the worker is woken during a run. */
  let shouldRunAgain = false
  /** Whether the next run polls: it claims backlog too, and finds out when the next delivery is due. */
  let shouldPoll = false

  const dependencies = { ...options, outageLog: createOutageLog(log), delayBefore, isClosing: () => isClosed }

  const isFull = (lane: DeliveryLane): boolean => inProgress[lane].size >= maxInProgress[lane]

  /** Attempts a delivery, and then wakes the worker, because other deliveries may be due after it. */
  async function attempt(delivery: ClaimedDelivery, lane: DeliveryLane): Promise<void> {
    const state = await attemptDelivery(delivery, dependencies).catch((error: unknown) => {
      log.warn(
        { transferId: delivery.transferId, deliveryId: delivery.id, stage: 'webhook', reason: (error as Error).message },
        'the result of a delivery could not be recorded',
      )
    })
    const wasFull = isFull(lane)
    inProgress[lane].delete(delivery.id)
    // Only a poll finds out when the next attempt is due and what else is in the backlog.
    if (lane === 'backlog' || state !== 'delivered') poll()
    else if (wasFull) wake()
    else if (!isClosed) claimTimer ??= setTimeout(wake, nextInOrderMs)
  }

  /** Claims due deliveries of a lane and starts their attempts. @returns how many */
  async function startDue(lane: DeliveryLane, maxCount: number): Promise<number> {
    const limit = Math.min(maxCount, maxInProgress[lane] - inProgress[lane].size)
    if (limit <= 0) return 0
    const deliveries = await ledger.claimDeliveries({ endpoint: endpoint.id, lane, dueBy: clock(), limit })
    for (const delivery of deliveries) inProgress[lane].set(delivery.id, attempt(delivery, lane))
    return deliveries.length
  }

  async function startAllDue(includesBacklog: boolean): Promise<void> {
    try {
      await startDue('fresh', Infinity)
      if (includesBacklog) backlogTokens.take(await startDue('backlog', backlogTokens.countAvailable()))
    } catch (error) {
      // The ledger logs its own outages, once each (ledger/report-outages.ts).
      if (!(error instanceof StoreUnavailable))
        log.warn({ stage: 'webhook', endpoint: endpoint.id, reason: (error as Error).message }, 'the queue of deliveries could not be read')
    }
  }

  async function run(): Promise<void> {
    isRunning = true
    do {
      shouldRunAgain = false
      const isPoll = shouldPoll
      shouldPoll = false
      await startAllDue(isPoll)
      if (isPoll) await scheduleNextPoll()
    } while (shouldRunAgain && !isClosed)
    isRunning = false
  }

  async function scheduleNextPoll(): Promise<void> {
    // While the fresh lane is full, the end of an attempt wakes the worker.
    const nextAt = isFull('fresh') ? undefined : await ledger.findNextDeliveryAt(endpoint.id).catch(() => undefined)
    const dueInMs = (nextAt ?? Infinity) - clock()
    const sleepMs =
      dueInMs < -backlogOverdueMs ? Math.max(minBacklogSleepMs, backlogTokens.computeMsUntilFull()) : Math.max(minSleepMs, dueInMs)
    clearTimeout(pollTimer)
    if (!isClosed) pollTimer = setTimeout(poll, Math.min(maxSleepMs, sleepMs))
  }

  /** Runs the worker now, or once more if it is running. */
  function wake(): void {
    clearTimeout(claimTimer)
    claimTimer = undefined
    if (isClosed) return
    if (isRunning) shouldRunAgain = true
    else void run()
  }

  function poll(): void {
    shouldPoll = true
    wake()
  }

  ledger.onDeliveryQueued((lane) => {
    if (lane === 'backlog') poll()
    else wake()
    // True: this worker claims the deliveries of its endpoint itself, so no other node needs to be notified.
    return !isClosed && !isFull('fresh')
  })
  poll()
  return {
    async close() {
      isClosed = true
      clearTimeout(pollTimer)
      clearTimeout(claimTimer)
      await Promise.allSettled([...inProgress.fresh.values(), ...inProgress.backlog.values()])
    },
  }
}
