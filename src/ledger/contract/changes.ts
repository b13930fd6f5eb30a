/** The changes of transfers in the order in which they became known, for programs that follow them (docs/architecture.md#event-stream). */
import type { TransferRecord } from '../../model/transfer.ts'

/** A row of the audit trail, as far as it is about a change of a transfer. */
export interface NumberedChange {
  /** The row's number. Numbers grow, but a row may become visible after one with a higher number, if two nodes write at the same time. */
  seq: number
  /** Null: the row is about something else. */
  transferId: string | null
  /** ISO 8601. */
  at: string
  /** The status of the audit entry. */
  status: string
  stage: string | null
  code: string | null
}

/** Every method throws StoreUnavailable. */
export interface ChangeStore {
  /** The number of the last row of the audit trail; 0 if there is none. */
  findLastChangeNumber(): Promise<number>
  /**
   * Rows in the order of their numbers.
   * @param after only rows with a higher number, at most `limit`
   * @param missing numbers of further rows that are returned if they are there now
   */
  readChanges(after: number, limit: number, missing?: readonly number[]): Promise<NumberedChange[]>
  /** The transfers with these ids, in no particular order. Those that were deleted are left out. */
  findTransfers(ids: readonly string[]): Promise<TransferRecord[]>
  /** Calls `listener` when changes may have become visible, by this node or, if the database says so, by another one. */
  onChanged(listener: () => void): void
}
