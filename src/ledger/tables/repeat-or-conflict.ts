/**
 * Whether a new transfer may be opened: what its key was used for (docs/architecture.md#idempotency), and which transfer of its
 * conversation is in conflict with it (docs/architecture.md#exactly-once).
 */
import { lockingStates } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { IdempotencyKeyUse } from '../contract/idempotency.ts'
import type { OpenResult } from '../contract/transfers.ts'
import type { UsedKey } from './idempotency.ts'

/** A stored transfer with the columns that decide about the next one of its conversation. */
export interface StoredTransfer {
  record: TransferRecord
  identity: string
  isOpen: boolean
  /** Whether the platform accepted its command: the call was moved, or a callback was created. */
  hasTakenEffect: boolean
}

/** @returns what the key's earlier use means for this request; undefined: its transfer was deleted, so the key is free */
export function findKeyConflict(used: UsedKey, key: IdempotencyKeyUse, transfer: TransferRecord | undefined): OpenResult | undefined {
  const { transferId, response } = used
  if (used.fingerprint !== key.fingerprint && used.fingerprint !== key.writtenFingerprint) return { outcome: 'reused', transferId }
  if (response) return { outcome: 'replayed', response, transferId }
  return transfer && { outcome: 'running', record: transfer }
}

/**
 * @param earlier the conversation's transfers that are open or have moved its call, the newest first
 * @param identity only for a request without a key, which counts as a repeat of an open transfer with the same identity
 * @returns undefined when the transfer may be opened
 */
export function findConflict(earlier: StoredTransfer[], identity: string | undefined): OpenResult | undefined {
  // A timed-out transfer stays open only to notice a late pickup, so the same request is not a repeat of it.
  const same = earlier.find((stored) => stored.identity === identity && stored.isOpen && stored.record.state !== 'timeout')
  if (same) return { outcome: 'same', record: same.record }
  const locked = earlier.find(({ record }) => lockingStates.includes(record.state))
  return locked && { outcome: 'locked', record: locked.record }
}

/**
 * @param earlier the conversation's transfers, the newest first
 * @returns depth and path of the next transfer, which continue those of the last transfer that moved the conversation's call
 */
export function continueHistory(earlier: StoredTransfer[]): Pick<TransferRecord, 'transferDepth' | 'transferPath'> {
  const last = earlier.find(({ hasTakenEffect }) => hasTakenEffect)?.record
  return { transferDepth: (last?.transferDepth ?? 0) + 1, transferPath: last?.transferPath ?? [] }
}
