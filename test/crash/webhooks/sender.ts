/** The program that is killed: a ledger, a webhook sender and a delivery worker for each endpoint, all real except for a faster schedule. */
import { openLedger } from '../../../src/ledger/open.ts'
import { createDeliveryWorker } from '../../../src/webhooks/delivery-worker.ts'
import type { Endpoint } from '../../../src/webhooks/endpoints.ts'
import { parseNetworks } from '../../../src/model/formats/networks.ts'
import { parseSecrets } from '../../../src/webhooks/signature.ts'
import { createWebhookSender } from '../../../src/webhooks/webhook-sender.ts'

export interface SenderOptions {
  databaseUrl: string
  auditKey: string
  leaseMs: number
  timeoutMs: number
  /** The delay before each attempt, ms; there are as many attempts as delays. */
  delaysMs: readonly number[]
  endpoints: ReadonlyArray<Pick<Endpoint, 'id' | 'url'> & { secrets: string }>
}

/** `ready`: the sender works. `problem`: the log message of something that failed. */
export type FromSender = { ready: true } | { problem: string }

const report = (message: FromSender): void => void process.send?.(message)
const jitter = 0.2
const options = JSON.parse(String(process.env['SENDER_OPTIONS'])) as SenderOptions

process.on('disconnect', () => process.exit(0))
const ledger = await openLedger(options.databaseUrl, { auditKey: options.auditKey, leaseMs: options.leaseMs })
const { send } = createWebhookSender({ allowedNetworks: parseNetworks('127.0.0.0/8'), timeoutMs: options.timeoutMs })

/** Failed attempts have an outcome and are expected; everything else is a problem. */
const logProblem = (fields: object, message: string): void => {
  if (!('outcome' in fields)) report({ problem: `${message}: ${String((fields as { reason?: unknown }).reason)}` })
}
for (const { id, url, secrets } of options.endpoints)
  createDeliveryWorker({
    ledger,
    send,
    endpoint: { id, url, secrets: parseSecrets(secrets) },
    clock: Date.now,
    random: Math.random,
    log: { info() {}, warn: logProblem, error: logProblem },
    delayBefore(attempt, random) {
      const delayMs = options.delaysMs[attempt - 1]
      return delayMs === undefined ? undefined : Math.round(delayMs * (1 - jitter + 2 * jitter * random))
    },
  })

/** Renews the lease and frees what dead nodes had claimed, as the service does. */
async function maintainLeases(): Promise<void> {
  try {
    await ledger.renewLease()
    await ledger.claimTransfers(1)
  } catch (error) {
    report({ problem: `leases: ${(error as Error).message}` })
  }
  setTimeout(() => void maintainLeases(), options.leaseMs / 4)
}
await maintainLeases()
report({ ready: true })
