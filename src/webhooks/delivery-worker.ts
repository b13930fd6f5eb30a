/** When queued deliveries of one endpoint are claimed and attempted, and how many at once (docs/architecture.md#crm-webhooks). */
import type { DeliveryLane, DeliveryStore } from '../ledger/contract/deliveries.ts'
import { StoreUnavailable } from '../ledger/contract/errors.ts'
import { attemptDelivery } from './attempt-delivery.ts'
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

/** Attempts in progress at once. Each lane has its own limit, so that neither can delay the other. */
const maxAttempts: Readonly<Record<DeliveryLane, number>> = { fresh: 40, backlog: 10 }
/** The worker checks its queue at least this often, ms: another node may have died with deliveries that it had claimed. */
const maxSleepMs = 5_000
const minSleepMs = 10
/** A delivery that is overdue by more than this, ms, waits for the token bucket of the backlog. */
const backlogOverdueMs = 1_000
const minBacklogSleepMs = 50

/** Starts a worker for one endpoint. */
export function createDeliveryWorker(options: DeliveryWorkerOptions): DeliveryWorker {
  const { ledger, endpoint, clock, log, delayBefore = delayBeforeAttempt } = options
  const inProgress = { fresh: new Set<Promise<void>>(), backlog: new Set<Promise<void>>() }
  const backlogTokens = createTokenBucket(clock)
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let isRunning = false
  /** Whether the worker was woken during a run, so that it must run again. */
  let mustRunAgain = false

  const dependencies = { ...options, delayBefore, isClosing: () => isClosed }

  /** Claims due deliveries of a lane and starts their attempts. @returns how many */
  async function startDue(lane: DeliveryLane, maxCount: number): Promise<number> {
    const limit = Math.min(maxCount, maxAttempts[lane] - inProgress[lane].size)
    if (limit <= 0) return 0
    const deliveries = await ledger.claimDeliveries({ endpoint: endpoint.id, lane, now: clock(), limit })
    for (const delivery of deliveries) {
      const attempt = attemptDelivery(delivery, dependencies)
        .catch((error: unknown) =>
          log.warn(
            { transferId: delivery.transferId, deliveryId: delivery.id, stage: 'webhook', reason: (error as Error).message },
            'the result of a delivery could not be recorded',
          ),
        )
        .finally(() => {
          inProgress[lane].delete(attempt)
          wake()
        })
      inProgress[lane].add(attempt)
    }
    return deliveries.length
  }

  async function run(): Promise<void> {
    isRunning = true
    do {
      mustRunAgain = false
      try {
        await startDue('fresh', Infinity)
        backlogTokens.take(await startDue('backlog', backlogTokens.countAvailable()))
      } catch (error) {
        // A ledger that cannot be used is logged once, where it is opened.
        if (!(error instanceof StoreUnavailable))
          log.warn(
            { stage: 'webhook', endpoint: endpoint.id, reason: (error as Error).message },
            'the queue of deliveries could not be read',
          )
      }
    } while (mustRunAgain && !isClosed)
    isRunning = false
    if (!isClosed) await sleep()
  }

  async function sleep(): Promise<void> {
    // While the fresh lane is full, the end of an attempt wakes the worker.
    const isFull = inProgress.fresh.size >= maxAttempts.fresh
    const nextAt = isFull ? undefined : await ledger.findNextDeliveryAt(endpoint.id).catch(() => undefined)
    const dueInMs = (nextAt ?? Infinity) - clock()
    const sleepMs =
      dueInMs < -backlogOverdueMs ? Math.max(minBacklogSleepMs, backlogTokens.computeMsUntilFull()) : Math.max(minSleepMs, dueInMs)
    clearTimeout(timer)
    if (!isClosed) timer = setTimeout(wake, Math.min(maxSleepMs, sleepMs))
  }

  function wake(): void {
    if (isClosed) return
    clearTimeout(timer)
    if (isRunning) mustRunAgain = true
    else void run()
  }

  ledger.onDeliveryQueued(wake)
  wake()
  return {
    async close() {
      isClosed = true
      clearTimeout(timer)
      await Promise.allSettled([...inProgress.fresh, ...inProgress.backlog])
    },
  }
}
