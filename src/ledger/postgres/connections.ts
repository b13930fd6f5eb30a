/** Connections to PostgreSQL: time limits for everything, so that the service does not hang when the database does. */
import pg from 'pg'
import { StoreUnavailable } from '../contract/errors.ts'

/** Time limit for opening a connection, or for waiting for a free one, ms. */
const connectTimeoutMs = 2_000
/** Time limits for a statement, in the server and here, ms. The server gives up first. */
const serverTimeoutMs = 2_500
const responseTimeoutMs = 3_000
/** How long a suspended process can hold locks in an open transaction, ms. */
const idleInTransactionMs = 10_000
const maxConnections = 10
const idleConnectionMs = 60_000
/** Time limit for a migration, including the wait for another node's migration, ms. */
const migrationTimeoutMs = 60_000
/** The type id of bigint. All bigint columns hold counts and epoch ms, far below 2^53. */
const bigintType = 20

/** @throws Error that names DATABASE_URL, and never repeats it, when `url` cannot be parsed */
export function createClientConfig(url: string): pg.ClientConfig {
  if (!URL.canParse(url))
    throw new Error('DATABASE_URL is not the address of a PostgreSQL database (special characters of a password are written as %xx)')
  return {
    connectionString: url,
    application_name: 'handoff',
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: responseTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        (oid === bigintType ? Number : (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format)) as never,
    },
  }
}

export function createPool(config: pg.ClientConfig): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    pipeline: true,
    max: maxConnections,
    idleTimeoutMillis: idleConnectionMs,
    statement_timeout: serverTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  })
  // An error of a connection shows in the query that runs on it. The pool removes an idle connection that fails by itself.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** A connection with long time limits, for migrations and VACUUM. */
export function createMaintenanceClient(config: pg.ClientConfig): pg.Client {
  const client = new pg.Client({ ...config, query_timeout: migrationTimeoutMs, statement_timeout: migrationTimeoutMs })
  client.on('error', () => {})
  return client
}

/** Converts an error of the driver. */
export function toStoreUnavailable(error: unknown): StoreUnavailable {
  const { errors: [first] = [], message, code } = error as { errors?: Error[]; message?: string; code?: string }
  return new StoreUnavailable(message || first?.message || code || 'the database does not answer')
}
