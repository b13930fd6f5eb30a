/** How lists are read page by page: SQL for the filters that are set, and a cursor that names the last row of a page. */
import type { Page } from '../contract/page.ts'
import type { Row, Value, Values } from '../engine/query.ts'

/**
 * @param filters values by SQL condition; each condition names one parameter
 * @returns SQL with the conditions whose value is not undefined, and their values by parameter name
 */
export function createWhereClause(filters: Record<string, Value | undefined>): { where: string; values: Values } {
  const present = Object.entries(filters).filter((entry): entry is [string, Value] => entry[1] !== undefined)
  const values = present.map(([condition, value]) => [String(/(?<!:):(\w+)/.exec(condition)?.[1]), value])
  return { where: present.map(([condition]) => condition).join(' AND ') || '1 = 1', values: Object.fromEntries(values) as Values }
}

/**
 * @param rows the rows of a query whose LIMIT was one more than `limit`
 * @param cursorColumn the column whose value is the cursor
 * @returns the first `limit` rows; a row after them only shows that there is a next page
 */
export function createPage<T>(rows: Row[], limit: number, cursorColumn: string, parseRow: (row: Row) => T): Page<T> {
  const page = rows.slice(0, limit)
  return { items: page.map(parseRow), nextCursor: rows.length > limit ? String(page.at(-1)?.[cursorColumn]) : null }
}
