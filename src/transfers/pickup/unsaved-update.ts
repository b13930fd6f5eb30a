/**
 * Keeps an update of a call that the platform has accepted, but that the ledger could not store. It is stored before anything else is done
 * with the transfer, so that it is not sent to the platform again.
 */
import { StoreUnavailable } from '../../ledger/contract/errors.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Recorder } from '../recorder.ts'
import type { Transition } from '../transition.ts'
import type { UnsavedUpdate, WatchedTransfer } from './watched-transfer.ts'

/**
 * Writes an update of the call, and keeps it in `watched` if the ledger is unavailable.
 * @throws StaleRecord, StoreUnavailable
 */
export async function writeUpdate(
  watched: WatchedTransfer,
  change: Transition,
  recorder: Pick<Recorder, 'write'>,
): Promise<TransferRecord> {
  try {
    return await recorder.write(change)
  } catch (error) {
    if (error instanceof StoreUnavailable) watched.unsaved = { change, writing: undefined }
    throw error
  }
}

/** Writes the update that was kept. @throws StaleRecord if the transfer has changed since: then the update is given up; StoreUnavailable */
async function writeAgain(watched: WatchedTransfer, unsaved: UnsavedUpdate, recorder: Pick<Recorder, 'write'>): Promise<TransferRecord> {
  const giveUp = (): void => {
    if (watched.unsaved === unsaved) watched.unsaved = undefined
  }
  unsaved.writing ??= recorder.write(unsaved.change)
  try {
    const record = await unsaved.writing
    giveUp()
    return record
  } catch (error) {
    unsaved.writing = undefined
    if (!(error instanceof StoreUnavailable)) giveUp()
    throw error
  }
}

/**
 * The record of a watched transfer: as it is stored with an update that was kept, the cached one while its lease is valid, otherwise the
 * ledger's. Undefined if it was deleted.
 * @throws StaleRecord, StoreUnavailable
 */
export async function readRecord(
  watched: WatchedTransfer,
  ledger: Pick<TransferStore, 'findTransfer'>,
  recorder: Pick<Recorder, 'write'>,
): Promise<TransferRecord | undefined> {
  if (watched.unsaved) return writeAgain(watched, watched.unsaved, recorder)
  return watched.cached?.lease.isValid() ? watched.cached.record : ledger.findTransfer(watched.id)
}
