/** A sender to be killed: a ledger, the poster and a deliverer for each endpoint, all real; only the schedule is quick, so that ten attempts fit into seconds. */
import { openLedger } from '../../../src/ledger/open.ts'
import { createDeliveryWorker } from '../../../src/webhooks/delivery-worker.ts'
import type { Endpoint } from '../../../src/webhooks/endpoints.ts'
import { parseNetworks } from '../../../src/webhooks/network-guard.ts'
import { createWebhookSender } from '../../../src/webhooks/webhook-sender.ts'
import { parseSecrets } from '../../../src/webhooks/signature.ts'

export interface SenderOrders {
  databaseUrl: string
  auditKey: string
  leaseMs: number
  timeoutMs: number
  /** Ms before each attempt; there are no more. */
  waits: readonly number[]
  endpoints: ReadonlyArray<Pick<Endpoint, 'id' | 'url'> & { secrets: string }>
}
/** Something that the sender could not do, in the words of its log. */
export interface FromSender {
  ready?: true
  trouble?: string
}

const tell = (message: FromSender): void => void process.send?.(message)
const jitter = 0.2
const { databaseUrl, auditKey, leaseMs, timeoutMs, waits, endpoints } = JSON.parse(String(process.env['SENDER_ORDERS'])) as SenderOrders

process.on('disconnect', () => process.exit(0))
const ledger = await openLedger(databaseUrl, { auditKey, leaseMs })
const poster = createWebhookSender({ allowedNetworks: parseNetworks('127.0.0.0/8'), timeoutMs })
const trouble = (facts: object, message: string): void => {
  if (!message.endsWith('not delivered')) tell({ trouble: `${message}: ${String((facts as { reason?: unknown }).reason)}` })
}
for (const { id, url, secrets } of endpoints)
  createDeliveryWorker({
    ledger,
    post: poster.post,
    endpoint: { id, url, secrets: parseSecrets(secrets) },
    clock: Date.now,
    random: Math.random,
    log: { info() {}, warn: trouble, error: trouble },
    schedule(attempt, random) {
      const wait = waits[attempt - 1]
      return wait === undefined ? undefined : Math.round(wait * (1 - jitter + 2 * jitter * random))
    },
  })

/** As the switchboard does: keeps its lease, and buries the nodes that are gone, so that what was in their hands is free. */
const lookAfterLeases = async (): Promise<void> => {
  try {
    await ledger.renew()
    await ledger.claim(1)
  } catch (error) {
    tell({ trouble: `leases: ${(error as Error).message}` })
  }
  setTimeout(() => void lookAfterLeases(), leaseMs / 4)
}
await lookAfterLeases()
tell({ ready: true })
