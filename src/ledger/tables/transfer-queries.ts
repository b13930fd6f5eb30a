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

/** The transfers with these ids, in no particular order. */
export function* findTransfersById(
  ids: readonly string[],
  { jsonElements }: Pick<Dialect, 'jsonElements'>,
): QueryGenerator<TransferRecord[]> {
  if (ids.length === 0) return []
  const select = `SELECT ${recordColumns} FROM transfers WHERE id IN (${jsonElements('ids')})`
  return (yield* queryRows(select, { ids: JSON.stringify(ids) })).map(parseRecord)
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

/**
 * A page of the transfers that match the filter, the newest first. Each state is selected by itself: for several states at once, a database
 * may walk through all transfers by time until it has found enough, which takes long for states that are rare.
 */
export function* listTransfers(
  { conversationId, states, reason, queueId, code, requestedBy, since, until, limit, cursor, visibleTo }: TransferFilter,
  dialect: Dialect,
): QueryGenerator<Page<TransferRecord>> {
  const { where, values } = createWhereClause({
    'conversation_id = :conversationId': conversationId,
    'reason = :reason': reason,
    'queue_id = :queueId': queueId,
    'code = :code': code,
    'requested_by = :requestedBy': requestedBy,
    'created_at >= :since': since,
    'created_at < :until': until,
    [visibleCondition(dialect)]: viewerValue(visibleTo),
    '(created_at, id) < ((SELECT created_at FROM transfers WHERE id = :cursor), :cursor)': cursor,
  })
  const newestFirst = 'ORDER BY created_at DESC, id DESC LIMIT :limit'
  const select = (condition: string): string =>
    `SELECT id, created_at, ${recordColumns} FROM transfers WHERE ${condition} AND ${where} ${newestFirst}`
  const distinctStates = [...new Set(states)]
  const parts = distinctStates.map((_, index) => `SELECT * FROM (${select(`state = :state${index}`)}) AS part${index}`)
  const sql =
    parts.length === 0 ? select('1 = 1') : parts.length === 1 ? select('state = :state0') : `${parts.join(' UNION ALL ')} ${newestFirst}`
  const rows = yield* queryRows(sql, {
    ...values,
    ...Object.fromEntries(distinctStates.map((state, index) => [`state${index}`, state])),
    limit: limit + 1,
  })
  return createPage(rows, limit, 'id', parseRecord)
}
