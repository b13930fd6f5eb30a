/** The ledger: transfers, what the CRM is told of them, and the audit trail, behind one interface that every database implements. */
import type { ApiKeyStore } from './api-keys.ts'
import type { AuditEntry, AuditStore } from './audit.ts'
import type { DeliveryStore } from './deliveries.ts'
import type { EndpointStore, PausePolicy } from './endpoints.ts'
import type { ErasureStore } from './erasure.ts'
import type { LeaseStore } from './lease.ts'
import type { TransferStore } from './transfers.ts'

export interface LedgerOptions {
  /** Key of the audit chain's hashes. */
  auditKey: string
  /** An address that leads to the database itself if a pooler stands before it; used to be told of changes. */
  directUrl?: string | undefined
  /** Called for every audit entry once it is on disk. */
  onAudit?: (entry: AuditEntry) => void
  /** How long after its last renewal this node's lease lasts, ms. */
  leaseMs?: number
  /** Epoch ms. */
  clock?: () => number
  /** Ms since the machine started. Leases are measured by it, because it cannot be set. */
  uptimeMs?: () => number
  pausePolicy?: PausePolicy
}

/** One node's access to the ledger (docs/architecture.md#ledger). */
export interface Ledger extends TransferStore, LeaseStore, DeliveryStore, EndpointStore, AuditStore, ErasureStore, ApiKeyStore {
  /** Id of this node: the owner of the transfers and deliveries that it works on. */
  readonly nodeId: string
  /** Writes as much as a new transfer does, to prove that one can be written, and leaves nothing of it. @throws StoreUnavailable */
  checkWritable(): Promise<void>
  /** Gives up the lease and closes the database. */
  close(): Promise<void>
}
