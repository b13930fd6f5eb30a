/** The ledger, its lease, and its housekeeping. */
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { checkpointStatus } from '../ledger/audit/checkpoint.ts'
import type { AuditEntry, Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open.ts'

/** How long a silent process keeps its work, ms. */
const usualLeaseMs = 10_000
/** A checkpoint of the audit trail after so many rows, or so many ms with any. */
const checkpointRows = 1_000
const checkpointMs = 300_000
/** Idempotency keys are kept for 72 h (design §2). */
const keysKeptMs = 72 * 3_600_000
const housekeepingMs = 600_000
const prunedAtOnce = 200
const prunePauseMs = 50

export interface LedgerPluginOptions {
  url: string
  auditKey: string
  /** Finished transfers are kept so long; 0: for ever. */
  retentionDays: number
  leaseMs?: number
  wrap?: (ledger: Ledger) => Ledger
}

async function ledgerPlugin(
  app: FastifyInstance,
  { url, auditKey, retentionDays, leaseMs = usualLeaseMs, wrap = (ledger) => ledger }: LedgerPluginOptions,
): Promise<void> {
  let sinceCheckpoint = 0
  function onAudit(entry: AuditEntry): void {
    app.auditLog(entry)
    app.metrics.audit(entry)
    sinceCheckpoint = entry.status === checkpointStatus ? 0 : sinceCheckpoint + 1
    if (sinceCheckpoint === checkpointRows) void checkpoint()
  }
  const ledger = wrap(await openLedger(url, { auditKey, leaseMs, onAudit }))
  const checkpoint = (): Promise<void> => ledger.checkpoint().catch(failed('a checkpoint of the audit trail could not be written'))
  const failed = (what: string) => (error: unknown) => app.log.error({ reason: (error as Error).message }, what)
  const renewal = setInterval(
    () =>
      void ledger
        .renew()
        .then((held) => held || app.log.error('the lease in the ledger ran out'))
        .catch(failed('the lease could not be renewed')),
    leaseMs / 4,
  )
  let closing = false
  /** Small batches with pauses: nobody waits for the housekeeping. */
  async function tidy(): Promise<void> {
    await ledger.forgetKeys(Date.now() - keysKeptMs)
    // Nothing younger than the keys that may still be asked for.
    const before = Date.now() - Math.max(retentionDays * 86_400_000, keysKeptMs)
    while (retentionDays > 0 && !closing && (await ledger.prune(before, prunedAtOnce)) === prunedAtOnce) await setTimeout(prunePauseMs)
  }
  const housekeeping = setInterval(() => void tidy().catch(failed('what is old could not be forgotten')), housekeepingMs)
  const checkpoints = setInterval(() => sinceCheckpoint > 0 && void checkpoint(), checkpointMs)
  app.decorate('ledger', ledger)
  app.addHook('onClose', async () => {
    closing = true
    clearInterval(renewal)
    clearInterval(housekeeping)
    clearInterval(checkpoints)
    if (sinceCheckpoint > 0) await checkpoint()
    await ledger.close()
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    ledger: Ledger
  }
}
export default fp(ledgerPlugin, { name: 'ledger', dependencies: ['audit-log', 'metrics'], fastify: '5.x' })
