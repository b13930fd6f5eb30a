/** How a transfer is changed at a caller's request after its call was moved: as it is stored at that moment, by whichever node the caller asks. */
import { canSee } from '../../auth/restriction.ts'
import { StoreUnavailable } from '../../ledger/contract/errors.ts'
import { Problem } from '../../model/problems.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Watcher } from '../pickup/watcher.ts'
import type { Recorder } from '../recorder.ts'
import type { Requester } from '../request/new-transfer.ts'
import type { Transition } from '../transition.ts'

export interface UpdateDependencies {
  ledger: { readonly nodeId: string }
  recorder: Pick<Recorder, 'update'>
  watcher: Pick<Watcher, 'refresh'>
}

/**
 * Changes a transfer, and continues with it on this node if that owns it afterwards.
 * @param decide as for `Recorder.update`
 * @returns the transfer as it is stored afterwards
 * @throws Problem NOT_FOUND, also if the requester's key may not see the transfer; StoreUnavailable; what `decide` throws
 */
export type UpdateStored = (
  id: string,
  requester: Requester,
  decide: (stored: TransferRecord) => Transition | undefined,
) => Promise<TransferRecord>

/** The transfer, if the requester may see it. @throws Problem NOT_FOUND */
export function requireVisible(record: TransferRecord | undefined, id: string, requester: Requester): TransferRecord {
  if (!record || !canSee(requester, record)) throw new Problem('NOT_FOUND', `There is no transfer ${id}.`)
  return record
}

export function createUpdateStored({ ledger, recorder, watcher }: UpdateDependencies): UpdateStored {
  return async (id, requester, decide) => {
    let before: TransferRecord | undefined
    try {
      const after = await recorder.update(id, (stored) => decide((before = requireVisible(stored, id, requester))))
      if (after?.owner === ledger.nodeId) watcher.refresh(after)
      return requireVisible(after, id, requester)
    } catch (error) {
      // The write may have been committed although it was reported as failed. Then this node may own the transfer, and must watch it.
      if (before && error instanceof StoreUnavailable) watcher.refresh(before)
      throw error
    }
  }
}
