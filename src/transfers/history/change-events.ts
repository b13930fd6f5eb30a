/** Turns changes that were read from the ledger into events, each with the transfer as it is now. */
import type { ChangeStore, NumberedChange } from '../../ledger/contract/changes.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/** Changes of one transfer that became known together: usually one, and several if they followed each other within a fraction of a second. */
export interface ChangeEvent {
  changes: NumberedChange[]
  record: TransferRecord
}

/** Statuses of entries about the delivery of webhooks. They name a transfer, but do not change it. */
const isDeliveryStatus = (status: string): boolean => status.startsWith('delivery_')

/** @returns the events in the order of each transfer's first change. Changes of transfers that were deleted are left out. @throws StoreUnavailable */
export async function createChangeEvents(
  store: Pick<ChangeStore, 'findTransfers'>,
  rows: readonly NumberedChange[],
): Promise<ChangeEvent[]> {
  const changes = rows.filter(({ transferId, status }) => transferId !== null && !isDeliveryStatus(status))
  const byTransfer = Map.groupBy(changes, ({ transferId }) => String(transferId))
  if (byTransfer.size === 0) return []
  const records = new Map((await store.findTransfers([...byTransfer.keys()])).map((record) => [record.id, record]))
  return [...byTransfer].flatMap(([id, ofTransfer]) => {
    const record = records.get(id)
    return record ? [{ changes: ofTransfer, record }] : []
  })
}
