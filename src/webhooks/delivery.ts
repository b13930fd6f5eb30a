/** Delivers what the ledger has queued for the CRM: signed anew at each attempt, in order per transfer, by the schedule (design §8). */
import { setTimeout as setTimeoutAsync } from 'node:timers/promises'
import { auditNote } from '../ledger/audit-draft.ts'
import type { AuditDraft, DeliveryResult, DeliveryState, DueDelivery, Ledger } from '../ledger/ledger.ts'
import type { Attempt } from './post.ts'
import { delayBefore } from './schedule.ts'
import { signatureHeaders } from './signature.ts'

type Store = Pick<Ledger, 'dueDeliveries' | 'settleDelivery' | 'nextDeliveryAt' | 'onDelivery'>

export interface DelivererOptions {
  ledger: Store
  post: (url: string, headers: Record<string, string>, body: string) => Promise<Attempt>
  url: string
  secrets: Buffer[]
  clock: () => number
  random: () => number
  log: { info(facts: object, message: string): void; warn(facts: object, message: string): void }
}

export interface Deliverer {
  /** Waits for the attempts under way, then stops. */
  close(): Promise<void>
}

/** Deliveries under way at once. */
const mostAtOnce = 50
/** The CRM's queue is looked at this often even when nothing calls, ms: another node may have died with work of its own. */
const floorMs = 5_000
/** Between tries to write down an attempt, ms. */
const storePauseMs = 1_000

const outcomes: Readonly<Record<Exclude<Attempt['outcome'], 'retry'>, DeliveryState>> = {
  delivered: 'delivered',
  gone: 'refused',
  refused: 'refused',
}

/** What an attempt leads to: the end, or the next one by the schedule or by the CRM's own Retry-After, whichever is later. */
function settle({ id, tries }: Pick<DueDelivery, 'id' | 'tries'>, attempt: Attempt, now: number, random: number): DeliveryResult {
  const note = {
    at: new Date(now).toISOString(),
    status: attempt.status ?? null,
    error: attempt.error ?? null,
    durationMs: attempt.durationMs,
  }
  if (attempt.outcome !== 'retry') return { id, state: outcomes[attempt.outcome], attempt: note, nextAt: null }
  // Attempts are counted from 1, and `tries` of them were made before this one.
  const pause = delayBefore(tries + 2, random)
  return pause === undefined
    ? { id, state: 'exhausted', attempt: note, nextAt: null }
    : { id, state: 'pending', attempt: note, nextAt: now + Math.max(pause, attempt.retryAfterMs ?? 0) }
}

function audited(delivery: DueDelivery, result: DeliveryResult): AuditDraft {
  return auditNote(`delivery_${result.state}`, {
    conversationId: delivery.conversationId,
    actionId: delivery.transferId,
    stage: 'webhook',
    detail: {
      deliveryId: delivery.id,
      type: delivery.type,
      attempt: delivery.attempts.length + 1,
      httpStatus: result.attempt.status,
      error: result.attempt.error,
    },
  })
}

export function createDeliverer({ ledger, post, url, secrets, clock, random, log }: DelivererOptions): Deliverer {
  const underWay = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let running = false
  let again = false

  /** An attempt that was made is written down, however long the store is away; stopped before that, it is made again. */
  async function insist(result: DeliveryResult): Promise<void> {
    try {
      await ledger.settleDelivery(result)
    } catch (error) {
      if (closed) throw error
      await setTimeoutAsync(storePauseMs)
      await insist(result)
    }
  }

  async function deliver(delivery: DueDelivery): Promise<void> {
    const headers = signatureHeaders(delivery.id, Math.floor(clock() / 1000), delivery.body, secrets)
    const attempt = await post(url, headers, delivery.body)
    const result = settle(delivery, attempt, clock(), random())
    await insist({ ...result, ...(result.state !== 'pending' && { audit: audited(delivery, result) }) })
    const facts = {
      transferId: delivery.transferId,
      deliveryId: delivery.id,
      stage: 'webhook',
      outcome: result.state,
      attempt: delivery.attempts.length + 1,
      httpStatus: attempt.status ?? null,
      error: attempt.error ?? null,
      durationMs: attempt.durationMs,
    }
    if (result.state === 'delivered') log.info(facts, `${delivery.type} delivered`)
    else log.warn(facts, `${delivery.type} not delivered`)
  }

  async function sendDue(): Promise<void> {
    const due = await ledger.dueDeliveries(clock(), mostAtOnce - underWay.size)
    for (const delivery of due) {
      const sending = deliver(delivery)
        .catch((error: unknown) =>
          log.warn(
            { transferId: delivery.transferId, deliveryId: delivery.id, stage: 'webhook', reason: (error as Error).message },
            'a delivery could not be settled',
          ),
        )
        .finally(() => {
          underWay.delete(sending)
          wake()
        })
      underWay.add(sending)
    }
  }

  async function run(): Promise<void> {
    running = true
    do {
      again = false
      try {
        if (underWay.size < mostAtOnce) await sendDue()
      } catch (error) {
        log.warn({ stage: 'webhook', reason: (error as Error).message }, 'the queue of deliveries could not be read')
      }
    } while (again && !closed)
    running = false
    if (!closed) await sleep()
  }

  async function sleep(): Promise<void> {
    const next = underWay.size < mostAtOnce ? await ledger.nextDeliveryAt().catch(() => undefined) : undefined
    clearTimeout(timer)
    if (!closed) timer = setTimeout(wake, Math.min(floorMs, Math.max(10, (next ?? Infinity) - clock())))
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
      await Promise.allSettled(underWay)
    },
  }
}
