/** How a transfer record is stored in a row: as JSON, with columns for what the database selects by. */
import { completeRecord, isOpen, type TransferRecord } from '../../model/transfer.ts'
import type { Row, Values } from '../engine/query.ts'
import type { StoredTransfer } from './repeat-or-conflict.ts'

/** Columns that `parseRecord` needs. Owner and fence may change without the JSON, so `parseRecord` takes them from their columns. */
export const recordColumns = 'record, owner, fence'
/** Columns that `parseStoredTransfer` needs. */
export const storedTransferColumns = `${recordColumns}, identity, open, moved`

export const parseRecord = (row: Row): TransferRecord => ({
  ...completeRecord(JSON.parse(String(row['record'])) as TransferRecord),
  owner: String(row['owner']),
  fence: Number(row['fence']),
})

export const parseStoredTransfer = (row: Row): StoredTransfer => ({
  record: parseRecord(row),
  identity: String(row['identity']),
  isOpen: row['open'] === 1,
  hasTakenEffect: row['moved'] === 1,
})

/**
 * The queue that a transfer counts for in reports: the one that was chosen, or the one that was asked for while none is chosen; '' if the
 * target belongs to no queue. Null, as in rows of earlier versions, means that it is not known.
 */
const queueOf = ({ resolvedTarget, queueIds }: TransferRecord): string | null =>
  resolvedTarget ? (resolvedTarget.queueId ?? '') : (queueIds?.[0] ?? null)

/** The part of an UPDATE that writes a record, with the parameters of `recordValues`. */
export const recordAssignments =
  'state = :state, code = :code, open = :open, moved = :moved, latency_ms = :latency, pickup_ms = :pickup, queue_id = :queue, record = :record'

/** The parameters of the statements that write a record. */
export const recordValues = (record: TransferRecord): Values => ({
  id: record.id,
  state: record.state,
  code: record.code,
  open: Number(isOpen(record)),
  // A callback moves no call, but counts as a move: the next transfer of the conversation continues its depth and path.
  moved: Number(record.initiatedAt !== null || record.state === 'callback_created'),
  latency: record.latencyMs,
  pickup: record.pickupMs,
  queue: queueOf(record),
  record: JSON.stringify(record),
})
