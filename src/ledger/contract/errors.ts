/** The errors that the ledger throws when it refuses a read or a write. */
import type { BulkState } from '../../model/bulk-transfer.ts'
import type { State } from '../../model/states.ts'

/** The record has changed state or owner since it was read, so the change was not written. */
export class StaleRecord extends Error {
  constructor(transferId: string) {
    super(`transfer ${transferId} has changed since it was read, or was taken over by another node`)
    this.name = 'StaleRecord'
  }
}

/** Another transfer of the conversation may move the call at this moment, so this one may not. Nothing was written. */
export class ConversationLocked extends Error {
  readonly otherId: string
  /** @param otherId id of the other transfer */
  constructor(transferId: string, otherId: string) {
    super(`transfer ${transferId} may not move the call while transfer ${otherId} may`)
    this.name = 'ConversationLocked'
    this.otherId = otherId
  }
}

/**
 * The database could not be read or written. A failed write left nothing behind, unless the connection broke during COMMIT: then the write
 * may have been committed, and it is safe to write the same change again.
 */
export class StoreUnavailable extends Error {
  /** The error code of the connection, if the certificate of the database is not accepted. */
  readonly certificateCode: string | undefined
  constructor(reason: string, certificateCode?: string) {
    super(`the ledger is not available: ${reason}`)
    this.name = 'StoreUnavailable'
    this.certificateCode = certificateCode
  }
}

/**
 * The database's files were overwritten, replaced or damaged. This process reads and writes nothing more, because the files no longer contain
 * what was acknowledged.
 */
export class StoreDamaged extends StoreUnavailable {
  constructor(reason: string) {
    super(reason)
    this.name = 'StoreDamaged'
  }
}

/**
 * A file of the database is no longer at its path. This does not pass by itself: the file must be put back in place, and if it was deleted, the
 * process must be stopped before.
 */
export class StoreMisplaced extends StoreUnavailable {
  constructor(reason: string) {
    super(reason)
    this.name = 'StoreMisplaced'
  }
}

/** Too many reads are waiting for their turn. Nothing was read, and a retry a little later can succeed. */
export class LedgerBusy extends Error {
  constructor() {
    super('too many lists, summaries and exports are being read at once')
    this.name = 'LedgerBusy'
  }
}

/** A delivery cannot be queued again yet, because one of its attempts is under way. */
export class DeliveryUnderWay extends Error {
  constructor(id: string) {
    super(`delivery ${id} is being attempted`)
    this.name = 'DeliveryUnderWay'
  }
}

/** A conversation cannot be erased yet, because one of its transfers, or a bulk transfer with its call, still needs what would be erased. */
export class TransferStillOpen extends Error {
  constructor(id: string, state: State | BulkState, kind: 'transfer' | 'bulk transfer' = 'transfer') {
    super(`${kind} ${id} is not over (${state}); erase the conversation when it is`)
    this.name = 'TransferStillOpen'
  }
}

/** Another node runs the bulk transfer by now, or it is over. Nothing was written. */
export class StaleBulkTransfer extends Error {
  constructor(id: string) {
    super(`bulk transfer ${id} is run by another node, or is over`)
    this.name = 'StaleBulkTransfer'
  }
}
