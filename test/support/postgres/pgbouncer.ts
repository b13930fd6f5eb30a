/** A real PgBouncer in transaction mode in front of a PostgreSQL server of the tests. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { findFreePort } from './embedded-postgres.ts'
import { waitFor } from '../wait-for.ts'

export interface PgBouncer {
  /** The address of a database through PgBouncer. */
  pooledUrl(databaseUrl: string): string
  /** Kills PgBouncer, which breaks all connections through it. */
  kill(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** Debian installs PgBouncer in a folder that is only in the PATH of root. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin`
const isRoot = userInfo().uid === 0
/** The user `nobody`: PgBouncer refuses to run as root. */
const nobody = { uid: 65_534, gid: 65_534 }

/** Returns why a test without PgBouncer is skipped; undefined if PgBouncer is installed. */
export const findMissingPgBouncer = (): string | undefined =>
  spawnSync('pgbouncer', ['--version'], { env: { PATH: path } }).status === 0
    ? undefined
    : 'no PgBouncer here: install it (apt-get install pgbouncer)'

/**
 * Starts PgBouncer on a free port.
 * @param serverUrl the address of the server, as a superuser
 * @param settings further settings for the configuration file of PgBouncer
 */
export async function startPgBouncer(serverUrl: string, settings: Record<string, string | number> = {}): Promise<PgBouncer> {
  const { hostname, port: serverPort, username, password } = new URL(serverUrl)
  const port = await findFreePort()
  const folder = await mkdtemp(join(tmpdir(), 'handoff-pgbouncer-'))
  const file = join(folder, 'pgbouncer.ini')
  const configuration = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    // Fewer sessions than clients, so that clients have to share them.
    default_pool_size: 8,
    max_client_conn: 500,
    // Each test has a database of its own, and idle sessions of earlier tests would use up the server's connections.
    server_idle_timeout: 1,
    ...settings,
  }
  const lines = Object.entries(configuration).map(([name, value]) => `${name} = ${value}`)
  const database = `* = host=${hostname} port=${serverPort} user=${username} password=${password}`
  await writeFile(file, ['[databases]', database, '[pgbouncer]', ...lines, ''].join('\n'))
  if (isRoot) await Promise.all([chmod(folder, 0o755), chmod(file, 0o644)])
  const pooledUrl = (databaseUrl: string): string => Object.assign(new URL(databaseUrl), { hostname: '127.0.0.1', port: String(port) }).href
  let child: ChildProcess | undefined

  async function isUp(): Promise<boolean> {
    const client = new pg.Client({ connectionString: pooledUrl(serverUrl) })
    client.on('error', () => {})
    try {
      await client.connect()
      return true
    } catch {
      if (child?.exitCode !== null) throw new Error('PgBouncer does not start')
      return false
    } finally {
      await client.end().catch(() => {})
    }
  }
  async function start(): Promise<void> {
    child = spawn('pgbouncer', [file], { env: { PATH: path }, stdio: 'ignore', ...(isRoot && nobody) })
    await waitFor(isUp, 'PgBouncer')
  }
  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child?.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
  }
  await start()
  return {
    pooledUrl,
    kill,
    start,
    async remove() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
