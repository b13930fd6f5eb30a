/** The queries that read the table of transfers. */
import type { TransferRecord } from '../../model/transfer.ts'
import type { Page } from '../contract/page.ts'
import type { TransferFilter } from '../contract/transfers.ts'
import type { Dialect } from '../engine/engine.ts'
import { queryRow, queryRows, type QueryGenerator } from '../engine/query.ts'
import { createPage, createWhereClause } from './paging.ts'
import { parseRecord, recordColumns } from './transfer-row.ts'
import { visibleCondition, viewerValue } from './visible-transfers.ts'

const selectInConversation = `SELECT ${recordColumns} FROM transfers WHERE conversation_id = :conversationId`

export function* findTransfer(id: string): QueryGenerator<TransferRecord | undefined> {
  const row = yield* queryRow(`SELECT ${recordColumns} FROM transfers WHERE id = :id`, { id })
  return row && parseRecord(row)
}

/** The newest transfer that moved the conversation's call. Ids are in the order of creation. */
export function* findLastMoved(conversationId: string): QueryGenerator<TransferRecord | undefined> {
  const row = yield* queryRow(`${selectInConversation} AND moved = 1 ORDER BY id DESC`, { conversationId })
  return row && parseRecord(row)
}

/**
 * The conversation's transfers that are not over, the oldest first. `open + 0` keeps PostgreSQL from using the index of all open transfers,
 * which it would read as a whole.
 */
export function* findOpenTransfers(conversationId: string): QueryGenerator<TransferRecord[]> {
  return (yield* queryRows(`${selectInConversation} AND open + 0 = 1 ORDER BY id`, { conversationId })).map(parseRecord)
}

/** A node's transfers that are still accepted or executing and were created before `createdBefore` (epoch ms). */
export function* findStalled(nodeId: string, createdBefore: number): QueryGenerator<TransferRecord[]> {
  return (yield* queryRows(
    `SELECT ${recordColumns} FROM transfers WHERE owner = :node AND open = 1 AND state IN ('accepted', 'executing') AND created_at < :before ORDER BY id`,
    { node: nodeId, before: createdBefore },
  )).map(parseRecord)
}

/** A page of the transfers that match the filter, the newest first. */
export function* listTransfers(
  { conversationId, state, reason, since, until, limit, cursor, visibleTo }: TransferFilter,
  dialect: Dialect,
): QueryGenerator<Page<TransferRecord>> {
  const { where, values } = createWhereClause({
    'conversation_id = :conversationId': conversationId,
    'state = :state': state,
    'reason = :reason': reason,
    'created_at >= :since': since,
    'created_at < :until': until,
    [visibleCondition(dialect)]: viewerValue(visibleTo),
    '(created_at, id) < ((SELECT created_at FROM transfers WHERE id = :cursor), :cursor)': cursor,
  })
  const rows = yield* queryRows(
    `SELECT id, ${recordColumns} FROM transfers WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT :limit`,
    {
      ...values,
      limit: limit + 1,
    },
  )
  return createPage(rows, limit, 'id', parseRecord)
}
