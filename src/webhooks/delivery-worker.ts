/** Delivers what the ledger has queued for one endpoint of the CRM: signed anew at each attempt, in order per transfer, by the schedule (design §8). */
import { setTimeout as setTimeoutAsync } from 'node:timers/promises'
import { auditNote } from '../ledger/audit/draft.ts'
import type { AuditDraft, DeliveryLane, DeliveryResult, DeliveryState, DueDelivery, EndpointTransition, Ledger } from '../ledger/ledger.ts'
import { recordSpan } from '../telemetry/spans.ts'
import { traceIdOf } from '../telemetry/trace-context.ts'
import type { Endpoint } from './endpoints.ts'
import { createTokenBucket } from './pace.ts'
import type { Attempt } from './webhook-sender.ts'
import { delayBefore } from './schedule.ts'
import { signatureHeaders } from './signature.ts'

type Store = Pick<Ledger, 'dueDeliveries' | 'settleDelivery' | 'nextDeliveryAt' | 'onDelivery'>

export type AttemptObserver = (outcome: string, ms: number, lagMs?: number) => void

export interface DeliveryWorkerOptions {
  ledger: Store
  post: (url: string, headers: Record<string, string>, body: string) => Promise<Attempt>
  endpoint: Pick<Endpoint, 'id' | 'url' | 'secrets'>
  clock: () => number
  random: () => number
  log: Record<'info' | 'warn' | 'error', (facts: object, message: string) => void>
  /** Told of each attempt: what came of it, how long it took, and, once the CRM has the event, how old that is (ms). */
  observe?: AttemptObserver
  /** Ms before attempt number n, from 1; undefined when all are used up. */
  schedule?: typeof delayBefore
}

export interface DeliveryWorker {
  /** Waits for the attempts under way, then stops. */
  close(): Promise<void>
}

/** Deliveries under way at once: what has been waiting for long cannot take the place of what is fresh, nor the other way round. */
const mostAtOnce: Readonly<Record<DeliveryLane, number>> = { fresh: 40, backlog: 10 }
/** The endpoint's queue is looked at this often even when nothing calls, ms: another node may have died with work of its own. */
const floorMs = 5_000
/** Between tries to write down an attempt, ms. */
const storePauseMs = 1_000

const outcomes: Readonly<Record<Exclude<Attempt['outcome'], 'retry'>, DeliveryState>> = {
  delivered: 'delivered',
  gone: 'refused',
  refused: 'refused',
}

/** What an attempt leads to: the end, or the next one by the schedule or by the CRM's own Retry-After, whichever is later. */
function settle(
  { id, tries, probe }: Pick<DueDelivery, 'id' | 'tries' | 'probe'>,
  attempt: Attempt,
  now: number,
  pauseBefore: (attempt: number) => number | undefined,
): DeliveryResult {
  const note = {
    at: new Date(now).toISOString(),
    status: attempt.status ?? null,
    error: attempt.error ?? null,
    durationMs: attempt.durationMs,
  }
  // What a paused endpoint says to a probe ends nothing: the delivery waits with the others until it is back.
  if (probe && attempt.outcome !== 'delivered') return { id, state: 'pending', attempt: note, nextAt: now, probe }
  if (attempt.outcome !== 'retry') return { id, state: outcomes[attempt.outcome], attempt: note, nextAt: null }
  // Attempts are counted from 1, and `tries` of them were made before this one.
  const pause = pauseBefore(tries + 2)
  return pause === undefined
    ? { id, state: 'exhausted', attempt: note, nextAt: null }
    : { id, state: 'pending', attempt: note, nextAt: now + Math.max(pause, attempt.retryAfterMs ?? 0) }
}

function audited(delivery: DueDelivery, result: DeliveryResult): AuditDraft {
  return auditNote(`delivery_${result.state}`, {
    conversationId: delivery.conversationId,
    actionId: delivery.transferId,
    stage: 'webhook',
    traceId: traceIdOf(delivery.traceparent),
    detail: {
      deliveryId: delivery.id,
      endpoint: delivery.endpoint,
      type: delivery.type,
      attempt: delivery.attempts.length + 1,
      httpStatus: result.attempt.status,
      error: result.attempt.error,
    },
  })
}

export function createDeliveryWorker({
  ledger,
  post,
  endpoint,
  clock,
  random,
  log,
  observe,
  schedule = delayBefore,
}: DeliveryWorkerOptions): DeliveryWorker {
  const underWay = { fresh: new Set<Promise<void>>(), backlog: new Set<Promise<void>>() }
  const pace = createTokenBucket(clock)
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let running = false
  let again = false

  /** An attempt that was made is written down, however long the store is away; stopped before that, it is made again. */
  async function insist(result: DeliveryResult): Promise<EndpointTransition> {
    try {
      return await ledger.settleDelivery(result)
    } catch (error) {
      if (closed) throw error
      await setTimeoutAsync(storePauseMs)
      return insist(result)
    }
  }

  function tell(delivery: DueDelivery, { state, attempt }: DeliveryResult, turn: EndpointTransition): void {
    const facts = {
      transferId: delivery.transferId,
      'trace.id': traceIdOf(delivery.traceparent),
      deliveryId: delivery.id,
      endpoint: endpoint.id,
      stage: 'webhook',
      outcome: state,
      attempt: delivery.attempts.length + 1,
      httpStatus: attempt.status,
      reason: attempt.error,
      durationMs: attempt.durationMs,
    }
    if (state === 'delivered') log.info(facts, `${delivery.type} delivered`)
    else log.warn(facts, `${delivery.type} not delivered`)
    if (turn === 'paused') log.error({ endpoint: endpoint.id, stage: 'webhook', alert: true }, 'an endpoint fails for long and is paused')
    if (turn === 'resumed') log.info({ endpoint: endpoint.id, stage: 'webhook' }, 'a paused endpoint is back')
  }

  async function deliver(delivery: DueDelivery): Promise<void> {
    const headers = {
      ...signatureHeaders(delivery.id, Math.floor(clock() / 1000), delivery.body, endpoint.secrets),
      ...(delivery.traceparent && { traceparent: delivery.traceparent }),
    }
    const attempt = await post(endpoint.url, headers, delivery.body)
    const result = settle(delivery, attempt, clock(), (number) => schedule(number, random()))
    const turn = await insist({ ...result, ...(result.state !== 'pending' && { audit: audited(delivery, result) }) })
    tell(delivery, result, turn)
    const now = clock()
    const first = !delivery.attempts.some(({ status }) => status !== null && status < 300)
    observe?.(attempt.outcome, attempt.durationMs, result.state === 'delivered' && first ? now - Date.parse(delivery.createdAt) : undefined)
    recordSpan({
      name: 'webhook',
      traceparent: delivery.traceparent,
      from: now - attempt.durationMs,
      to: now,
      attributes: { 'handoff.stage': 'webhook', 'handoff.outcome': attempt.outcome, 'handoff.transfer_id': delivery.transferId },
      failed: attempt.outcome !== 'delivered',
    })
  }

  async function sendDue(lane: DeliveryLane, most: number): Promise<number> {
    const limit = Math.min(most, mostAtOnce[lane] - underWay[lane].size)
    if (limit <= 0) return 0
    const due = await ledger.dueDeliveries({ endpoint: endpoint.id, lane, now: clock(), limit })
    for (const delivery of due) {
      const sending = deliver(delivery)
        .catch((error: unknown) =>
          log.warn(
            { transferId: delivery.transferId, deliveryId: delivery.id, stage: 'webhook', reason: (error as Error).message },
            'a delivery could not be settled',
          ),
        )
        .finally(() => {
          underWay[lane].delete(sending)
          wake()
        })
      underWay[lane].add(sending)
    }
    return due.length
  }

  async function run(): Promise<void> {
    running = true
    do {
      again = false
      try {
        await sendDue('fresh', Infinity)
        pace.spend(await sendDue('backlog', pace.room()))
      } catch (error) {
        log.warn({ stage: 'webhook', endpoint: endpoint.id, reason: (error as Error).message }, 'the queue of deliveries could not be read')
      }
    } while (again && !closed)
    running = false
    if (!closed) await sleep()
  }

  async function sleep(): Promise<void> {
    // Where every place is taken, the next that ends calls.
    const busy = underWay.fresh.size >= mostAtOnce.fresh
    const next = busy ? undefined : await ledger.nextDeliveryAt(endpoint.id).catch(() => undefined)
    const pause = (next ?? Infinity) - clock()
    clearTimeout(timer)
    // What is overdue and was not handed out is a backlog that waits for its pace.
    if (!closed) timer = setTimeout(wake, Math.min(floorMs, pause < -1_000 ? Math.max(50, pace.wait()) : Math.max(10, pause)))
  }

  function wake(): void {
    if (closed) return
    clearTimeout(timer)
    if (running) again = true
    else void run()
  }

  ledger.onDelivery(wake)
  wake()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await Promise.allSettled([...underWay.fresh, ...underWay.backlog])
    },
  }
}
