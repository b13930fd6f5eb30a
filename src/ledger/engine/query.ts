/**
 * How the tables use a database without knowing which one it is: their functions are generators that yield queries and receive the results.
 * SQLite runs a generator at once, inside a group commit; PostgreSQL waits for each result. So every statement is written only once.
 */

export type Value = string | number | null
export type Values = Record<string, Value>
export type Row = Record<string, Value>

export interface Query {
  /** SQL with named parameters (`:name`). */
  sql: string
  values: Values
}

export interface QueryResult {
  rows: Row[]
  /** Number of rows written. */
  changedRows: number
  /** The number of the last row written, where the database reports it without being asked. */
  lastRowNumber?: number
}

/** Yields queries, receives their results, and returns a value. */
export type QueryGenerator<T> = Generator<Query, T, QueryResult>

/** @returns all rows of the result */
export function* queryRows(sql: string, values: Values = {}): QueryGenerator<Row[]> {
  return (yield { sql, values }).rows
}

/** @returns the first row of the result */
export function* queryRow(sql: string, values: Values = {}): QueryGenerator<Row | undefined> {
  return (yield { sql, values }).rows[0]
}

/** @returns the number of rows written */
export function* execute(sql: string, values: Values = {}): QueryGenerator<number> {
  return (yield { sql, values }).changedRows
}
