/** Whether a transfer may be opened: what its key was used for, and what stands in its way in the conversation (design §2, §5). */
import { type TransferRecord } from '../../model/transfer.ts'
import { lockingStates } from '../../model/states.ts'
import type { KeyUse, Opened } from '../ledger.ts'
import type { UsedKey } from './idempotency.ts'

/** A transfer of the conversation that is not over, or that moved it. */
export interface Past {
  record: TransferRecord
  identity: string
  open: boolean
  moved: boolean
}

/** What the earlier use of a key leads to; undefined: its transfer was forgotten, so that the key is free. */
export function byKey(used: UsedKey, key: KeyUse, transfer: TransferRecord | undefined): Opened | undefined {
  const { transferId, answer } = used
  if (used.fingerprint !== key.fingerprint) return { outcome: 'reused', transferId }
  if (answer) return { outcome: 'replayed', answer, transferId }
  return transfer && { outcome: 'running', record: transfer }
}

/** What stands in the way; `past` newest first. `identity` is given where the request came without a key: the open transfer of the same identity is the one it asks for. */
export function findConflict(past: Past[], identity: string | undefined): Opened | undefined {
  const same = past.find((one) => one.identity === identity && one.open && one.record.state !== 'timeout')
  if (same) return { outcome: 'same', record: same.record }
  const locked = past.find(({ record }) => lockingStates.includes(record.state))
  return locked && { outcome: 'locked', record: locked.record }
}

/** Where the new transfer starts: one deeper than the last that moved the conversation, on its path. */
export function startingFrom(past: Past[]): Pick<TransferRecord, 'transferDepth' | 'transferPath'> {
  const before = past.find(({ moved }) => moved)?.record
  return { transferDepth: (before?.transferDepth ?? 0) + 1, transferPath: before?.transferPath ?? [] }
}
