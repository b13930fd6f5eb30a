/** How transfers are counted by queue, reason, code or requester. */
import type { Grouping, TransferGroup } from '../contract/transfers.ts'
import type { Dialect } from '../engine/engine.ts'
import { queryRows, type QueryGenerator } from '../engine/query.ts'
import { createSelection, endedStates, type SummarizedPeriod } from './summary.ts'

/** The value of each grouping, as columns; '' stands for none. */
const columns: Readonly<Record<Grouping, string>> = {
  queue: "COALESCE(queue_id, '')",
  reason: "COALESCE(reason, '')",
  code: "COALESCE(code, '')",
  caller: 'requested_by',
}

/** The same for rows of earlier versions, which have these columns in the record only. */
function columnsOfEarlierVersions({ json }: Pick<Dialect, 'json'>): Readonly<Record<Grouping, string>> {
  const record = json('record')
  const chosen = `${record} -> 'resolvedTarget' ->> 'queueId'`
  const asked = `CASE WHEN ${record} -> 'resolvedTarget' ->> 'type' IS NULL THEN ${record} -> 'queueIds' ->> 0 END`
  return { ...columns, queue: `COALESCE(${chosen}, ${asked}, '')`, caller: `${record} ->> 'requestedBy'` }
}

/**
 * Counts the transfers of a period by the value that each group has in common.
 * @param limit how many groups to return at most: the largest ones
 */
export function* summarizeGroups(
  groupBy: Grouping,
  limit: number,
  period: SummarizedPeriod,
  dialect: Dialect,
): QueryGenerator<TransferGroup[]> {
  const { where, values } = createSelection(period, dialect)
  // All columns of the first part are in one index. The rows of the second part are few, and have an index of their own.
  const rows = `(SELECT ${columns[groupBy]} AS value, state, code, moved FROM transfers WHERE ${where} AND requested_by IS NOT NULL
    UNION ALL SELECT ${columnsOfEarlierVersions(dialect)[groupBy]}, state, code, moved FROM transfers WHERE ${where} AND requested_by IS NULL) AS grouped`
  const largest = yield* queryRows(`SELECT value, count(*) AS total FROM ${rows} GROUP BY value ORDER BY 2 DESC, 1 LIMIT :limit`, {
    ...values,
    limit,
  })
  const counts = yield* queryRows(
    `SELECT value, state, code, moved, count(*) AS total FROM ${rows} WHERE value IN (${dialect.jsonElements('groups')}) GROUP BY value, state, code, moved`,
    { ...values, groups: JSON.stringify(largest.map(({ value }) => value)) },
  )
  const byValue = Map.groupBy(counts, ({ value }) => String(value))
  return largest.map(({ value, total }) => {
    const group: TransferGroup = { value: String(value) || null, total: Number(total), byState: {}, byCode: {}, pickupRate: null }
    const ended = { total: 0, pickedUp: 0 }
    for (const { state, code, moved, total: count } of byValue.get(String(value)) ?? []) {
      group.byState[String(state)] = (group.byState[String(state)] ?? 0) + Number(count)
      if (code !== null) group.byCode[String(code)] = (group.byCode[String(code)] ?? 0) + Number(count)
      if (moved !== 1 || !endedStates.includes(String(state))) continue
      ended.total += Number(count)
      if (state === 'picked_up') ended.pickedUp += Number(count)
    }
    return { ...group, pickupRate: ended.total === 0 ? null : ended.pickedUp / ended.total }
  })
}
