/** How a transfer record is stored in a row: as JSON, with columns for what the database selects by. */
import { isFinal } from '../../model/states.ts'
import { completeRecord, type TransferRecord } from '../../model/transfer.ts'
import type { Row, Values } from '../engine/query.ts'
import type { StoredTransfer } from './repeat-or-conflict.ts'

/** Columns that `parseRecord` needs. Owner and fence change without the JSON, so their columns count. */
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
  hasMoved: row['moved'] === 1,
})

/** The part of an UPDATE that writes a record, with the parameters of `recordValues`. */
export const recordAssignments =
  'state = :state, code = :code, open = :open, moved = :moved, latency_ms = :latency, pickup_ms = :pickup, record = :record'

/** A timed-out transfer stays open while a late pickup is still watched for. */
export const recordValues = (record: TransferRecord): Values => ({
  id: record.id,
  state: record.state,
  code: record.code,
  open: Number(!isFinal(record.state) || record.lateWatch),
  // A callback moves no call, but the next transfer of the conversation is to know of it.
  moved: Number(record.initiatedAt !== null || record.state === 'callback_created'),
  latency: record.latencyMs,
  pickup: record.pickupMs,
  record: JSON.stringify(record),
})
