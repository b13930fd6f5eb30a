/**
 * Which node owns a transfer. A transfer belongs to the node that opened it. When the lease of that node has expired, another node
 * claims the transfer. Each claim raises the fence, so that later writes of the former owner are refused (docs/architecture.md#exactly-once).
 */
import type { State } from '../../model/states.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { Dialect } from '../engine/engine.ts'
import { queryRows, type QueryGenerator } from '../engine/query.ts'
import { parseRecord, recordColumns } from './transfer-row.ts'

export function createTransferOwnership({ forUpdate, skipLocked, jsonElements }: Dialect, nodeId: string) {
  return {
    /** Takes over at most `limit` open transfers whose owner is no longer in the table of nodes. A node without a lease gets none. */
    *claim(limit: number): QueryGenerator<TransferRecord[]> {
      const rows = yield* queryRows(
        `WITH orphans AS MATERIALIZED (
           SELECT id FROM transfers WHERE open = 1 AND owner <> :node AND owner NOT IN (SELECT id FROM nodes) AND EXISTS (SELECT 1 FROM nodes WHERE id = :node) ORDER BY id LIMIT :limit ${skipLocked})
         UPDATE transfers SET owner = :node, fence = fence + 1 WHERE id IN (SELECT id FROM orphans) RETURNING ${recordColumns}`,
        { node: nodeId, limit },
      )
      return rows.map(parseRecord)
    },
    /** The states of all open transfers, by id. */
    *listOpenStates(): QueryGenerator<Map<string, State>> {
      const rows = yield* queryRows('SELECT id, state FROM transfers WHERE open = 1')
      return new Map(rows.map(({ id, state }) => [String(id), state as State]))
    },
    /** Finds all open transfers, whoever owns them, and locks their rows. */
    *findOpenForUpdate(): QueryGenerator<TransferRecord[]> {
      return (yield* queryRows(`SELECT ${recordColumns} FROM transfers WHERE open = 1 ORDER BY id ${forUpdate}`)).map(parseRecord)
    },
    /** Finds the transfers with these ids that are open and owned by this node. */
    *findOwned(ids: string[]): QueryGenerator<TransferRecord[]> {
      return (yield* queryRows(
        `SELECT ${recordColumns} FROM transfers WHERE id IN (${jsonElements('ids')}) AND open = 1 AND owner = :node ${forUpdate}`,
        {
          ids: JSON.stringify(ids),
          node: nodeId,
        },
      )).map(parseRecord)
    },
  }
}
