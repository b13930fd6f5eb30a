/**
 * Statements that are sent to PostgreSQL together and answered together. The driver would have each of them answered on its own, and the
 * system calls for that, here and in the server, cost more than most statements.
 */
import pg from 'pg'
import type { QueryResult, Row, Value } from '../engine/query.ts'

export interface Statement {
  /** The name under which a connection prepares and keeps the statement; undefined: it is prepared anew each time. */
  name: string | undefined
  text: string
  values: ReadonlyArray<string | null>
}

/** The result of a statement, with the command that the server has executed. */
export interface StatementResult extends QueryResult {
  command: string
}

/** The part of the driver's connection that writes messages of PostgreSQL's protocol. */
interface MessageWriter {
  stream: { cork(): void; uncork(): void }
  parse(message: { name: string; text: string }): void
  describe(message: { type: 'S'; name: string }): void
  bind(message: { statement: string; values: ReadonlyArray<string | null> }): void
  execute(): void
  sync(): void
}

interface Column {
  name: string
  parse: (text: string) => Value
}

/** What a connection has prepared: the columns of each statement, by its name. */
const preparedOn = new WeakMap<object, Map<string, Column[]>>()

/** The type id of bigint. All bigint columns hold counts and epoch ms, far below 2^53. */
const bigintType = 20
const findParser = (type: number): Column['parse'] => (type === bigintType ? Number : (pg.types.getTypeParser(type) as Column['parse']))

/**
 * Creates an object to pass to the driver's `query`, which then calls its methods, as it does with `pg-cursor`. If a statement has failed,
 * those before it and itself are taken as prepared. So after a failure that did not come from executing a statement, the connection must be
 * closed.
 */
export function createStatementBatch(statements: readonly Statement[]) {
  const { promise, resolve, reject } = Promise.withResolvers<StatementResult[]>()
  const columns: Column[][] = []
  const results: StatementResult[] = []
  let rows: Row[] = []
  /** Forgets what the server did not prepare: it skips the statements after the one that failed. */
  let forgetSkipped = (): void => {}

  const batch = {
    statements,
    /** Settles when all statements are answered, or when one has failed. */
    results: promise,
    /** The driver replaces this by a function that ends the query's time limit. */
    callback: (_error?: Error | null): void => {},

    submit(connection: pg.Connection): void {
      const prepared = preparedOn.get(connection) ?? new Map<string, Column[]>()
      preparedOn.set(connection, prepared)
      const messages = connection as unknown as MessageWriter
      const firstUse = new Map<string, number>()
      forgetSkipped = () => {
        for (const [name, index] of firstUse) if (index > results.length) prepared.delete(name)
      }
      messages.stream.cork()
      for (const [index, { name, text, values }] of statements.entries()) {
        const known = name === undefined ? undefined : prepared.get(name)
        const described = known ?? []
        columns.push(described)
        if (!known) {
          messages.parse({ name: name ?? '', text })
          messages.describe({ type: 'S', name: name ?? '' })
          if (name !== undefined) {
            prepared.set(name, described)
            firstUse.set(name, index)
          }
        }
        messages.bind({ statement: name ?? '', values })
        messages.execute()
      }
      messages.sync()
      messages.stream.uncork()
    },
    handleRowDescription({ fields }: { fields: ReadonlyArray<{ name: string; dataTypeID: number }> }): void {
      columns[results.length]?.push(...fields.map(({ name, dataTypeID }) => ({ name, parse: findParser(dataTypeID) })))
    },
    handleDataRow({ fields }: { fields: ReadonlyArray<string | null> }): void {
      const row: Row = {}
      for (const [index, { name, parse }] of (columns[results.length] ?? []).entries()) {
        const text = fields[index] ?? null
        row[name] = text === null ? null : parse(text)
      }
      rows.push(row)
    },
    /** @param message its text begins with the command, and ends with the number of rows if there is one */
    handleCommandComplete({ text }: { text: string }): void {
      results.push({ rows, changedRows: Number(/\d+$/.exec(text)?.[0] ?? 0), command: text.split(' ', 1)[0] ?? '' })
      rows = []
    },
    handleReadyForQuery(): void {
      batch.callback()
      resolve(results)
    },
    handleError(error: Error): void {
      forgetSkipped()
      batch.callback(error)
      reject(error)
    },
  }
  return batch
}
