/** Runs steps through on a SQLite connection, at once: statements prepared and kept. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Answered, Query, Row, Steps } from '../steps.ts'

interface Prepared {
  statement: StatementSync
  givesRows: boolean
}

/** `clock` in epoch ms: every statement may use it as `:now`. */
export function session(database: DatabaseSync, clock: () => number) {
  const kept = new Map<string, Prepared>()

  function prepared(sql: string): Prepared {
    const known = kept.get(sql)
    if (known) return known
    const statement = database.prepare(sql)
    statement.setAllowUnknownNamedParameters(true)
    const fresh = { statement, givesRows: statement.columns().length > 0 }
    kept.set(sql, fresh)
    return fresh
  }

  function ask({ sql, values }: Query): Answered {
    const { statement, givesRows } = prepared(sql)
    const named = { ...values, now: clock() }
    if (!givesRows) return { rows: [], changed: Number(statement.run(named).changes) }
    const rows = statement.all(named) as Row[]
    return { rows, changed: rows.length }
  }

  return {
    run<T>(steps: Steps<T>): T {
      let next = steps.next()
      while (!next.done) next = steps.next(ask(next.value))
      return next.value
    },
  }
}
