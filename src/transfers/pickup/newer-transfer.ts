/** Whether a conversation has a newer transfer than one that is watched: that one decides about the call from then on. */
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/** The newer transfer of the same conversation, if there is one that is open. @throws StoreUnavailable */
export async function findNewerTransfer(
  ledger: Pick<TransferStore, 'findOpenTransfers'>,
  { id, conversationId }: TransferRecord,
): Promise<TransferRecord | undefined> {
  // Ids grow with time.
  return (await ledger.findOpenTransfers(conversationId)).find((other) => other.id > id)
}
