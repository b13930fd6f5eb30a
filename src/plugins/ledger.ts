/** The ledger, its lease, and its housekeeping. */
import { setInterval } from 'node:timers'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open.ts'

/** How long a silent process keeps its work, ms. */
const usualLeaseMs = 10_000
/** Idempotency keys are kept for 72 h (design §2). */
const keysKeptMs = 72 * 3_600_000
const housekeepingMs = 600_000

export interface LedgerPluginOptions {
  url: string
  auditKey: string
  leaseMs?: number
  wrap?: (ledger: Ledger) => Ledger
}

async function ledgerPlugin(app: FastifyInstance, { url, auditKey, leaseMs = usualLeaseMs, wrap = (ledger) => ledger }: LedgerPluginOptions): Promise<void> {
  const ledger = wrap(await openLedger(url, { auditKey, leaseMs, onAudit: (entry) => app.auditLog(entry) }))
  const failed = (what: string) => (error: unknown) => app.log.error({ reason: (error as Error).message }, what)
  const renewal = setInterval(() => void ledger.renew().then((held) => held || app.log.error('the lease in the ledger ran out')).catch(failed('the lease could not be renewed')), leaseMs / 4)
  const housekeeping = setInterval(() => void ledger.forgetKeys(Date.now() - keysKeptMs).catch(failed('old idempotency keys could not be forgotten')), housekeepingMs)
  app.decorate('ledger', ledger)
  app.addHook('onClose', async () => {
    clearInterval(renewal)
    clearInterval(housekeeping)
    await ledger.close()
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    ledger: Ledger
  }
}
export default fp(ledgerPlugin, { name: 'ledger', dependencies: ['audit-log'], fastify: '5.x' })
