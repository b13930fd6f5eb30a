/** A ledger that is a copy: what was open in it may have gone on where it was copied from (docs/backup.md#after-a-restore). */
import type { BulkTransferRecord } from '../../model/bulk-transfer.ts'
import type { State } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { AuditDraft } from './audit.ts'
import type { BulkChange } from './bulk-transfers.ts'
import type { Change } from './transfers.ts'

/** How many transfers and bulk transfers were open in a copy, and how many calls of the latter were being moved. */
export interface AdoptedCounts {
  transfers: number
  bulkTransfers: number
  bulkCalls: number
}

/** What becomes of what is open in a copy. Each function may be called more than once with the same record. */
export interface AdoptionDecisions {
  transfer: (stored: TransferRecord) => Change
  /** @returns undefined when it stays as it is */
  bulkTransfer: (stored: BulkTransferRecord) => BulkChange | undefined
  /** What is written about a call that was being moved. */
  bulkCallMessage: string
  /** The entry that says that the ledger is a copy. */
  audit: (counts: AdoptedCounts) => AuditDraft
}

/** Every method throws StoreUnavailable. */
export interface CopyStore {
  /** What the database itself finds damaged, at most ten findings; empty on PostgreSQL, which checks when it reads. */
  findDamage(): Promise<string[]>
  /** The transfers that are open, by id, each with its state. */
  listOpenStates(): Promise<Map<string, State>>
  /** Whether the ledger lies elsewhere than where it was written, or was marked as a copy. */
  isCopy(): Promise<boolean>
  /** Marks the ledger as a copy, for one that was set back in place, where that cannot be seen. No other node counts as running any more. */
  markAsCopy(): Promise<void>
  /**
   * Makes a copy the ledger of its new place: in one transaction, every transfer and bulk transfer that is open changes as `decisions` say, and
   * no node that was copied with it counts as running.
   * @returns undefined when the ledger is no copy, because another node was faster
   */
  adoptCopy(decisions: AdoptionDecisions): Promise<AdoptedCounts | undefined>
}
