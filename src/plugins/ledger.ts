/** Opens the ledger and maintains it while the service runs: renews its lease, writes audit checkpoints and deletes old records. */
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { checkpointStatus } from '../ledger/audit/checkpoint.ts'
import type { AuditEntry } from '../ledger/contract/audit.ts'
import { StoreUnavailable } from '../ledger/contract/errors.ts'
import type { Ledger } from '../ledger/contract/ledger.ts'
import { openLedgerForWriting } from '../ledger/open-for-writing.ts'
import { reportOutages } from '../ledger/report-outages.ts'
import { createOutageLog } from '../telemetry/outage-log.ts'
import { createWriteCheck } from '../ledger/write-check.ts'
import { epochMs } from '../model/clock.ts'

/** How long a node that has stopped renewing its lease keeps its transfers, ms. */
const defaultLeaseMs = 10_000
/** A checkpoint is written after this many audit entries. */
const checkpointAfterEntries = 1_000
/** A checkpoint is also written at this interval, if there is an entry since the last one. */
const checkpointIntervalMs = 300_000
/** How long idempotency keys are kept (docs/architecture.md#idempotency). */
const idempotencyKeyLifetimeMs = 72 * 3_600_000
const dayMs = 86_400_000
const cleanupIntervalMs = 600_000
/** Old transfers are deleted in small batches with pauses, so that no request waits for the cleanup. */
const cleanupBatchSize = 200
const cleanupPauseMs = 50

export interface LedgerPluginOptions {
  /** The DATABASE_URL setting. */
  url: string
  /** The DATABASE_DIRECT_URL setting. */
  directUrl?: string | undefined
  auditKey: string
  /** The AUDIT_KEY_PREVIOUS setting. */
  previousAuditKeys?: readonly string[]
  /** Finished transfers are deleted after this many days, but not before `idempotencyKeyLifetimeMs`; 0: never. */
  retentionDays: number
  leaseMs?: number
  /** For tests: returns a wrapper around the ledger, which the service uses instead. */
  wrap?: (ledger: Ledger) => Ledger
}

async function ledgerPlugin(
  app: FastifyInstance,
  { url, directUrl, auditKey, previousAuditKeys, retentionDays, leaseMs = defaultLeaseMs, wrap = (ledger) => ledger }: LedgerPluginOptions,
): Promise<void> {
  let entriesSinceCheckpoint = 0
  let isClosing = false

  function onAudit(entry: AuditEntry): void {
    app.auditLog(entry)
    app.metrics.audit(entry)
    entriesSinceCheckpoint = entry.status === checkpointStatus ? 0 : entriesSinceCheckpoint + 1
    // Not >=: after a failed checkpoint the next attempt is at the interval, not at the next entry.
    if (entriesSinceCheckpoint === checkpointAfterEntries) void writeCheckpoint()
  }
  const opened = await openLedgerForWriting(url, { directUrl, auditKey, previousAuditKeys, leaseMs, onAudit, log: app.log })
  const ledger = reportOutages(wrap(opened), createOutageLog(app.log), (error) => {
    checkLedger.expire()
    if (error.certificateCode) app.metrics.onCertificateError('ledger')
  })
  const checkLedger = createWriteCheck(() => ledger.checkWritable())

  // Skips StoreUnavailable: `reportOutages` logs an outage of the ledger once, and not for each timer that fails.
  const logFailure = (message: string) => (error: unknown) => {
    if (!(error instanceof StoreUnavailable)) app.log.error({ reason: (error as Error).message }, message)
  }
  const writeCheckpoint = (): Promise<void> =>
    ledger.writeCheckpoint().catch(logFailure('a checkpoint of the audit trail could not be written'))

  async function renewLease(): Promise<void> {
    if (await ledger.renewLease()) return
    app.metrics.onLeaseExpired()
    // The node has a new lease already. What made it late is an outage of the ledger, which has an error of its own, or a pause of the process.
    app.log.warn(
      'the lease in the ledger ran out, so other nodes may have taken over transfers of this one: the ledger did not answer for too long, or this process or its machine was suspended',
    )
  }
  async function deleteOld(): Promise<void> {
    await ledger.deleteOldIdempotencyKeys(epochMs() - idempotencyKeyLifetimeMs)
    if (retentionDays === 0) return
    // A transfer is not deleted before its idempotency key, because a caller who repeats the key gets the transfer's response.
    const createdBefore = epochMs() - Math.max(retentionDays * dayMs, idempotencyKeyLifetimeMs)
    while (!isClosing && (await ledger.deleteOldTransfers(createdBefore, cleanupBatchSize)) === cleanupBatchSize)
      await setTimeout(cleanupPauseMs)
    await ledger.deleteOldBulkTransfers(createdBefore, cleanupBatchSize)
  }
  const timers = [
    // Four times within a lease, so that a renewal that fails or is late does not lose it.
    setInterval(() => void renewLease().catch(logFailure('the lease could not be renewed')), leaseMs / 4),
    setInterval(() => void deleteOld().catch(logFailure('old transfers and idempotency keys could not be deleted')), cleanupIntervalMs),
    setInterval(() => entriesSinceCheckpoint > 0 && void writeCheckpoint(), checkpointIntervalMs),
  ]

  app.decorate('ledger', ledger)
  app.decorate('checkLedger', checkLedger)
  app.addHook('onClose', async () => {
    isClosing = true
    for (const timer of timers) clearInterval(timer)
    if (entriesSinceCheckpoint > 0) await writeCheckpoint()
    await ledger.close()
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    ledger: Ledger
    /**
     * Resolves if the ledger can be written, which is checked once a second at most, and anew after another use of the ledger has failed.
     * @throws StoreUnavailable if it cannot be written
     */
    checkLedger(): Promise<void>
  }
}
export default fp(ledgerPlugin, { name: 'ledger', dependencies: ['audit-log', 'metrics'], fastify: '5.x' })
