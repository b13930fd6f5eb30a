/** Runs steps through on a SQLite connection, at once: statements prepared and kept. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { numbered } from '../parameters.ts'
import type { Answered, Query, Row, QueryGenerator } from '../steps.ts'

interface Prepared {
  statement: StatementSync
  parameters: string[]
  givesRows: boolean
}

/** `clock` in epoch ms: every statement may use it as `:now`. */
export function session(database: DatabaseSync, clock: () => number) {
  const kept = new Map<string, Prepared>()

  function prepared(sql: string): Prepared {
    const known = kept.get(sql)
    if (known) return known
    const { text, parameters } = numbered(sql, '?')
    const statement = database.prepare(text)
    const fresh = { statement, parameters, givesRows: statement.columns().length > 0 }
    kept.set(sql, fresh)
    return fresh
  }

  function ask({ sql, values }: Query): Answered {
    const { statement, parameters, givesRows } = prepared(sql)
    const bound = parameters.map((name) => (name === 'now' ? clock() : (values[name] ?? null)))
    if (!givesRows) {
      const { changes, lastInsertRowid } = statement.run(...bound)
      return { rows: [], changed: Number(changes), rowNumber: Number(lastInsertRowid) }
    }
    const rows = statement.all(...bound) as Row[]
    return { rows, changed: rows.length }
  }

  return {
    ask,
    run<T>(steps: QueryGenerator<T>): T {
      let next = steps.next()
      while (!next.done) next = steps.next(ask(next.value))
      return next.value
    },
  }
}
