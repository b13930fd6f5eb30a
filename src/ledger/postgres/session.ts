/**
 * Runs query generators on a PostgreSQL connection. Statements are collected until the result of one is needed, and then sent together.
 * Without a pooler, they are prepared by name and kept.
 */
import type { PoolClient } from 'pg'
import { numberParameters } from '../engine/parameters.ts'
import { emptyResult, type Query, type QueryGenerator, type QueryResult } from '../engine/query.ts'
import { limitTransaction, toStoreUnavailable } from './connections.ts'
import { failUnlessChanged, isWrongExpectation, WrongExpectation } from './expectation.ts'
import { createStatementBatch, type Statement, type StatementResult } from './statement-batch.ts'

interface NamedStatement {
  name: string
  text: string
  parameters: string[]
}
/** All connections prepare a statement under the same name. */
const named = new Map<string, NamedStatement>()

function nameStatement(sql: string): NamedStatement {
  const known = named.get(sql)
  if (known) return known
  const { sql: text, parameters } = numberParameters(sql, '$')
  const statement = { name: `handoff_${named.size}`, text, parameters }
  named.set(sql, statement)
  return statement
}

export interface PostgresSession {
  /** Begins a transaction, together with its first statement. */
  begin(): void
  /** @throws StoreUnavailable, WrongExpectation, and what the generator throws */
  run<T>(queries: QueryGenerator<T>): Promise<T>
  /** Ends the transaction, together with its last statements. @throws StoreUnavailable, WrongExpectation */
  commit(): Promise<void>
  /** Undoes the transaction. @throws StoreUnavailable */
  rollback(): Promise<void>
}

export interface SessionOptions {
  /** Whether a pooler may give each transaction another session, which knows none of the names. */
  isPooled: boolean
  /** Whether a statement that is expected to change a row is not waited for. */
  trustsExpectations: boolean
}

type Ending = 'COMMIT' | 'ROLLBACK'
const oneChangedRow: QueryResult = { rows: [], changedRows: 1 }

/** A failed transaction answers COMMIT with ROLLBACK, and without an error. */
function checkEnd(ending: Ending, result: StatementResult | undefined): void {
  if (result?.command !== ending) throw toStoreUnavailable(new Error(`${ending} was answered with ${result?.command}`))
}

export function createSession(client: PoolClient, { isPooled, trustsExpectations }: SessionOptions): PostgresSession {
  let unsent: Statement[] = []
  let hasSent = false
  let isInTransaction = false

  const collect = (name: string, text: string, values: Statement['values'] = []): void =>
    void unsent.push({ name: isPooled ? undefined : name, text, values })

  function collectQuery({ sql, values, isExpectedToChange }: Query): void {
    const { name, text, parameters } = nameStatement(isExpectedToChange && trustsExpectations ? failUnlessChanged(sql) : sql)
    const inOrder = parameters.map((parameter) => values[parameter] ?? null)
    collect(
      name,
      text,
      inOrder.map((value) => (typeof value === 'number' ? String(value) : value)),
    )
  }

  /** The result of a query that is not waited for. */
  function assumeResult({ isDeferred, isExpectedToChange }: Query): QueryResult | undefined {
    if (isDeferred) return emptyResult
    return isExpectedToChange && trustsExpectations ? oneChangedRow : undefined
  }

  async function send(): Promise<StatementResult[]> {
    const batch = createStatementBatch(unsent)
    unsent = []
    hasSent = true
    client.query(batch)
    return batch.results.catch((error: unknown) => {
      throw isWrongExpectation(error) ? new WrongExpectation() : toStoreUnavailable(error)
    })
  }

  async function sendAndEnd(ending: Ending): Promise<StatementResult[]> {
    collect(ending, ending)
    isInTransaction = false
    const results = await send()
    checkEnd(ending, results.pop())
    return results
  }

  async function execute(queries: readonly Query[]): Promise<readonly QueryResult[]> {
    for (const query of queries) collectQuery(query)
    const assumed = queries.map(assumeResult)
    if (!assumed.includes(undefined)) return assumed as QueryResult[]
    const results = await (isInTransaction && queries.at(-1)?.isLast ? sendAndEnd('COMMIT') : send())
    const own = results.slice(results.length - queries.length)
    return own.map((result, index) => assumed[index] ?? result)
  }

  return {
    begin() {
      isInTransaction = true
      collect('BEGIN', 'BEGIN')
      if (isPooled) collect('', limitTransaction)
    },
    async run(queries) {
      let next = queries.next()
      while (!next.done) next = queries.next(await execute(next.value))
      return next.value
    },
    async commit() {
      if (isInTransaction) await sendAndEnd('COMMIT')
    },
    async rollback() {
      unsent = []
      if (hasSent && isInTransaction) await sendAndEnd('ROLLBACK')
    },
  }
}
