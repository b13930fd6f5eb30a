/** How a caller waits for a transfer that this node is not running, or no longer: the ledger is read until another node has recorded its outcome. */
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import { isLaterHop } from '../../model/hop.ts'
import type { TransferRecord } from '../../model/transfer.ts'

const isAnswerable = (record: TransferRecord): boolean =>
  record.state !== 'accepted' && (record.state !== 'executing' || isLaterHop(record))

/** Between two reads, ms. */
const readPauseMs = 100

export interface WaitForOutcomeDependencies {
  ledger: Pick<TransferStore, 'findTransfer'>
  /** Epoch ms. */
  clock: () => number
  /** Pauses for so many ms. */
  wait: (ms: number) => Promise<void>
}

/**
 * Reads a transfer until its caller can be answered, but not beyond its deadline: while it is `accepted`, or `executing` for the first time.
 * @returns the record as it was read last
 * @throws StoreUnavailable
 */
export async function waitForOutcome(record: TransferRecord, { ledger, clock, wait }: WaitForOutcomeDependencies): Promise<TransferRecord> {
  let current = record
  while (!isAnswerable(current) && clock() < current.deadlineAt) {
    await wait(readPauseMs)
    current = (await ledger.findTransfer(record.id)) ?? current
  }
  return current
}
