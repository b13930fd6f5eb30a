/** Waits for the outcome of a transfer that this node is not running: the ledger is read until another node has recorded the outcome. */
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import { isLaterHop } from '../../model/hop.ts'
import type { TransferRecord } from '../../model/transfer.ts'

/** Whether the caller of a transfer can be answered. */
const isAnswerable = (record: TransferRecord): boolean =>
  record.state !== 'accepted' && (record.state !== 'executing' || isLaterHop(record))

const readPauseMs = 100

export interface WaitForOutcomeDependencies {
  ledger: Pick<TransferStore, 'findTransfer'>
  /** Epoch ms. */
  clock: () => number
  /** Resolves after `ms`. */
  wait: (ms: number) => Promise<void>
}

/**
 * Reads a transfer until its caller can be answered, or until its deadline. The caller has to wait while the transfer is `accepted`, or
 * `executing` its first hop.
 * @returns the record that was read last
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
