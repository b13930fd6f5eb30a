/** The ledger on a database engine: it takes the node's lease and offers the operations on the tables as one interface. */
import type { PausePolicy } from './contract/endpoints.ts'
import type { Ledger, LedgerOptions } from './contract/ledger.ts'
import type { Engine } from './engine/engine.ts'
import { createApiKeyOperations } from './operations/api-key-operations.ts'
import { createAuditOperations } from './operations/audit-operations.ts'
import { createBulkTransferOperations } from './operations/bulk-transfer-operations.ts'
import { createChangeOperations } from './operations/change-operations.ts'
import { createCopyOperations } from './operations/copy-operations.ts'
import { createDeliveryOperations } from './operations/delivery-operations.ts'
import { createEndpointOperations } from './operations/endpoint-operations.ts'
import { createErasureOperations } from './operations/erasure-operations.ts'
import { createLeaseOperations, takeLease } from './operations/lease-operations.ts'
import { createLeaseTerms, machineUptimeMs } from './operations/lease-term.ts'
import { createNodeOperations } from './operations/node-operations.ts'
import { createLongReads } from './operations/long-reads.ts'
import { createQueueListeners } from './operations/queue-listeners.ts'
import { createTransferOperations } from './operations/transfer-operations.ts'
import { createTables } from './tables/tables.ts'
import { probeWrite } from './operations/write-probe.ts'
import { epochMs } from '../model/clock.ts'

const defaultLeaseMs = 10_000
/**
 * An endpoint is paused after it has failed for two days: before its deliveries are exhausted, because their retry schedule spans three days.
 * It is probed so often that a CRM that works again gets its events within minutes.
 */
const defaultPausePolicy: PausePolicy = { failingMs: 48 * 3_600_000, failures: 10, probeEveryMs: 5 * 60_000 }

/**
 * Takes a lease for this node and creates its ledger.
 * @param nodeId a new id for each process
 * @throws StoreUnavailable
 */
export async function createSqlLedger(
  engine: Engine,
  nodeId: string,
  {
    leaseMs = defaultLeaseMs,
    clock = epochMs,
    uptimeMs = machineUptimeMs,
    auditKey,
    previousAuditKeys,
    pausePolicy = defaultPausePolicy,
  }: LedgerOptions,
): Promise<Ledger> {
  const tables = createTables(engine, { nodeId, leaseMs, pausePolicy, auditKey, previousAuditKeys })
  const terms = createLeaseTerms(leaseMs, uptimeMs)
  const queueListeners = createQueueListeners(engine)
  const longReads = createLongReads(engine)
  await takeLease(engine, tables, terms)
  return {
    nodeId,
    ...createTransferOperations(engine, tables, queueListeners, longReads),
    ...createBulkTransferOperations(engine, tables, longReads),
    ...createLeaseOperations(engine, tables, terms, nodeId),
    ...createDeliveryOperations(engine, tables, { queueListeners, longReads, clock }),
    ...createEndpointOperations(engine, tables),
    ...createAuditOperations(engine, longReads, auditKey, previousAuditKeys),
    ...createNodeOperations(engine, tables),
    ...createCopyOperations(engine, tables),
    ...createChangeOperations(engine),
    ...createErasureOperations(engine, tables),
    ...createApiKeyOperations(engine, tables),
    checkWritable: () => engine.write(() => probeWrite(engine.dialect, nodeId)),
    async close() {
      await engine.sealAudit().catch(() => {})
      await engine.write(() => tables.nodes.leave()).catch(() => {})
      await engine.close()
    },
  }
}
