/** Lists in pages: conditions that are given, and a cursor that names the last row seen. */
import type { Page } from '../ledger.ts'
import type { Row, Value, Values } from '../steps.ts'

/** SQL for those of the conditions that have a value; each names one parameter. */
export function conditions(given: Record<string, Value | undefined>): { where: string; values: Values } {
  const present = Object.entries(given).filter((entry): entry is [string, Value] => entry[1] !== undefined)
  const named = present.map(([condition, value]) => [String(/:(\w+)/.exec(condition)?.[1]), value])
  return { where: present.map(([condition]) => condition).join(' AND ') || '1 = 1', values: Object.fromEntries(named) as Values }
}

/** A page of rows that were asked for with one more than `limit`. */
export function pageOf<T>(rows: Row[], limit: number, cursor: string, itemOf: (row: Row) => T): Page<T> {
  const page = rows.slice(0, limit)
  return { items: page.map(itemOf), nextCursor: rows.length > limit ? String(page.at(-1)?.[cursor]) : null }
}
