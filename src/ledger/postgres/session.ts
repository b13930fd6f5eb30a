/**
 * Runs query generators on a PostgreSQL connection. Statements are collected until the result of one is needed, and then sent together.
 * Without a pooler, they are prepared by name and kept.
 */
import type { PoolClient } from 'pg'
import { numberParameters } from '../engine/parameters.ts'
import { emptyResult, type Query, type QueryGenerator, type QueryResult } from '../engine/query.ts'
import { limitTransaction, toStoreUnavailable } from './connections.ts'
import { expectedResult, failUnlessMet, isWrongExpectation, WrongExpectation } from './expectation.ts'
import { checkReplicated, lockToReplicate } from './replication.ts'
import { createStatementBatch, type Statement, type StatementResult } from './statement-batch.ts'

interface NamedStatement {
  name: string
  text: string
  parameters: string[]
}
/** By SQL: all connections prepare a statement under the same name. */
const namedStatements = new Map<string, NamedStatement>()

function nameStatement(sql: string): NamedStatement {
  const known = namedStatements.get(sql)
  if (known) return known
  const { sql: text, parameters } = numberParameters(sql, '$')
  const statement = { name: `handoff_${namedStatements.size}`, text, parameters }
  namedStatements.set(sql, statement)
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
  /** Whether a pooler may give each transaction another session, in which the statements are not prepared. */
  isPooled: boolean
  /** Whether to continue before the result of a statement with an expectation is known (expectation.ts). */
  trustsExpectations: boolean
  /** Whether the transaction must wait for the standby even if it changes nothing (replication.ts). */
  shouldReplicate: boolean
}

type Ending = 'COMMIT' | 'ROLLBACK'

/** PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and without an error. @throws StoreUnavailable */
function checkEnding(ending: Ending, result: StatementResult | undefined): void {
  if (result?.command !== ending) throw toStoreUnavailable(new Error(`${ending} was answered with ${result?.command}`))
}

export function createSession(client: PoolClient, { isPooled, trustsExpectations, shouldReplicate }: SessionOptions): PostgresSession {
  let unsent: Statement[] = []
  let hasSent = false
  let isInTransaction = false

  const collect = (name: string, text: string, values: Statement['values'] = []): void =>
    void unsent.push({ name: isPooled ? undefined : name, text, values })

  function collectQuery({ sql, values, expectation }: Query): void {
    const { name, text, parameters } = nameStatement(expectation && trustsExpectations ? failUnlessMet(expectation, sql) : sql)
    const orderedValues = parameters.map((parameter) => values[parameter] ?? null)
    collect(
      name,
      text,
      orderedValues.map((value) => (typeof value === 'number' ? String(value) : value)),
    )
  }

  /** The result of a query that is not waited for; undefined if it must be waited for. */
  function assumeResult({ isDeferred, expectation }: Query): QueryResult | undefined {
    if (isDeferred) return emptyResult
    return expectation && trustsExpectations ? expectedResult(expectation) : undefined
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
    const results = await send()
    checkEnding(ending, results.pop())
    if (ending === 'COMMIT') checkReplicated(client)
    isInTransaction = false
    return results
  }

  async function execute(queries: readonly Query[]): Promise<readonly QueryResult[]> {
    for (const query of queries) collectQuery(query)
    const assumed = queries.map(assumeResult)
    if (!assumed.includes(undefined)) return assumed as QueryResult[]
    const results = await (isInTransaction && queries.at(-1)?.isLast ? sendAndEnd('COMMIT') : send())
    // The results of statements that were collected before come first.
    const ownResults = results.slice(results.length - queries.length)
    return ownResults.map((result, index) => assumed[index] ?? result)
  }

  return {
    begin() {
      isInTransaction = true
      collect('BEGIN', 'BEGIN')
      if (isPooled) collect('', limitTransaction)
      if (shouldReplicate) collect('', lockToReplicate)
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
