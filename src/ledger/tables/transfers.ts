/** Writes the table of transfers: a new transfer under a lock, a change by compare-and-set on state, owner and fence. */
import type { TransferRecord } from '../../model/transfer.ts'
import { locksAgain } from '../../model/states.ts'
import { ConversationLocked, StaleRecord, TransferStillOpen } from '../contract/errors.ts'
import type { Change, NewTransfer, OpenResult } from '../contract/transfers.ts'
import type { Dialect } from '../engine/engine.ts'
import {
  emptyResult,
  execute,
  executeExpected,
  executeDeferred,
  queryRow,
  queryRows,
  queryTogether,
  type QueryGenerator,
} from '../engine/query.ts'
import { continueHistory, findConflict, findKeyConflict } from './repeat-or-conflict.ts'
import type { IdempotencyTable } from './idempotency.ts'
import { findTransfer } from './transfer-queries.ts'
import { parseRecord, parseStoredTransfer, recordAssignments, recordColumns, recordValues, storedTransferColumns } from './transfer-row.ts'

/** The conversation's transfers that are open or have moved its call, the newest first. */
const selectEarlier = `SELECT ${storedTransferColumns} FROM transfers WHERE conversation_id = :conversationId AND (open = 1 OR moved = 1) ORDER BY id DESC`

/**
 * `|| ''` keeps PostgreSQL from using the index of states. For a table that it has no statistics about, it would use this index and read all
 * transfers in that state.
 */
const isInState = "state || '' = :from"

const update = `UPDATE transfers SET ${recordAssignments} WHERE id = :id AND ${isInState} AND owner = :owner AND fence = :fence AND record <> :record`
const updateWithNewFence = `UPDATE transfers SET ${recordAssignments}, fence = :fence WHERE id = :id AND ${isInState} AND owner = :owner AND fence = :fence - 1`

/** The transfer of the conversation, other than this one, that may move the call at this moment. The condition is that of the index `one_at_a_time`. */
const selectOtherLocking =
  "SELECT id FROM transfers WHERE conversation_id = :conversationId AND id <> :id AND state IN ('accepted', 'executing', 'indeterminate')"

export function createTransfersTable(
  { forUpdate, skipLocked, jsonElements, lock }: Dialect,
  nodeId: string,
  idempotencyKeys: IdempotencyTable,
) {
  /** Locks the conversation of a transfer whose call is about to be moved again. @throws ConversationLocked */
  function* lockConversation({ id, conversationId }: TransferRecord): QueryGenerator<void> {
    yield* lock([`conversation ${conversationId}`])
    const other = yield* queryRow(selectOtherLocking, { id, conversationId })
    if (other) throw new ConversationLocked(id, String(other['id']))
  }

  return {
    /** Opens a transfer if nothing is in conflict with it; otherwise the result says what is. */
    *open({ record, identity, callbacks = [], key, isProbablyFirst = false }: NewTransfer): QueryGenerator<OpenResult> {
      const { conversationId } = record
      const expectation = isProbablyFirst && ({ expectation: 'finds nothing' } as const)
      yield* lock([`conversation ${conversationId}`, ...(key ? [`key ${key.caller} ${key.key}`] : [])])
      const [inConversation = emptyResult, ofKey = emptyResult] = yield* queryTogether([
        { sql: selectEarlier, values: { conversationId }, ...expectation },
        ...(key ? [{ ...idempotencyKeys.findQuery(key), ...expectation }] : []),
      ])
      const usedKey = idempotencyKeys.parseUse(ofKey)
      const keyConflict = usedKey && key && findKeyConflict(usedKey, key, yield* findTransfer(usedKey.transferId))
      if (keyConflict) return keyConflict
      const earlier = inConversation.rows.map(parseStoredTransfer)
      const conflict = findConflict(earlier, key ? undefined : { identity, callbacks, override: record.override ?? [] })
      if (conflict) return conflict
      const opened: TransferRecord = { ...record, ...continueHistory(earlier), owner: nodeId, fence: 1 }
      yield* executeDeferred(
        `INSERT INTO transfers (id, conversation_id, identity, state, code, open, moved, created_at, latency_ms, pickup_ms, owner, fence, record, reason, queue_id, requested_by)
         VALUES (:id, :conversationId, :identity, :state, :code, :open, :moved, :created, :latency, :pickup, :node, 1, :record, :reason, :queue, :requestedBy)`,
        {
          ...recordValues(opened),
          conversationId,
          identity,
          created: Date.parse(record.createdAt),
          node: nodeId,
          reason: record.reason,
          requestedBy: record.requestedBy,
        },
      )
      if (key) yield* idempotencyKeys.reserve(key, record.id)
      return { outcome: 'accepted', record: opened }
    },

    /** Writes a change. @returns false when the record is already stored, byte for byte. @throws StaleRecord, ConversationLocked */
    *change({ record, from }: Change): QueryGenerator<boolean> {
      const { id, owner, fence } = record
      if (owner !== nodeId) throw new StaleRecord(id)
      const hasNewFence = locksAgain(from, record.state)
      if (hasNewFence) yield* lockConversation(record)
      const changedRows = yield* executeExpected(hasNewFence ? updateWithNewFence : update, { ...recordValues(record), from, owner, fence })
      if (changedRows === 1) return true
      const stored = yield* queryRow('SELECT record FROM transfers WHERE id = :id AND owner = :owner AND fence = :fence', {
        id,
        owner,
        fence,
      })
      if (stored?.['record'] !== JSON.stringify(record)) throw new StaleRecord(id)
      return false
    },
    /** Locks several rows for this transaction, always in the same order, so that no two transactions wait for each other. */
    *lockRows(ids: string[]): QueryGenerator<void> {
      yield* queryRows(`SELECT id FROM transfers WHERE id IN (${jsonElements('ids')}) ORDER BY id ${forUpdate}`, {
        ids: JSON.stringify(ids),
      })
    },
    /** Writes a change whoever owns the transfer, and makes this node its owner. @returns false when its state is no longer `from` */
    *forceChange({ record, from }: Change): QueryGenerator<boolean> {
      return (
        (yield* execute(`UPDATE transfers SET ${recordAssignments}, owner = :node, fence = fence + 1 WHERE id = :id AND ${isInState}`, {
          ...recordValues(record),
          from,
          node: nodeId,
        })) === 1
      )
    },

    /** Reads a transfer, and locks its row until the transaction ends. */
    *findForUpdate(id: string): QueryGenerator<TransferRecord | undefined> {
      const row = yield* queryRow(`SELECT ${recordColumns} FROM transfers WHERE id = :id ${forUpdate}`, { id })
      return row && parseRecord(row)
    },
    /** Replaces a transfer whose row is locked, owner and fence included. */
    *replace(record: TransferRecord): QueryGenerator<void> {
      const { owner, fence } = record
      yield* execute(`UPDATE transfers SET ${recordAssignments}, owner = :owner, fence = :fence WHERE id = :id`, {
        ...recordValues(record),
        owner,
        fence,
      })
    },

    /** Deletes at most `limit` transfers that are over, with their deliveries and keys. @returns how many */
    *deleteOld(createdBefore: number, limit: number): QueryGenerator<number> {
      const rows = yield* queryRows(
        `SELECT id FROM transfers WHERE created_at < :before AND open = 0 ORDER BY created_at LIMIT :limit ${skipLocked}`,
        { before: createdBefore, limit },
      )
      const ids = JSON.stringify(rows.map(({ id }) => id))
      for (const [table, column] of [
        ['deliveries', 'transfer_id'],
        ['idempotency_keys', 'transfer_id'],
        ['transfers', 'id'],
      ])
        yield* execute(`DELETE FROM ${table} WHERE ${column} IN (${jsonElements('ids')})`, { ids })
      return rows.length
    },
    /** Writes each record of a conversation as `eraseRecord` returns it. @returns the records' ids. @throws TransferStillOpen */
    *erase(conversationId: string, eraseRecord: (record: TransferRecord) => TransferRecord): QueryGenerator<string[]> {
      const rows = yield* queryRows(
        `SELECT ${storedTransferColumns} FROM transfers WHERE conversation_id = :conversationId ORDER BY id ${forUpdate}`,
        { conversationId },
      )
      const transfers = rows.map(parseStoredTransfer)
      const open = transfers.find(({ isOpen }) => isOpen)
      if (open) throw new TransferStillOpen(open.record.id, open.record.state)
      for (const { record } of transfers)
        // The identity is a hash of the target, and there are few enough phone numbers to try them all.
        yield* execute("UPDATE transfers SET identity = 'erased', reason = NULL, record = :record WHERE id = :id", {
          id: record.id,
          record: JSON.stringify(eraseRecord(record)),
        })
      return transfers.map(({ record }) => record.id)
    },
  }
}
