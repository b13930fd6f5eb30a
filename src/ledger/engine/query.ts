/**
 * How the tables use a database without knowing which one it is: their functions are generators that yield queries and receive the results.
 * On SQLite a generator runs synchronously, inside a group commit; on PostgreSQL it waits for each result. So every statement is written once.
 */

export type Value = string | number | null
/** By the names of the parameters, except those that the dialect uses for its clocks: a session sets them, whatever the statement gives. */
export type Values = Record<string, Value> & { now?: never; uptime?: never }
export type Row = Record<string, Value>

/** The query writes exactly one row, or it finds no rows. */
export type Expectation = 'changes one row' | 'finds nothing'

export interface Query {
  /** SQL with named parameters (`:name`). */
  sql: string
  values: Values
  /** The result is not needed: over a network, the transaction continues without it. If the query fails, the commit fails. */
  isDeferred?: true
  /** What almost always happens: over a network, the transaction may continue before the result is known (postgres/expectation.ts). */
  expectation?: Expectation
  /** The query is the last one of its transaction, so the commit may be sent together with it. */
  isLast?: true
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

/** The result of a deferred query, or of a query without a result. */
export const emptyResult: QueryResult = { rows: [], changedRows: 0 }

/** Sends queries without waiting for a result in between. They run in this order. @returns their results */
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

/** Like `execute`, for a statement that is expected to change one row. @returns the number of rows written */
export function* executeExpected(sql: string, values: Values = {}): QueryGenerator<number> {
  return ((yield [{ sql, values, expectation: 'changes one row' }])[0] ?? emptyResult).changedRows
}

/** Executes a statement whose result is not needed. If it fails, the commit fails. */
export function* executeDeferred(sql: string, values: Values = {}): QueryGenerator<void> {
  yield [{ sql, values, isDeferred: true }]
}
