/** Runs query generators on a PostgreSQL connection and waits for each result. Without a pooler, statements are prepared by name and kept. */
import type { PoolClient } from 'pg'
import { numberParameters } from '../engine/parameters.ts'
import type { Query, QueryGenerator, QueryResult, Row, Value } from '../engine/query.ts'
import { limitTransaction, toStoreUnavailable } from './connections.ts'

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
  /** Begins a transaction. @throws StoreUnavailable */
  begin(): Promise<void>
  /** Ends the transaction. @throws StoreUnavailable */
  control(command: 'COMMIT' | 'ROLLBACK'): Promise<void>
  /** @throws StoreUnavailable, and what the generator throws */
  run<T>(queries: QueryGenerator<T>): Promise<T>
}

/** @param isPooled whether a pooler may give each transaction another session, which knows none of the names */
export function createSession(client: PoolClient, isPooled: boolean): PostgresSession {
  async function control(command: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const { command: completed } = await client.query(command).catch((error: unknown) => {
      throw toStoreUnavailable(error)
    })
    // A failed transaction answers COMMIT with ROLLBACK, and without an error.
    if (completed !== command) throw toStoreUnavailable(new Error(`${command} was answered with ${completed}`))
  }
  const session: PostgresSession = {
    async query({ sql, values }) {
      const { name, sql: text, parameters } = nameStatement(sql)
      try {
        const { rows, rowCount } = await client.query<Row>({
          ...(!isPooled && { name }),
          text,
          values: parameters.map((parameter): Value => values[parameter] ?? null),
        })
        return { rows, changedRows: rowCount ?? 0 }
      } catch (error) {
        throw toStoreUnavailable(error)
      }
    },
    control,
    async begin() {
      const begun = control('BEGIN')
      if (!isPooled) return begun
      const limited = client.query(limitTransaction).catch((error: unknown) => {
        throw toStoreUnavailable(error)
      })
      await Promise.all([begun, limited])
    },
    async run(queries) {
      let next = queries.next()
      while (!next.done) next = queries.next(await session.query(next.value))
      return next.value
    },
  }
  return session
}
