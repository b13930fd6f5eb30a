/** How transfers are counted: by state and by code, the share that was picked up, and percentiles of their times. */
import type { State } from '../../model/states.ts'
import type { LimitedKey } from '../contract/api-keys.ts'
import type { Percentiles, TransferSummary } from '../contract/transfers.ts'
import type { Dialect } from '../engine/engine.ts'
import { queryRow, queryRows, type QueryGenerator, type Values } from '../engine/query.ts'
import { createWhereClause } from './paging.ts'
import { visibleCondition, viewerValue } from './visible-transfers.ts'

/** Which transfers are counted. */
interface Selection {
  where: string
  values: Values
}

/** The states of which the pickup rate is a share, for transfers that the platform accepted. */
export const endedStates: readonly string[] = ['picked_up', 'timeout', 'abandoned', 'failed'] satisfies State[]

/** Number of transfers for each value of a column. */
function* countBy(column: 'state' | 'code', { where, values }: Selection): QueryGenerator<Record<string, number>> {
  const rows = yield* queryRows(
    `SELECT ${column} AS value, count(*) AS total FROM transfers WHERE ${where} AND ${column} IS NOT NULL GROUP BY ${column}`,
    values,
  )
  return Object.fromEntries(rows.map((row) => [String(row['value']), Number(row['total'])]))
}

/**
 * Percentiles by nearest rank: the smallest value for which at least this share of all values is not greater. Equal values are counted together,
 * because that takes a third of the time of ranking every row.
 */
function* computePercentiles(column: 'latency_ms' | 'pickup_ms', { where, values }: Selection): QueryGenerator<Percentiles> {
  const rows = yield* queryRows(
    `SELECT ${column} AS ms, count(*) AS total FROM transfers WHERE ${where} AND ${column} IS NOT NULL GROUP BY ${column} ORDER BY ${column}`,
    values,
  )
  const count = rows.reduce((sum, row) => sum + Number(row['total']), 0)
  const percentile = (percent: number): number | null => {
    let rank = 0
    for (const { ms, total } of rows) {
      rank += Number(total)
      if (rank * 100 >= percent * count) return Number(ms)
    }
    return null
  }
  return { count, p50: percentile(50), p95: percentile(95), p99: percentile(99) }
}

/** The transfers that were created from `since` to before `until` (epoch ms), and that `visibleTo`, if it is given, may see. */
export interface SummarizedPeriod {
  since: number
  until: number
  visibleTo: LimitedKey | undefined
}

export const createSelection = ({ since, until, visibleTo }: SummarizedPeriod, dialect: Dialect): Selection =>
  createWhereClause({
    'created_at >= :since': since,
    'created_at < :until': until,
    [visibleCondition(dialect)]: viewerValue(visibleTo),
  })

/** Summarizes the transfers of a period. */
export function* summarizeTransfers(period: SummarizedPeriod, dialect: Dialect): QueryGenerator<TransferSummary> {
  const selection = createSelection(period, dialect)
  const byState = yield* countBy('state', selection)
  const ended = yield* queryRow(
    `SELECT count(*) AS total, count(CASE WHEN state = 'picked_up' THEN 1 END) AS picked FROM transfers WHERE ${selection.where} AND moved = 1 AND state IN (${endedStates.map((state) => `'${state}'`).join(', ')})`,
    selection.values,
  )
  const endedCount = Number(ended?.['total'])
  return {
    total: Object.values(byState).reduce((sum, count) => sum + count, 0),
    byState,
    byCode: yield* countBy('code', selection),
    pickupRate: endedCount === 0 ? null : Number(ended?.['picked']) / endedCount,
    latencyMs: yield* computePercentiles('latency_ms', selection),
    pickupMs: yield* computePercentiles('pickup_ms', selection),
  }
}
