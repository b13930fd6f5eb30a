/** Runs query generators on a SQLite connection, without waiting between queries. Statements are prepared once and kept. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { numberParameters } from '../engine/parameters.ts'
import type { Query, QueryGenerator, QueryResult, Row } from '../engine/query.ts'

interface PreparedStatement {
  statement: StatementSync
  parameters: string[]
  returnsRows: boolean
}

export interface SqliteSession {
  query(query: Query): QueryResult
  run<T>(queries: QueryGenerator<T>): T
}

/** @param clocks by the name of a parameter, which stands for the clock's time in every statement; no statement may give it a value of its own */
export function createSession(database: DatabaseSync, clocks: Readonly<Record<string, () => number>>): SqliteSession {
  const statements = new Map<string, PreparedStatement>()
  const reserved = Object.keys(clocks)

  function prepare(sql: string): PreparedStatement {
    const known = statements.get(sql)
    if (known) return known
    const { sql: numbered, parameters } = numberParameters(sql, '?')
    const statement = database.prepare(numbered)
    const prepared = { statement, parameters, returnsRows: statement.columns().length > 0 }
    statements.set(sql, prepared)
    return prepared
  }

  function query({ sql, values }: Query): QueryResult {
    const taken = reserved.find((name) => name in values)
    if (taken !== undefined) throw new Error(`the parameter :${taken} stands for a clock, and cannot have another value`)
    const { statement, parameters, returnsRows } = prepare(sql)
    const bound = parameters.map((name) => clocks[name]?.() ?? values[name] ?? null)
    if (!returnsRows) {
      const { changes, lastInsertRowid } = statement.run(...bound)
      return { rows: [], changedRows: Number(changes), lastRowNumber: Number(lastInsertRowid) }
    }
    const rows = statement.all(...bound) as Row[]
    return { rows, changedRows: rows.length }
  }

  return {
    query,
    run<T>(queries: QueryGenerator<T>): T {
      let next = queries.next()
      while (!next.done) next = queries.next(next.value.map(query))
      return next.value
    },
  }
}
