/**
 * Runs query generators on a PostgreSQL connection. Statements are sent as soon as they are known, and waited for only where their results are
 * needed. Without a pooler, they are prepared by name and kept.
 */
import type { PoolClient } from 'pg'
import { numberParameters } from '../engine/parameters.ts'
import { emptyResult, type Query, type QueryGenerator, type QueryResult, type Row, type Value } from '../engine/query.ts'
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

const noResult = Promise.resolve(emptyResult)

export interface PostgresSession {
  /** Begins a transaction. A failure shows in the next query that is waited for, or in the commit. */
  begin(): void
  /** @throws StoreUnavailable, and what the generator throws */
  run<T>(queries: QueryGenerator<T>): Promise<T>
  /** Ends the transaction, after everything that was sent. @throws StoreUnavailable */
  commit(): Promise<void>
  /** @throws StoreUnavailable */
  rollback(): Promise<void>
}

/** @param isPooled whether a pooler may give each transaction another session, which knows none of the names */
export function createSession(client: PoolClient, isPooled: boolean): PostgresSession {
  /** What was sent and not waited for. */
  let deferred: Array<Promise<unknown>> = []

  async function command(sql: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const { command: completed } = await client.query(sql)
    // A failed transaction answers COMMIT with ROLLBACK, and without an error.
    if (completed !== sql) throw new Error(`${sql} was answered with ${completed}`)
  }

  function defer(sent: Promise<unknown>): void {
    sent.catch(() => {})
    deferred.push(sent)
  }

  /** Waits for something that was sent last. What was deferred before it is the cause if it fails too. */
  async function waitFor<T>(sent: Promise<T>): Promise<T> {
    try {
      return await sent
    } catch (error) {
      const cause = (await Promise.allSettled(deferred)).find((result) => result.status === 'rejected')
      throw toStoreUnavailable(cause ? cause.reason : error)
    }
  }

  async function send({ sql, values }: Query): Promise<QueryResult> {
    const { name, sql: text, parameters } = nameStatement(sql)
    const { rows, rowCount } = await client.query<Row>({
      ...(!isPooled && { name }),
      text,
      values: parameters.map((parameter): Value => values[parameter] ?? null),
    })
    return { rows, changedRows: rowCount ?? 0 }
  }

  async function sendAll(queries: readonly Query[]): Promise<QueryResult[]> {
    const sent = queries.map((query): Promise<QueryResult> => {
      const result = send(query)
      if (!query.isDeferred) return result
      defer(result)
      return noResult
    })
    return waitFor(Promise.all(sent))
  }

  return {
    begin() {
      defer(command('BEGIN'))
      if (isPooled) defer(client.query(limitTransaction))
    },
    async run(queries) {
      let next = queries.next()
      while (!next.done) next = queries.next(await sendAll(next.value))
      return next.value
    },
    async commit() {
      await waitFor(command('COMMIT'))
      deferred = []
    },
    rollback: () => waitFor(command('ROLLBACK')),
  }
}
