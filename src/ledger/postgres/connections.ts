/** Connections to PostgreSQL: time limits for everything, so that the service does not hang when the database does. */
import pg from 'pg'
import { describeCertificateError } from '../../outbound/certificate-errors.ts'
import { StoreUnavailable } from '../contract/errors.ts'
import { watchReplication } from './replication.ts'

/** Time limit for opening a connection, ms. How long to wait for a free one is decided in connection-queue.ts. */
const connectTimeoutMs = 2_000
/** Time limits for a statement, in the server and in this process, ms. The server gives up first. */
const serverTimeoutMs = 2_500
const responseTimeoutMs = 3_000
/** How long a process that was suspended in a transaction can hold its locks, ms. */
const idleInTransactionMs = 10_000
const maxConnections = 10
/** A connection that was not used for this time is closed, ms. */
const idleConnectionMs = 60_000
/** Time limit for a migration, including the wait for another node's migration, ms. */
export const migrationTimeoutMs = 60_000

/**
 * Sets the time limits of the current transaction in the server. Behind a pooler they can be set only there: a pooler hands out a session for
 * one transaction at a time, and refuses or ignores parameters that are sent when a connection is opened.
 */
export const limitTransaction = `SELECT set_config('statement_timeout', '${serverTimeoutMs}', true), set_config('idle_in_transaction_session_timeout', '${idleInTransactionMs}', true)`

/** @throws Error that names the setting, and never repeats its value, when `url` cannot be parsed */
export function createClientConfig(url: string, setting: 'DATABASE_URL' | 'DATABASE_DIRECT_URL' = 'DATABASE_URL'): pg.ClientConfig {
  if (!URL.canParse(url))
    throw new Error(`${setting} is not the address of a PostgreSQL database (special characters of a password are written as %xx)`)
  return {
    connectionString: url,
    application_name: 'handoff',
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: responseTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  }
}

/** @param isPooled whether a pooler stands before the database, see `connectForMaintenance` */
export function createPool(config: pg.ClientConfig, isPooled: boolean): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    max: maxConnections,
    idleTimeoutMillis: idleConnectionMs,
    ...(!isPooled && { statement_timeout: serverTimeoutMs, idle_in_transaction_session_timeout: idleInTransactionMs }),
  })
  // These errors need no handling: the query that runs on the connection fails, too, and the pool itself removes an idle connection that fails.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    watchReplication(client)
  })
  return pool
}

/**
 * Opens a connection with long time limits, for migrations and VACUUM.
 * @returns `isPooled`: whether a pooler stands before the database, so that nothing of a session lasts longer than a transaction. It is
 * recognized by the time limit that is requested here: PgBouncer refuses a connection with such a parameter, or ignores the parameter if its
 * setting `ignore_startup_parameters` says so
 * @throws an error of the driver
 */
export async function connectForMaintenance(config: pg.ClientConfig): Promise<{ client: pg.Client; isPooled: boolean }> {
  const patientConfig = { ...config, query_timeout: migrationTimeoutMs }
  try {
    const client = await connect({ ...patientConfig, statement_timeout: migrationTimeoutMs })
    const { rows } = await client
      .query("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")
      .catch(async (error: unknown) => {
        await client.end().catch(() => {})
        throw error
      })
    return { client, isPooled: (rows[0] as { setting?: string } | undefined)?.setting !== String(migrationTimeoutMs) }
  } catch (error) {
    if (!/unsupported startup parameter/i.test((error as Error).message)) throw error
    return { client: await connect(patientConfig), isPooled: true }
  }
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  watchReplication(client)
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** Converts an error of the driver into the error that the ledger throws. */
export function toStoreUnavailable(error: unknown): StoreUnavailable {
  const { errors: [first] = [], message, code } = error as { errors?: Error[]; message?: string; code?: string }
  const certificateProblem = describeCertificateError(code, 'the database')
  if (certificateProblem) return new StoreUnavailable(`${certificateProblem} (${code})`, code)
  return new StoreUnavailable(message || first?.message || code || 'the database does not answer')
}
