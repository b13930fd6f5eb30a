/** The ledger: transfers, webhook deliveries, API keys and the audit trail, behind one interface that every database implements. */
import type { ApiKeyStore } from './api-keys.ts'
import type { AuditEntry, AuditStore } from './audit.ts'
import type { BulkTransferStore } from './bulk-transfers.ts'
import type { ChangeStore } from './changes.ts'
import type { CopyStore } from './copies.ts'
import type { DeliveryStore } from './deliveries.ts'
import type { EndpointStore, PausePolicy } from './endpoints.ts'
import type { ErasureStore } from './erasure.ts'
import type { LeaseStore } from './lease.ts'
import type { NodeStore } from './nodes.ts'
import type { TransferStore } from './transfers.ts'

/** The log for what only the database layer notices. */
export interface LedgerLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface LedgerOptions {
  /** Key of the audit chain's hashes. */
  auditKey: string
  /** Keys that the audit trail was written with before, the newest first: what they wrote still counts (docs/rotation.md#audit_key). */
  previousAuditKeys?: readonly string[] | undefined
  /** The address of the database itself, if `url` is the address of a pooler. The ledger listens there for changes by other nodes. */
  directUrl?: string | undefined
  /** Called for every audit entry once it is on disk. */
  onAudit?: (entry: AuditEntry) => void
  log?: LedgerLog | undefined
  /** How long after its last renewal this node's lease lasts, ms. */
  leaseMs?: number
  /** Epoch ms. */
  clock?: () => number
  /** Ms since the machine started. Leases are measured by it, because it cannot be set. */
  uptimeMs?: () => number
  pausePolicy?: PausePolicy
}

/** One node's access to the ledger (docs/architecture.md#ledger). */
export interface Ledger
  extends
    TransferStore,
    BulkTransferStore,
    LeaseStore,
    DeliveryStore,
    EndpointStore,
    AuditStore,
    NodeStore,
    CopyStore,
    ChangeStore,
    ErasureStore,
    ApiKeyStore {
  /** Id of this node: the owner of the transfers and deliveries that it works on. */
  readonly nodeId: string
  /** Writes as much as a new transfer does, to prove that one can be written, and leaves nothing of it. @throws StoreUnavailable */
  checkWritable(): Promise<void>
  /** Gives up the lease and closes the database. */
  close(): Promise<void>
}
