/**
 * Whether a new transfer may be opened: what its key was used for (docs/architecture.md#idempotency), and which transfer of its
 * conversation is in conflict with it (docs/architecture.md#exactly-once).
 */
import type { Override } from '../../model/conditions.ts'
import { lockingStates } from '../../model/states.ts'
import type { NormalizedTargetOf } from '../../model/target.ts'
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

/** What tells whether a request without a key is a repeat. */
export interface RequestWithoutKey {
  identity: string
  /** Those among its targets. */
  callbacks: ReadonlyArray<NormalizedTargetOf<'callback'>>
  override: readonly Override[]
}

/** @returns what the key's earlier use means for this request; undefined: its transfer was deleted, so the key is free */
export function findKeyConflict(used: UsedKey, key: IdempotencyKeyUse, transfer: TransferRecord | undefined): OpenResult | undefined {
  const { transferId, response } = used
  if (used.fingerprint !== key.fingerprint && used.fingerprint !== key.writtenFingerprint) return { outcome: 'reused', transferId }
  if (response) return { outcome: 'replayed', response, transferId }
  return transfer && { outcome: 'running', record: transfer }
}

/** Whether a transfer has created a callback that the new request asks for, in the same way. Such a transfer is over at once. */
function hasCreatedCallback({ state, resolvedTarget, target, fallback, override }: TransferRecord, request: RequestWithoutKey): boolean {
  if (state !== 'callback_created' || resolvedTarget === null) return false
  const asked = resolvedTarget.usedFallback ? fallback.find(({ type }) => type === 'callback') : target
  const askedNumber = asked?.type === 'callback' ? asked.callbackNumber : undefined
  return (
    String(request.override) === String(override ?? []) &&
    request.callbacks.some(
      ({ queueId, skillIds, callbackNumber, scheduledAt = null }) =>
        queueId === resolvedTarget.queueId &&
        String(skillIds) === String(resolvedTarget.skillIds) &&
        callbackNumber === askedNumber &&
        scheduledAt === resolvedTarget.scheduledAt,
    )
  )
}

/**
 * @param earlier the conversation's transfers that are open or have moved its call, the newest first
 * @param request only if it has no key: then it counts as a repeat of a transfer with the same identity that is open or has created the
 *   callback that the request asks for
 * @returns undefined when the transfer may be opened
 */
export function findConflict(earlier: StoredTransfer[], request: RequestWithoutKey | undefined): OpenResult | undefined {
  const same = earlier.find(
    ({ identity, isOpen, record }) =>
      identity === request?.identity &&
      // A timed-out transfer stays open only to notice a late pickup, so the same request is not a repeat of it.
      ((isOpen && record.state !== 'timeout') || hasCreatedCallback(record, request)),
  )
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
