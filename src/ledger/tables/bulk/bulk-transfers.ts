/** The table of bulk transfers: each is run by the node that owns it, and claimed by another node when that one is gone. */
import type { BulkTransferRecord } from '../../../model/bulk-transfer.ts'
import { StaleBulkTransfer, TransferStillOpen } from '../../contract/errors.ts'
import type { Dialect } from '../../engine/engine.ts'
import { execute, queryRow, queryRows, type QueryGenerator, type Row } from '../../engine/query.ts'

/** The columns that `parseBulkTransfer` needs. */
export const bulkColumns = 'record, owner, fence'

/** Owner and fence count as the columns say, because a claim changes only these. */
export const parseBulkTransfer = (row: Row): BulkTransferRecord => ({
  ...(JSON.parse(String(row['record'])) as BulkTransferRecord),
  owner: String(row['owner']),
  fence: Number(row['fence']),
})

export function createBulkTransfersTable({ forUpdate, skipLocked, jsonElements }: Dialect, nodeId: string) {
  return {
    /** Adds a bulk transfer; one that is there already was added by an earlier try. @returns whether it was added */
    *add(record: BulkTransferRecord): QueryGenerator<boolean> {
      const { id, fence, createdAt } = record
      return (
        (yield* execute(
          'INSERT INTO bulk_transfers (id, open, owner, fence, created_at, record) VALUES (:id, 1, :owner, :fence, :created, :record) ON CONFLICT (id) DO NOTHING',
          { id, owner: nodeId, fence, created: Date.parse(createdAt), record: JSON.stringify(record) },
        )) === 1
      )
    },
    *find(id: string): QueryGenerator<BulkTransferRecord | undefined> {
      const row = yield* queryRow(`SELECT ${bulkColumns} FROM bulk_transfers WHERE id = :id`, { id })
      return row && parseBulkTransfer(row)
    },
    *findForUpdate(id: string): QueryGenerator<BulkTransferRecord | undefined> {
      const row = yield* queryRow(`SELECT ${bulkColumns} FROM bulk_transfers WHERE id = :id ${forUpdate}`, { id })
      return row && parseBulkTransfer(row)
    },
    /** Finds all that are not over, whoever runs them, and locks their rows. */
    *findOpenForUpdate(): QueryGenerator<BulkTransferRecord[]> {
      return (yield* queryRows(`SELECT ${bulkColumns} FROM bulk_transfers WHERE open = 1 ORDER BY id ${forUpdate}`)).map(parseBulkTransfer)
    },
    /** The bulk transfer that this node runs, locked. @throws StaleBulkTransfer */
    *findRunning({ id, fence }: Pick<BulkTransferRecord, 'id' | 'fence'>): QueryGenerator<BulkTransferRecord> {
      const row = yield* queryRow(
        `SELECT ${bulkColumns} FROM bulk_transfers WHERE id = :id AND open = 1 AND owner = :node AND fence = :fence ${forUpdate}`,
        { id, fence, node: nodeId },
      )
      if (!row) throw new StaleBulkTransfer(id)
      return parseBulkTransfer(row)
    },
    /** Stores a changed record; its owner and fence stay as they are. @param isOpen whether a node is still to run it */
    *replace(record: BulkTransferRecord, isOpen = true): QueryGenerator<void> {
      yield* execute('UPDATE bulk_transfers SET record = :record, open = :open WHERE id = :id', {
        id: record.id,
        record: JSON.stringify(record),
        open: isOpen ? 1 : 0,
      })
    },
    /** Takes over those whose owner is no longer in the table of nodes. A node without a lease gets none. @returns all open ones of this node */
    *claim(): QueryGenerator<BulkTransferRecord[]> {
      yield* execute(
        `WITH orphans AS MATERIALIZED (
           SELECT id FROM bulk_transfers WHERE open = 1 AND owner <> :node AND owner NOT IN (SELECT id FROM nodes) AND EXISTS (SELECT 1 FROM nodes WHERE id = :node) ORDER BY id ${skipLocked})
         UPDATE bulk_transfers SET owner = :node, fence = fence + 1 WHERE id IN (SELECT id FROM orphans)`,
        { node: nodeId },
      )
      const rows = yield* queryRows(`SELECT ${bulkColumns} FROM bulk_transfers WHERE open = 1 AND owner = :node ORDER BY id`, {
        node: nodeId,
      })
      return rows.map(parseBulkTransfer)
    },
    /**
     * Erases personal data of a conversation from the bulk transfers that had its call, and from the reason why the call was not moved.
     * @returns how many bulk transfers changed
     * @throws TransferStillOpen
     */
    *erase(conversationId: string, eraseRecord: (record: BulkTransferRecord) => BulkTransferRecord): QueryGenerator<number> {
      const rows = yield* queryRows(
        `SELECT ${bulkColumns}, open FROM bulk_transfers WHERE id IN (SELECT bulk_id FROM bulk_calls WHERE conversation_id = :conversationId) ORDER BY id ${forUpdate}`,
        { conversationId },
      )
      let changed = 0
      for (const row of rows) {
        const record = parseBulkTransfer(row)
        if (Number(row['open']) === 1) throw new TransferStillOpen(record.id, record.state, 'bulk transfer')
        const erased = eraseRecord(record)
        const calls = yield* execute(
          'UPDATE bulk_calls SET message = NULL WHERE bulk_id = :id AND conversation_id = :conversationId AND message IS NOT NULL',
          { id: record.id, conversationId },
        )
        if (calls === 0 && JSON.stringify(erased) === JSON.stringify(record)) continue
        yield* this.replace(erased, false)
        changed += 1
      }
      return changed
    },
    /** Deletes at most `limit` that are over and were created before `createdBefore`, with their calls. @returns how many */
    *deleteOld(createdBefore: number, limit: number): QueryGenerator<number> {
      const rows = yield* queryRows(
        `SELECT id FROM bulk_transfers WHERE open = 0 AND created_at < :before ORDER BY created_at LIMIT :limit ${skipLocked}`,
        { before: createdBefore, limit },
      )
      const ids = JSON.stringify(rows.map((row) => row['id']))
      yield* execute(`DELETE FROM bulk_calls WHERE bulk_id IN (${jsonElements('ids')})`, { ids })
      return yield* execute(`DELETE FROM bulk_transfers WHERE id IN (${jsonElements('ids')})`, { ids })
    },
  }
}
