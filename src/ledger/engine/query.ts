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
  /** Nobody needs the result: a database across the network is not waited for until the commit, which fails if this did. */
  isDeferred?: true
}

export interface QueryResult {
  rows: Row[]
  /** Number of rows written. */
  changedRows: number
  /** The number of the last row written, where the database reports it without being asked. */
  lastRowNumber?: number
}

/** Yields queries that are sent together, receives their results, and returns a value. */
export type QueryGenerator<T> = Generator<readonly Query[], T, readonly QueryResult[]>

/** The result of a query that was deferred, or that returned nothing. */
export const emptyResult: QueryResult = { rows: [], changedRows: 0 }

/** Runs queries one after the other, without waiting for one before the next is sent. @returns their results */
export function* queryTogether(queries: readonly Query[]): QueryGenerator<readonly QueryResult[]> {
  return yield queries
}

/** @returns all rows of the result */
export function* queryRows(sql: string, values: Values = {}): QueryGenerator<Row[]> {
  return ((yield [{ sql, values }])[0] ?? emptyResult).rows
}

/** @returns the first row of the result */
export function* queryRow(sql: string, values: Values = {}): QueryGenerator<Row | undefined> {
  return (yield* queryRows(sql, values))[0]
}

/** @returns the number of rows written */
export function* execute(sql: string, values: Values = {}): QueryGenerator<number> {
  return ((yield [{ sql, values }])[0] ?? emptyResult).changedRows
}

/** Executes a statement whose result nobody needs. It fails the commit if it fails. */
export function* executeLater(sql: string, values: Values = {}): QueryGenerator<void> {
  yield [{ sql, values, isDeferred: true }]
}
