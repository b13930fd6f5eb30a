/** Counts and percentiles over the transfers of a span of time (epoch ms). */
import type { Percentiles, Summary } from '../ledger.ts'
import { all, one, type QueryGenerator } from '../steps.ts'

const span = 'created_at >= :since AND created_at < :until'

function* counted(column: 'state' | 'code', since: number, until: number): QueryGenerator<Record<string, number>> {
  const rows = yield* all(
    `SELECT ${column} AS word, count(*) AS many FROM transfers WHERE ${span} AND ${column} IS NOT NULL GROUP BY ${column}`,
    { since, until },
  )
  return Object.fromEntries(rows.map((row) => [String(row['word']), Number(row['many'])]))
}

/** By nearest rank: the smallest value that so many per cent do not exceed. Counted by value, which costs a third of ranking every row. */
function* percentiles(column: 'latency_ms' | 'pickup_ms', since: number, until: number): QueryGenerator<Percentiles> {
  const rows = yield* all(
    `SELECT ${column} AS ms, count(*) AS many FROM transfers WHERE ${span} AND ${column} IS NOT NULL GROUP BY ${column} ORDER BY ${column}`,
    { since, until },
  )
  const count = rows.reduce((sum, row) => sum + Number(row['many']), 0)
  const at = (percent: number): number | null => {
    let below = 0
    for (const { ms, many } of rows) {
      below += Number(many)
      if (below * 100 >= percent * count) return Number(ms)
    }
    return null
  }
  return { count, p50: at(50), p95: at(95), p99: at(99) }
}

export function* summaryOf(since: number, until: number): QueryGenerator<Summary> {
  const byState = yield* counted('state', since, until)
  const ended = yield* one(
    `SELECT count(*) AS many, count(CASE WHEN state = 'picked_up' THEN 1 END) AS picked FROM transfers WHERE ${span} AND moved = 1 AND state IN ('picked_up', 'timeout', 'abandoned', 'failed')`,
    { since, until },
  )
  const many = Number(ended?.['many'])
  return {
    total: Object.values(byState).reduce((sum, count) => sum + count, 0),
    byState,
    byCode: yield* counted('code', since, until),
    pickupRate: many === 0 ? null : Number(ended?.['picked']) / many,
    latencyMs: yield* percentiles('latency_ms', since, until),
    pickupMs: yield* percentiles('pickup_ms', since, until),
  }
}
