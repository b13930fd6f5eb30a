/** Connections to PostgreSQL: how long each thing may take, so that nothing hangs when the database does. */
import pg from 'pg'
import { StoreUnavailable } from '../ledger.ts'

/** Making a connection, or waiting for a free one, ms. */
const connectMs = 2_000
/** A statement by the server's clock, and its answer by ours, ms: the answer is given up on after the server has given up. */
const statementMs = 2_500
const answerMs = 3_000
/** A transaction that a stopped process has left open lets go of its locks after this, ms. */
const idleMs = 10_000
const mostConnections = 10
const unusedMs = 60_000
/** The whole of a migration, and of waiting for another node's, ms. */
const migrationMs = 60_000
/** bigint: all of ours are counts and epoch milliseconds, far below 2^53. */
const int8 = 20

/** @throws Error naming DATABASE_URL when it cannot be read; never repeats it */
export function clientConfig(url: string): pg.ClientConfig {
  if (!URL.canParse(url))
    throw new Error('DATABASE_URL is no address of a PostgreSQL database (special characters of a password are written as %xx)')
  return {
    connectionString: url,
    application_name: 'handoff',
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        (oid === int8 ? Number : (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format)) as never,
    },
  }
}

export function openPool(config: pg.ClientConfig): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    pipeline: true,
    max: mostConnections,
    idleTimeoutMillis: unusedMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: idleMs,
  })
  // What breaks a connection shows in the query that runs on it; on an idle one it means nothing, the pool forgets it.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** A connection of its own for a migration. */
export const patientClient = (config: pg.ClientConfig): pg.Client => {
  const client = new pg.Client({ ...config, query_timeout: migrationMs, statement_timeout: migrationMs })
  client.on('error', () => {})
  return client
}

/** What the driver threw, as the ledger's own error. */
export function unavailable(error: unknown): StoreUnavailable {
  const { errors: [first] = [], message, code } = error as { errors?: Error[]; message?: string; code?: string }
  return new StoreUnavailable(message || first?.message || code || 'the database does not answer')
}
