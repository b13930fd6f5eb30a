/** Runs query generators on a PostgreSQL connection and waits for each result. Statements are prepared by name and kept. */
import type { PoolClient } from 'pg'
import { numberParameters } from '../engine/parameters.ts'
import type { Query, QueryGenerator, QueryResult, Row, Value } from '../engine/query.ts'
import { toStoreUnavailable } from './connections.ts'

interface NamedStatement {
  name: string
  sql: string
  parameters: string[]
}
/** All connections prepare a statement under the same name. */
const statements = new Map<string, NamedStatement>()

function nameStatement(sql: string): NamedStatement {
  const known = statements.get(sql)
  if (known) return known
  const named = { name: `handoff_${statements.size}`, ...numberParameters(sql, '$') }
  statements.set(sql, named)
  return named
}

export interface PostgresSession {
  /** @throws StoreUnavailable */
  query(query: Query): Promise<QueryResult>
  /** Controls the transaction. @throws StoreUnavailable */
  control(command: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): Promise<void>
  /** @throws StoreUnavailable, and what the generator throws */
  run<T>(queries: QueryGenerator<T>): Promise<T>
}

export function createSession(client: PoolClient): PostgresSession {
  const session: PostgresSession = {
    async query({ sql, values }) {
      const { name, sql: text, parameters } = nameStatement(sql)
      try {
        const { rows, rowCount } = await client.query<Row>({
          name,
          text,
          values: parameters.map((parameter): Value => values[parameter] ?? null),
        })
        return { rows, changedRows: rowCount ?? 0 }
      } catch (error) {
        throw toStoreUnavailable(error)
      }
    },
    async control(command) {
      const { command: completed } = await client.query(command).catch((error: unknown) => {
        throw toStoreUnavailable(error)
      })
      // A failed transaction answers COMMIT with ROLLBACK, and without an error.
      if (completed !== command) throw toStoreUnavailable(new Error(`${command} was answered with ${completed}`))
    },
    async run(queries) {
      let next = queries.next()
      while (!next.done) next = queries.next(await session.query(next.value))
      return next.value
    },
  }
  return session
}
