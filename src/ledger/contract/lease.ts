/** Leases: which node owns a transfer or a delivery, and how another node takes it over (docs/architecture.md#ledger). */
import type { TransferRecord } from '../../model/transfer.ts'

/** One term of this node's lease. Once it has expired it stays expired, even if the node has taken a new lease. */
export interface Lease {
  /** Whether the lease is still valid by this node's own clock, by which it ends before other nodes may take over the node's work. */
  isValid(): boolean
}

/** Ownership of open transfers. */
export interface LeaseStore {
  /**
   * Takes over at most `limit` open transfers whose owner is gone, and raises their fencing number.
   * @throws StoreUnavailable
   */
  claimTransfers(limit: number): Promise<TransferRecord[]>
  /**
   * Renews this node's lease.
   * @returns false when the lease had expired: other nodes may own this node's work by now, and the node has taken a new lease
   * @throws StoreUnavailable
   */
  renewLease(): Promise<boolean>
  /** The current term of this node's lease. No command may be sent to the platform under a term that has expired. */
  currentLease(): Lease
  /**
   * This node's transfers that are still `accepted` or `executing` and were created before `createdBefore` (epoch ms). A write that was
   * reported as failed but had been committed leaves such transfers behind.
   * @throws StoreUnavailable
   */
  findStalled(createdBefore: number): Promise<TransferRecord[]>
}
