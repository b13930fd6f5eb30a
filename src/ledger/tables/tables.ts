/** The tables that a ledger's operations share. */
import type { PausePolicy } from '../contract/endpoints.ts'
import type { Engine } from '../engine/engine.ts'
import { createApiKeysTable } from './api-keys.ts'
import { bulkCallsTable } from './bulk/bulk-calls.ts'
import { createBulkTransfersTable } from './bulk/bulk-transfers.ts'
import { createDeliveriesTable } from './webhooks/deliveries.ts'
import { createEndpointsTable } from './webhooks/endpoints.ts'
import { createIdempotencyTable } from './idempotency.ts'
import { createNodesTable } from './nodes.ts'
import { createOutbox } from './webhooks/outbox.ts'
import { createTransferOwnership } from './transfer-ownership.ts'
import { createTransfersTable } from './transfers.ts'

export interface TablesOptions {
  nodeId: string
  leaseMs: number
  pausePolicy: PausePolicy
  auditKey: string
  previousAuditKeys?: readonly string[] | undefined
}

export function createTables(engine: Engine, { nodeId, leaseMs, pausePolicy, auditKey, previousAuditKeys }: TablesOptions) {
  const { dialect } = engine
  const idempotencyKeys = createIdempotencyTable(dialect, auditKey, previousAuditKeys)
  const endpoints = createEndpointsTable(dialect, pausePolicy)
  return {
    idempotencyKeys,
    endpoints,
    transfers: createTransfersTable(dialect, nodeId, idempotencyKeys),
    ownership: createTransferOwnership(dialect, nodeId),
    bulkTransfers: createBulkTransfersTable(dialect, nodeId),
    bulkCalls: bulkCallsTable,
    outbox: createOutbox(dialect, nodeId, endpoints),
    deliveries: createDeliveriesTable(dialect, endpoints),
    apiKeys: createApiKeysTable(dialect),
    nodes: createNodesTable(engine, nodeId, leaseMs),
  }
}
export type Tables = ReturnType<typeof createTables>
