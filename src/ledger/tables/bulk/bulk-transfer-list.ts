/** Lists bulk transfers, each with the number of its calls in each state. */
import type { BulkCallState, BulkCounts, BulkState } from '../../../model/bulk-transfer.ts'
import type { BulkTransferFilter, ListedBulkRecord } from '../../contract/bulk-transfers.ts'
import type { Page } from '../../contract/page.ts'
import type { Dialect } from '../../engine/engine.ts'
import { queryRows, type QueryGenerator } from '../../engine/query.ts'
import { createPage, createWhereClause } from '../paging.ts'
import { viewerValue } from '../visible-transfers.ts'
import { bulkColumns, parseBulkTransfer } from './bulk-transfers.ts'
import { visibleBulkCondition } from './visible-bulk-transfers.ts'

const openStates: ReadonlySet<BulkState> = new Set(['running', 'paused'])

/** How many calls of each bulk transfer are in each state, by the id of the bulk transfer. */
function* countCalls(ids: readonly string[], { jsonElements }: Pick<Dialect, 'jsonElements'>): QueryGenerator<Map<string, BulkCounts>> {
  const rows = yield* queryRows(
    `SELECT bulk_id, state, count(*) AS count FROM bulk_calls WHERE bulk_id IN (${jsonElements('ids')}) GROUP BY bulk_id, state`,
    { ids: JSON.stringify(ids) },
  )
  const countsById = new Map<string, BulkCounts>(ids.map((id) => [id, {}]))
  for (const row of rows) countsById.get(String(row['bulk_id']))![String(row['state']) as BulkCallState] = Number(row['count'])
  return countsById
}

/** A page of the bulk transfers that match the filter, the newest first. */
export function* listBulkTransfers(
  { states, limit, cursor, visibleTo }: BulkTransferFilter,
  dialect: Dialect,
): QueryGenerator<Page<ListedBulkRecord>> {
  const { where, values } = createWhereClause({
    // Those that run are few, and have an index of their own.
    'open = :open': states?.every((state) => openStates.has(state)) ? 1 : undefined,
    [`${dialect.json('record')} ->> 'state' IN (${dialect.jsonElements('states')})`]: states && JSON.stringify(states),
    [visibleBulkCondition(dialect)]: viewerValue(visibleTo),
    '(created_at, id) < ((SELECT created_at FROM bulk_transfers WHERE id = :cursor), :cursor)': cursor,
  })
  const rows = yield* queryRows(
    `SELECT id, ${bulkColumns} FROM bulk_transfers WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT :limit`,
    { ...values, limit: limit + 1 },
  )
  const { items, nextCursor } = createPage(rows, limit, 'id', parseBulkTransfer)
  const countsById = yield* countCalls(
    items.map(({ id }) => id),
    dialect,
  )
  return { items: items.map((record) => ({ record, counts: countsById.get(record.id) ?? {} })), nextCursor }
}
