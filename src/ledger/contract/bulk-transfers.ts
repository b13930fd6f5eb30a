/** Bulk transfers: how one is stored, run by one node at a time, and taken over (docs/architecture.md#bulk-transfers). */
import type { BulkCallRecord, BulkCounts, BulkState, BulkTransferRecord } from '../../model/bulk-transfer.ts'
import type { State } from '../../model/states.ts'
import type { LimitedKey } from './api-keys.ts'
import type { AuditDraft } from './audit.ts'
import type { Page } from './page.ts'

/** A bulk transfer with its calls in order, each with the state of its transfer now. */
export interface BulkTransferDetails {
  record: BulkTransferRecord
  calls: Array<BulkCallRecord & { transferState: State | null }>
}

/** Which bulk transfers to list, the newest first. */
export interface BulkTransferFilter {
  /** Only those in one of these states; absent: all. */
  states?: readonly BulkState[]
  /** Only those that this key may see; absent: all. */
  visibleTo?: LimitedKey
  limit: number
  cursor?: string
}

/** A bulk transfer as lists have it: with the number of its calls in each state. */
export interface ListedBulkRecord {
  record: BulkTransferRecord
  counts: BulkCounts
}

/** A change of a bulk transfer itself, with its audit entry. */
export interface BulkChange {
  record: BulkTransferRecord
  audit: AuditDraft
}

/**
 * What the node that runs a bulk transfer is to do next.
 * `move`: this call, which is now `moving`. `wait`: all pending calls are postponed. `read`: all listed calls are done, and the platform had
 * not listed all. `stop`: it is paused or over.
 */
export type BulkStep =
  { next: 'move'; call: BulkCallRecord } | { next: 'wait'; ms: number } | { next: 'read'; calls: BulkCallRecord[] } | { next: 'stop' }

/** Every method throws StoreUnavailable. The methods with a fence throw StaleBulkTransfer if another node runs the bulk transfer by now. */
export interface BulkTransferStore {
  /**
   * Stores a bulk transfer that this node runs, unless there is one with its id.
   * @returns the one that is stored afterwards: a repeat of the request may have been faster
   */
  addBulkTransfer(change: BulkChange, calls: readonly BulkCallRecord[]): Promise<BulkTransferDetails>
  /** @returns undefined when there is no bulk transfer with this id */
  findBulkTransfer(id: string): Promise<BulkTransferDetails | undefined>
  /** A page of the bulk transfers that match the filter. @throws LedgerBusy */
  listBulkTransfers(filter: BulkTransferFilter): Promise<Page<ListedBulkRecord>>
  /**
   * Changes a bulk transfer as it is stored at this moment, whoever runs it. A cancelled one stays open until its node has ended it.
   * @param decide may be called more than once; when it returns undefined, nothing is written
   * @returns the record as it is stored afterwards; undefined if there is none
   * @throws what `decide` throws, and then nothing is written
   */
  updateBulkTransfer(
    id: string,
    decide: (stored: BulkTransferRecord) => Pick<BulkChange, 'record'> | BulkChange | undefined,
  ): Promise<BulkTransferRecord | undefined>
  /** Takes over the bulk transfers that are not over and whose node is gone. @returns all that this node is to run, those included */
  claimBulkTransfers(): Promise<BulkTransferRecord[]>
  /**
   * Chooses the next step, and marks the call that is to be moved. A call that was `moving` already comes first, because its transfer may
   * have begun. When nothing is left to do, the bulk transfer is ended. A wait for the rate limit that is stored is over with the step.
   * @param createEnd the change that ends it, for the number of calls in each state
   */
  takeBulkStep(
    running: Pick<BulkTransferRecord, 'id' | 'fence'>,
    now: number,
    createEnd: (stored: BulkTransferRecord, counts: Record<string, number>) => BulkChange,
  ): Promise<BulkStep>
  /** Writes what has become of a call. @param pause pauses the bulk transfer in the same transaction, if it is running */
  writeBulkCall(
    running: Pick<BulkTransferRecord, 'id' | 'fence'>,
    call: BulkCallRecord,
    pause?: (stored: BulkTransferRecord) => BulkChange,
  ): Promise<void>
  /** Adds calls that the platform had not listed before. */
  addBulkCalls(running: Pick<BulkTransferRecord, 'id' | 'fence'>, calls: readonly BulkCallRecord[], isTruncated: boolean): Promise<void>
  /** Deletes at most `limit` bulk transfers that are over and were created before `createdBefore` (epoch ms). @returns how many */
  deleteOldBulkTransfers(createdBefore: number, limit: number): Promise<number>
}
