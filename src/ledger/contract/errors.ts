/** The errors by which the ledger refuses a read or a write. */
import type { State } from '../../model/states.ts'

/** The record has changed state or owner since it was read, so the change was not written. */
export class StaleRecord extends Error {
  constructor(transferId: string) {
    super(`transfer ${transferId} was moved on or taken over by another node`)
    this.name = 'StaleRecord'
  }
}

/**
 * The database could not be read or written. A refused write left nothing behind, except where the connection broke
 * during COMMIT: then the write may have been committed, and writing the same change again is safe.
 */
export class StoreUnavailable extends Error {
  constructor(reason: string) {
    super(`the ledger is not available: ${reason}`)
    this.name = 'StoreUnavailable'
  }
}

/** Too many reads are waiting for their turn. Nothing was read; a little later there is room again. */
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

/** A conversation cannot be erased yet, because the pipeline still needs one of its transfers. */
export class TransferStillOpen extends Error {
  constructor(transferId: string, state: State) {
    super(`transfer ${transferId} is not over (${state}); erase its conversation when it is`)
    this.name = 'TransferStillOpen'
  }
}
